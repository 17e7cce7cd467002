"""Fit the weights of what a place says about its members (`monitors/properties/likelihood.py`).

    python -m scripts.fit_members score CASES.jsonl ... --out SCORES.jsonl [--prompt-tokens 768] [--threads 1]
    python -m scripts.fit_members fit SCORES.jsonl ... [--hold-out NAME ...]

Cases are those of `dragoman evaluate completion` with `root` and `path`, in Python, the cursor right behind a
dereference; keep those of a project together. `score` asks the analyser for the members at each and the default model
for the log-probability of each name, the likeliest first, as far as they matter; who interrupts it can go on with the
same command. `fit` is a conditional logit: the weights under which people's choices are likeliest. It says how many of
them come out first in projects that had no part in the fit.
"""

import argparse
import heapq
import json
import math
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsp_server.evaluation.cases import Case, read_completion_cases
from models.backends.model import LanguageModel
from models.backends.session import prefill
from models.catalog import DEFAULT_MODEL
from models.decoding.healing import tokens_to_take_back
from models.decoding.masks.words import ends_word
from models.loading import load_model
from models.prompting.encoding import PromptEncoder
from models.prompting.prompt import Prompt
from monitors.analysis.analyser import Name, Precedent
from monitors.document import Document, View
from monitors.monitor import Trigger
from monitors.properties.dereference import DereferenceMonitor, trusted_members
from monitors.properties.likelihood import WEIGHTS, signs, spot_at
from monitors.properties.python_members import choice_at
from monitors.settings import MonitorSettings
from monitors.supervisor import Supervisor

Floats = NDArray[np.float64]

MOST_PASSES = 40
NO_HOPE = 8.0
"""Names whose beginnings are so many nats below the likeliest name are not followed any further."""
REST = 0.5
"""Nats that each token of the rest of such a name is taken to cost."""
UNSCORED = -20.0
READING_S = 2.0
"""What a project's files take to be read for precedents."""
FOLDS = 6
RIDGE = 3.0
"""Half of it times the square of each weight's distance from none is what a weight has to be worth."""


# --- score ---


class Scorer:
    """Log-probabilities of names after a prefix, with token healing as the decoder does it."""

    def __init__(self, model: LanguageModel, prompt_tokens: int) -> None:
        self._tokenizer = model.tokenizer
        self._encoder = PromptEncoder(model.entry, model.tokenizer)
        self._room = prompt_tokens
        self._session = model.new_session()
        self._bytes = [model.tokenizer.token_bytes(token) for token in range(len(model.tokenizer.vocabulary.order))]
        self._ends = np.array([ends_word(data) for data in self._bytes])

    def read(self, prefix: str) -> None:
        tokens = self._encoder.encode(Prompt(prefix), self._room).tokens
        back = min(tokens_to_take_back(self._tokenizer, tokens), len(tokens) - 1)
        self._prompt: list[int] = tokens[: len(tokens) - back].tolist()
        self.taken = b"".join(self._bytes[token] for token in tokens[len(tokens) - back :].tolist())
        self._rows: dict[tuple[int, ...], Floats] = {}

    def row(self, written: tuple[int, ...]) -> Floats:
        """Log-probabilities of the next token."""
        if written not in self._rows:
            logits, _ = prefill(self._session, np.array([*self._prompt, *written], dtype=np.int64))
            row = logits[-1].astype(np.float64)
            self._rows[written] = row - row.max() - math.log(np.exp(row - row.max()).sum())
        return self._rows[written]

    def word(self) -> str:
        """The word that the model writes when nobody restricts it."""
        written: tuple[int, ...] = ()
        said = b""
        while len(written) < 12:
            left = self.taken[len(said) :]
            row = self.row(written)
            if left:
                fits = [data != b"" and (data.startswith(left) or left.startswith(data)) for data in self._bytes]
                row = np.where(fits, row[: len(fits)], -np.inf)
            token = int(row[: len(self._bytes)].argmax())
            said += self._bytes[token]
            written += (token,)
            if re.fullmatch(rb"\w*", said[len(self.taken) :]) is None or not self._bytes[token]:
                break
        found = re.match(rb"\w*", said[len(self.taken) :])
        return found[0].decode(errors="replace") if found else ""

    def names(self, names: Sequence[str]) -> dict[str, float]:
        """Best first, through the tree of the names' tokens."""
        before = self.taken.decode(errors="replace")
        spelled = {tuple(self._tokenizer.encode(before + name).tolist()): name for name in names}
        following: dict[tuple[int, ...], set[int]] = {}
        for tokens in spelled:
            for length in range(len(tokens)):
                following.setdefault(tokens[:length], set()).add(tokens[length])
        queue: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
        scores: dict[str, float] = {}
        best = -math.inf
        while queue:
            cost, written = heapq.heappop(queue)
            if -cost < best - NO_HOPE or len(self._rows) > MOST_PASSES:
                for tokens, name in spelled.items():
                    if tokens[: len(written)] == written and name not in scores:
                        scores[name] = -cost - REST * (len(tokens) - len(written))
                continue
            row = self.row(written)
            if written in spelled:
                ends = row[: len(self._ends)][self._ends]
                scores[spelled[written]] = -cost + float(ends.max() + math.log(np.exp(ends - ends.max()).sum()))
                best = max(best, scores[spelled[written]])
            for token in following.get(written, ()):
                heapq.heappush(queue, (cost - float(row[token]), (*written, token)))
        return {name: round(score, 3) for name, score in scores.items()}


