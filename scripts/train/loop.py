"""The training loop: resumable, in steps of a given number of minutes.

    python -m scripts.train.loop --shards SHARDS --start model.gguf --out RUN --tokens 400_000_000 --minutes 9

Call it again with the same arguments to go on; it ends by itself when the tokens are spent. `RUN/log.jsonl` has one
line a logged step, `RUN/checkpoint.json` and its safetensors files the newest state.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from scripts.train import weights
from scripts.train.model import Decoder, Packing, Shape
from scripts.train.packing import IGNORED
from scripts.train.probe import Probe


@dataclass(frozen=True)
class Schedule:
    """Warmup, stable, decay (Hu et al. 2024, *MiniCPM*): the decay can be taken from any point of the stable part."""

    steps: int
    peak: float
    warmup: float = 0.02
    decay: float = 0.25
    floor: float = 0.02

    def rate(self, step: int) -> float:
        """Learning rate of step `step`, counted from 0."""
        warm = max(1, round(self.steps * self.warmup))
        falling = max(1, round(self.steps * self.decay))
        if step < warm:
            return self.peak * (step + 1) / warm
        left = self.steps - step
        if left <= falling:
            return self.peak * (self.floor + (1 - self.floor) * (1 - math.sqrt(1 - left / falling)))
        return self.peak


@dataclass
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Settings:
    shards: Path
    out: Path
    tokens: int
    minutes: float
    batch_tokens: int
    micro_rows: int
    peak: float
    weight_decay: float
    seed: int
    log_every: int
    probe_every: int
    checkpoint_every_s: float
    compile: bool


class Rows:
    """All rows of all shards in one fixed random order, shards mapped one after another."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.paths = sorted(folder.glob("shard-*.npz"))
        if not self.paths:
            raise SystemExit(f"no shards in {folder}: run scripts.train.shards first")
        with np.load(self.paths[0]) as first:
            self.length = int(first["tokens"].shape[1])
        self._seed = seed

    def batches(self, rows: int, skip: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Endless (tokens, targets, documents), each (rows, length); the first `skip` batches are passed over."""
        epoch, number = 0, 0
        while True:
            rng = np.random.default_rng(self._seed + epoch)
            for index in rng.permutation(len(self.paths)):
                with np.load(self.paths[index]) as shard:
                    count = len(shard["tokens"]) // rows
                    if number + count <= skip:
                        number += count
                        continue
                    arrays = [shard[name] for name in ("tokens", "targets", "documents")]
                order = rng.permutation(count * rows).reshape(count, rows)
                for chosen in order:
                    number += 1
                    if number > skip:
                        tokens, targets, documents = (array[chosen].astype(np.int64) for array in arrays)
                        targets[targets == IGNORED] = -1
                        yield torch.from_numpy(tokens), torch.from_numpy(targets), torch.from_numpy(documents)
            epoch += 1


class Trainer:
    """A model, its optimiser, and the state of the run."""

    def __init__(self, model: Decoder, settings: Settings, device: torch.device) -> None:
        self.settings = settings
        self.device = device
        self.model = model.to(device)
        self.rows = Rows(settings.shards, settings.seed)
        self.micro = settings.micro_rows
        self.accumulate = max(1, settings.batch_tokens // (self.micro * self.rows.length))
        self.schedule = Schedule(
            max(1, settings.tokens // (self.accumulate * self.micro * self.rows.length)), settings.peak
        )
        self.optimiser = torch.optim.AdamW(
            list(model.parameter_groups(settings.weight_decay)),
            lr=settings.peak,
            betas=(0.9, 0.95),
            fused=device.type == "cuda",
        )
        self.progress = Progress()
        self.hidden = torch.compile(model.hidden, dynamic=False) if settings.compile else model.hidden

    def run(self, probe: Probe | None) -> None:
        """Train until the tokens or the minutes are spent; the last state is saved either way."""
        settings, began = self.settings, time.monotonic()
        saved = began
        batches = self.rows.batches(self.micro, skip=self.progress.step * self.accumulate)
        while self.progress.step < self.schedule.steps and time.monotonic() - began < settings.minutes * 60:
            start = time.monotonic()
            loss, norm = self.step(batches)
            self.progress.seconds += time.monotonic() - start
            step = self.progress.step
            if step % settings.log_every == 0 or step == self.schedule.steps:
                tokens = self.accumulate * self.micro * self.rows.length
                rate = tokens / (time.monotonic() - start)
                self.log({"step": step, "loss": round(loss, 4), "norm": round(norm, 3), "tokens_per_s": round(rate)})
            if probe is not None and (step % settings.probe_every == 0 or step == self.schedule.steps):
                self.log({"step": step, "heldout_exact_match": round(probe.exact_match(self.model, self.device), 2)})
            if time.monotonic() - saved > settings.checkpoint_every_s:
                self.save()
                saved = time.monotonic()
        self.save()

    def step(self, batches: Iterator[tuple[Tensor, Tensor, Tensor]]) -> tuple[float, float]:
        """One update; returns the mean loss and the gradient's norm before clipping."""
        rate = self.schedule.rate(self.progress.step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        total = torch.zeros((), device=self.device)
        for _ in range(self.accumulate):
            tokens, targets, documents = (t.to(self.device, non_blocking=True) for t in next(batches))
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                loss = self.model.loss(tokens, targets, Packing(documents), self.hidden) / self.accumulate
            loss.backward()
            total += loss.detach()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.progress.step += 1
        return float(total), float(norm)

    def log(self, event: dict[str, float]) -> None:
        line = json.dumps(
            {**event, "lr": self.optimiser.param_groups[0]["lr"], "seconds": round(self.progress.seconds)}
        )
        with (self.settings.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)  # noqa: T201

    def save(self) -> None:
        """Weights, moments and progress under new names, then the pointer to them, then the old ones go."""
        out, step = self.settings.out, self.progress.step
        weights.save(self.model, out / f"weights-{step}.safetensors")
        moments: dict[str, Tensor] = {}
        names = {parameter: name for name, parameter in self.model.named_parameters()}
        for parameter, state in self.optimiser.state.items():
            for key in ("exp_avg", "exp_avg_sq", "step"):
                moments[f"{names[parameter]}/{key}"] = torch.as_tensor(state[key]).contiguous()
        save_file(moments, out / f"moments-{step}.safetensors")
        pointer = out / "checkpoint.partial"
        pointer.write_text(json.dumps(asdict(self.progress)), encoding="utf-8")
        pointer.replace(out / "checkpoint.json")
        for path in [*out.glob("weights-*.safetensors"), *out.glob("moments-*.safetensors")]:
            if not path.stem.endswith(f"-{step}"):
                path.unlink()

    def resume(self) -> bool:
        """Go on from the newest checkpoint of this run, if there is one."""
        out = self.settings.out
        if not (out / "checkpoint.json").exists():
            return False
        self.progress = Progress(**json.loads((out / "checkpoint.json").read_text(encoding="utf-8")))
        weights.load(self.model, out / f"weights-{self.progress.step}.safetensors")
        moments = load_file(out / f"moments-{self.progress.step}.safetensors", device=str(self.device))
        for name, parameter in self.model.named_parameters():
            if f"{name}/exp_avg" in moments:
                self.optimiser.state[parameter] = {
                    "exp_avg": moments[f"{name}/exp_avg"],
                    "exp_avg_sq": moments[f"{name}/exp_avg_sq"],
                    "step": moments[f"{name}/step"].float(),
                }
        return True


def newest_weights(run: Path) -> Path:
    """The weights that a run's checkpoint points to."""
    step = json.loads((run / "checkpoint.json").read_text(encoding="utf-8"))["step"]
    return run / f"weights-{step}.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(description="Train, or go on training.")
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="GGUF whose weights to start from; without it, random weights")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=int, default=400_000_000)
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--batch-tokens", type=int, default=262_144)
    parser.add_argument("--micro-rows", type=int, default=16)
    parser.add_argument("--peak", type=float, default=8e-4, help="peak learning rate")
    parser.add_argument("--weight-decay", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log-every", type=int, default=10)
    parser.add_argument("--probe-every", type=int, default=250)
    parser.add_argument("--checkpoint-every", type=float, default=120.0, help="seconds")
    parser.add_argument(
        "--tokenizer", type=Path, help="tokenizer.json; with it, exact match on held-out lines is logged"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--no-compile", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    torch.set_float32_matmul_precision("high")
    device = torch.device(arguments.device)
    settings = Settings(
        shards=arguments.shards,
        out=arguments.out,
        tokens=arguments.tokens,
        minutes=arguments.minutes,
        batch_tokens=arguments.batch_tokens,
        micro_rows=arguments.micro_rows,
        peak=arguments.peak,
        weight_decay=arguments.weight_decay,
        seed=arguments.seed,
        log_every=arguments.log_every,
        probe_every=arguments.probe_every,
        checkpoint_every_s=arguments.checkpoint_every,
        compile=device.type == "cuda" and not arguments.no_compile,
    )
    model = weights.from_gguf(arguments.start) if arguments.start else Decoder(Shape())
    trainer = Trainer(model, settings, device)
    trainer.resume()
    heldout = arguments.shards / "heldout.jsonl"
    probe = Probe(heldout, arguments.tokenizer) if arguments.tokenizer and heldout.exists() else None
    trainer.run(probe)


if __name__ == "__main__":
    main()
