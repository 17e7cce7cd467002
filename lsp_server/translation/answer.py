"""A translation as plain JSON: what the command prints and what an editor is answered."""

from typing import Any

from lsp_server.languages import Language
from lsp_server.translation.task import Translation, UnitTranslation
from lsp_server.verification import FAULTS, Verdict


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "status": verdict.status,
        "evidence": verdict.evidence,
        "stage": verdict.stage,
        "fault": verdict.fault,
        "faultDescription": FAULTS.get(verdict.fault, ""),
        "messages": verdict.messages,
        "hint": verdict.hint,
        "testOrigin": verdict.test_origin,
        "testsRun": verdict.tests_run,
        "testsAgreed": verdict.tests_agreed,
        "inputsTried": verdict.inputs_tried,
        "inputsAgreed": verdict.inputs_agreed,
    }


def unit_json(unit: UnitTranslation) -> dict[str, Any]:
    return {
        "name": unit.unit.name,
        "kind": unit.unit.kind,
        "origin": unit.origin,
        "text": unit.text,
        "verdict": verdict_json(unit.verdict),
        "attempts": [
            {
                "origin": attempt.origin,
                "round": attempt.round,
                "status": attempt.verdict.status,
                "evidence": attempt.verdict.evidence,
                "fault": attempt.verdict.fault,
            }
            for attempt in unit.attempts
        ],
    }


def translation_json(answer: Translation, source: Language, target: Language) -> dict[str, Any]:
    return {
        "text": answer.text,
        "sourceLanguage": source.id,
        "targetLanguage": target.id,
        "verdict": verdict_json(answer.verdict),
        "origin": answer.origin,
        "model": answer.model,
        "candidates": answer.candidates,
        "rounds": answer.rounds,
        "warnings": list(answer.warnings),
        "units": [unit_json(unit) for unit in answer.units],
        "milliseconds": round(answer.milliseconds, 1),
    }