def score(cases: Sequence[Case], scorer: Scorer, out: Path, analyser: str) -> None:
    done = {row["id"] for row in _lines(out)} if out.exists() else set[str]()
    settings = MonitorSettings(("dereference",), budget_ms=15_000, analysers={"python": analyser})
    with out.open("a", encoding="utf-8") as kept:
        for root, some in groupby(cases, lambda case: str(case.root)):
            todo = [case for case in some if case.id not in done]
            with Supervisor(Path(root), settings) as supervisor:
                if todo:
                    supervisor.warm(_document(todo[0]))
                    time.sleep(READING_S)
                for number, case in enumerate(todo):
                    kept.write(json.dumps(_score_one(case, scorer, supervisor)) + "\n")
                    kept.flush()
                    sys.stderr.write(f"\r{Path(root).name} {number + 1} ")


def _score_one(case: Case, scorer: Scorer, supervisor: Supervisor) -> dict[str, Any]:
    document = _document(case)
    view = View(document, "", case.prefix.rfind("\n") + 1)
    scorer.read(case.prefix)
    row: dict[str, Any] = {"id": case.id, "project": Path(str(case.root)).name, "path": document.path}
    row |= {"prefix": case.prefix, "suffix": case.suffix, "word": scorer.word()}
    row["right"] = _word(case.expected)
    trigger = next((t for t in DereferenceMonitor().pre(view) if t.start == len(case.prefix)), None)
    if trigger is None:
        return row | {"reason": "an assignment may make the member"}
    return row | _members(view, trigger, row["word"], scorer, supervisor)


def _document(case: Case) -> Document:
    return Document(str(Path(str(case.root), str(case.path))), "python", case.prefix, case.suffix)


def _members(view: View, trigger: Trigger, word: str, scorer: Scorer, supervisor: Supervisor) -> dict[str, Any]:
    found = supervisor.enquirer(time.monotonic() + 15).complete(view.place(trigger.start))
    answer, spot, members = choice_at(view, trigger, found, trusted_members("python", found))
    binding = answer.trusted and trigger.settled
    if not binding and word and word not in {member.name for member in members}:
        members.append(Name(word))
    scores = scorer.names([member.name for member in members])
    return {
        "reason": answer.reason,
        "binding": binding,
        "members": [[m.name, m.kind, m.detail, scores.get(m.name, UNSCORED)] for m in members],
        "choices": spot.choices,
        "missing": sorted(spot.missing),
        "precedents": [[p.name, p.by_words, p.by_line] for p in found.precedents],
    }


# --- fit ---


@dataclass(frozen=True)
class Choice:
    """One place: what could be written, and what was."""

    project: str
    evidence: Floats
    """The model's log-probability and the strength of each sign, shape (members, 1 + signs)."""
    right: int
    """Which member stands there."""
    free: bool
    """The model writes that one without being told."""
    binding: bool
    """Nothing else may be written."""


def read_choice(row: Mapping[str, Any]) -> Choice | None:
    """None where nothing was said of any name, or nothing of what stands there."""
    names = [name for name, *_ in row.get("members", ())]
    if row["right"] not in names:
        return None
    view = View(Document(row["path"], "python", row["prefix"], row["suffix"]))
    precedents = [Precedent(*precedent) for precedent in row["precedents"]]
    spot = spot_at(view, len(row["prefix"]) - 1, row["choices"], frozenset(row["missing"]), precedents)
    columns = {sign: column for column, sign in enumerate(WEIGHTS, start=1)}
    evidence = np.zeros((len(names), 1 + len(WEIGHTS)))
    for place, (name, kind, detail, logprob) in enumerate(row["members"]):
        evidence[place, 0] = logprob
        for sign, strength in signs(spot, Name(name, kind, detail)):
            evidence[place, columns[sign]] = strength
    return Choice(row["project"], evidence, names.index(row["right"]), row["word"] == row["right"], row["binding"])


