"""The ray engine: the requests as a Ray Data set, and one actor for each copy of the model.

On a laptop Ray starts by itself and stops with us; with `RAY_ADDRESS` set the same command runs on that cluster, whose
nodes have Dragoman installed.
"""

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import import_module
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.scoring import Json
from lsp_server.replay.answering import Answered, Answerer, Plan

BLOCK = 8
"""Requests that travel together; as many answers are lost at most when a node dies, and Ray asks for them again."""


class Actor:
    """What Ray starts once for each copy of the model, and gives batches of requests."""

    def __init__(self, plan: Plan) -> None:
        self._answerer = Answerer(plan)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        return {
            "place": list(batch["place"]),
            "answer": [_packed(self._answerer.answer(Case(**_unpacked(text)))) for text in batch["case"]],
        }


def answer_on_ray(cases: Iterable[Case], plan: Plan) -> Iterator[Answered]:
    """Answers as they come. Raises `UserError` without Ray, or where it cannot start or do the work."""
    chosen = list(cases)
    if not chosen:
        return
    ray = import_ray()
    started_here = not ray.is_initialized()
    try:
        if started_here:
            _start(ray, plan)
        rows = [{"place": place, "case": _packed(asdict(case))} for place, case in enumerate(chosen)]
        blocks = max(1, -(-len(rows) // BLOCK))
        dataset = ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
            Actor,
            fn_constructor_args=(plan,),
            compute=ray.data.ActorPoolStrategy(size=plan.workers),
            batch_size=BLOCK,
            batch_format="numpy",
            num_cpus=plan.settings.model.threads,
            num_gpus=plan.gpus_per_worker or None,
        )
        for row in dataset.iter_rows():
            yield chosen[row["place"]], _unpacked(row["answer"])
    except ray.exceptions.RayError as error:
        cause = str(error).strip().splitlines()[-1]
        raise UserError(f"Ray gave up: {cause}", "The same command goes on where this one ended.") from error
    finally:
        if started_here:
            ray.shutdown()


def import_ray() -> Any:
    """Ray with the parts that we use. Raises `UserError` where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine unasked
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        ray = import_module("ray")
        for part in ("ray.data", "ray.exceptions"):
            import_module(part)
    except ImportError as error:
        hint = "Install it with `pip install 'dragoman[ray]'`, or take --engine local."
        raise UserError("Ray is not installed.", hint) from error
    return ray


def _start(ray: Any, plan: Plan) -> None:
    """Join the cluster of `RAY_ADDRESS`, or start one here that is as large as the plan needs."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if os.environ.get("RAY_ADDRESS"):
            ray.init(**quiet)
        else:
            cpus = max(os.cpu_count() or 1, plan.workers * (plan.settings.model.threads))
            ray.init(num_cpus=cpus, include_dashboard=False, **quiet)
    except Exception as error:
        hint = "Is RAY_ADDRESS right? Without it, Ray starts on this machine."
        raise UserError(f"Ray cannot start: {error}", hint) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def _packed(value: Json) -> str:
    import json

    return json.dumps(value)


def _unpacked(text: str) -> Json:
    import json

    return json.loads(text)
