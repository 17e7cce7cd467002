"""Exact match on held-out single lines while the model trains: greedy, whole batches, no cache, a few seconds on a
GPU."""

import json
from pathlib import Path

import torch

from models.prompting.layout import arrange
from models.prompting.prompt import Prompt
from scripts.train.entry import training_entry
from scripts.train.model import Decoder, Packing
from scripts.train.vocabulary import TrainingTokenizer

CHARACTERS = 1500
"""Of prefix, and a third as many of suffix."""
NEW_TOKENS = 32


class Probe:
    """A fixed set of lines to complete."""

    def __init__(self, cases: Path, tokenizer: Path, most: int = 192) -> None:
        self.tokenizer = TrainingTokenizer(tokenizer)
        entry = training_entry()
        self.cases: list[tuple[list[int], str]] = []
        with cases.open(encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        for record in records[:: max(1, len(records) // most)]:
            prompt = Prompt(record["prefix"][-CHARACTERS:], record["suffix"][: CHARACTERS // 3], record["path"])
            ids: list[int] = []
            for piece in arrange(prompt, entry):
                encode = self.tokenizer.special if piece.special else self.tokenizer.encode
                ids += encode(piece.content)
            self.cases.append((ids, record["expected"].strip()))

    @torch.inference_mode()
    def exact_match(self, model: Decoder, device: torch.device, batch: int = 32) -> float:
        """Percent of the lines that are continued exactly, blanks at the ends aside.

        Prompts of a batch are aligned at their ends by padding on the left with documents of their own.
        """
        hits = 0
        for start in range(0, len(self.cases), batch):
            chosen = self.cases[start : start + batch]
            longest = max(len(ids) for ids, _ in chosen)
            tokens = torch.zeros(len(chosen), longest, dtype=torch.long)
            documents = torch.zeros_like(tokens)
            for row, (ids, _) in enumerate(chosen):
                tokens[row, longest - len(ids) :] = torch.tensor(ids)
                documents[row, longest - len(ids) :] = 1
            tokens, documents = tokens.to(device), documents.to(device)
            for _ in range(NEW_TOKENS):
                with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                    hidden = model.hidden(tokens, Packing(documents))
                    chosen_next = model.logits(hidden[:, -1]).argmax(-1, keepdim=True)
                tokens = torch.cat([tokens, chosen_next], dim=1)
                documents = torch.cat([documents, torch.ones_like(chosen_next)], dim=1)
            for row, (_, expected) in enumerate(chosen):
                text = self.tokenizer.decode(tokens[row, longest:].tolist()).partition("<|endoftext|>")[0]
                hits += text.strip("\n").partition("\n")[0].strip() == expected
        return 100 * hits / max(1, len(self.cases))