def fit(choices: Sequence[Choice]) -> Floats:
    """Coefficients of the model's log-probability and of each sign, by Newton's method."""
    prior = np.zeros(1 + len(WEIGHTS))
    prior[0] = 1.0
    at = prior.copy()
    loss, slope, curve = loss_of(choices, at, prior)
    for _ in range(30):
        step = np.linalg.solve(curve, slope)
        length = 1.0
        while (trial := loss_of(choices, at - length * step, prior))[0] > loss and length > 1e-4:
            length /= 2
        at = at - length * step
        loss, slope, curve = trial
        if np.abs(length * step).max() < 1e-4:
            break
    return at


def loss_of(choices: Sequence[Choice], at: Floats, prior: Floats) -> tuple[float, Floats, Floats]:
    """The negative log-likelihood with its gradient and Hessian."""
    loss = RIDGE / 2 * float(((at - prior) ** 2).sum())
    slope = RIDGE * (at - prior)
    curve = RIDGE * np.eye(len(at))
    for choice in choices:
        worth = choice.evidence @ at
        worth -= worth.max()
        odds = np.exp(worth)
        share = odds / odds.sum()
        mean = share @ choice.evidence
        loss -= float(worth[choice.right]) - math.log(odds.sum())
        slope = slope + mean - choice.evidence[choice.right]
        curve = curve + (choice.evidence * share[:, None]).T @ choice.evidence - np.outer(mean, mean)
    return loss, slope, curve


def first(choices: Sequence[Choice], at: Floats) -> int:
    """How often what stands there comes out first."""
    return sum(int((choice.evidence @ at).argmax()) == choice.right for choice in choices)


def report(rows: Sequence[Mapping[str, Any]], held_out: Sequence[str]) -> str:
    read = [(row, read_choice(row)) for row in rows]
    kept = [choice for _, choice in read if choice is not None]
    lost = sum(row["word"] == row["right"] for row, choice in read if choice is None)
    learnt = [choice for choice in kept if choice.project not in held_out]
    others = [choice for choice in kept if choice.project in held_out]
    alone = np.eye(1 + len(WEIGHTS))[0]
    shipped = np.array([1.0, *WEIGHTS.values()])
    fold = {project: place % FOLDS for place, project in enumerate(sorted({choice.project for choice in learnt}))}
    crossed = 0
    for number in range(FOLDS):
        at = fit([choice for choice in learnt if fold[choice.project] != number])
        crossed += first([choice for choice in learnt if fold[choice.project] == number], at)
    at = fit(learnt)
    weights = {sign: round(float(value / at[0]), 1) for sign, value in zip(WEIGHTS, at[1:], strict=True)}
    lines = [
        f"{len(rows)} cases; {len(rows) - len(kept)} where nothing is said of what stands there, {lost} right there"
    ]
    for name, choices, unseen in (("fitted", learnt, crossed), ("held out", others, first(others, at))):
        if not choices:
            continue
        for binding in (True, False):
            some = [choice for choice in choices if choice.binding == binding]
            lines.append(
                f"{name}, {'binding' if binding else 'advice'}: {len(some)} places; first without monitors "
                f"{sum(c.free for c in some)}, by the model among names {first(some, alone)}, as shipped "
                f"{first(some, shipped)}"
            )
        lines.append(
            f"{name}: {len(choices)}, weights of other projects {unseen}, as shipped {first(choices, shipped)}"
        )
    return "\n".join([*lines, *(f"    {json.dumps(sign)}: {weight}," for sign, weight in weights.items())])


def _word(text: str) -> str:
    found = re.match(r"\w*", text)
    return found[0] if found else ""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    scoring = verbs.add_parser("score")
    scoring.add_argument("cases", type=Path, nargs="+")
    scoring.add_argument("--out", type=Path, required=True)
    scoring.add_argument("--analyser", default="ty")
    scoring.add_argument("--prompt-tokens", type=int, default=768)
    scoring.add_argument("--threads", type=int)
    scoring.add_argument("--limit", type=int, help="cases of each file")
    scoring.set_defaults(run=_score)
    fitting = verbs.add_parser("fit")
    fitting.add_argument("scores", type=Path, nargs="+")
    fitting.add_argument("--hold-out", nargs="*", default=[], metavar="PROJECT")
    fitting.set_defaults(run=_fit)
    args = parser.parse_args()
    run: Callable[[argparse.Namespace], None] = args.run
    run(args)


def _score(args: argparse.Namespace) -> None:
    cases = [case for path in args.cases for case in read_completion_cases(path)[: args.limit]]
    scorer = Scorer(load_model(DEFAULT_MODEL, threads=args.threads), args.prompt_tokens)
    score(cases, scorer, args.out, args.analyser)


def _fit(args: argparse.Namespace) -> None:
    sys.stdout.write(report([row for path in args.scores for row in _lines(path)], args.hold_out) + "\n")


if __name__ == "__main__":
    main()
