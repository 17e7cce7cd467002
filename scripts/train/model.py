"""A Llama-architecture decoder in plain PyTorch: the shape of the default model, trainable.

Knows tensors only. Sequences of several documents are packed into one row; a token sees what stands before it in its
own document and nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody reads
from torch import Tensor, nn
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention
from torch.utils.checkpoint import checkpoint


@dataclass(frozen=True)
class Shape:
    """Sizes of a decoder; the defaults are SmolLM2-135M's."""

    layers: int = 30
    width: int = 576
    heads: int = 9
    kv_heads: int = 3
    head_size: int = 64
    hidden: int = 1536
    vocabulary: int = 49152
    context: int = 8192
    rope_base: float = 100_000.0
    epsilon: float = 1e-5


class Packing:
    """Which positions of packed rows may see which, and where in its document each token stands."""

    def __init__(self, documents: Tensor) -> None:
        """`documents`: (batch, length) int, equal numbers for tokens of one document, rising along the row."""
        batch, length = documents.shape
        index = torch.arange(length, device=documents.device).expand(batch, length)
        starts = torch.ones_like(documents, dtype=torch.bool)
        starts[:, 1:] = documents[:, 1:] != documents[:, :-1]
        self.positions = index - torch.cummax(torch.where(starts, index, 0), dim=1).values  # (B, T)
        self.block_mask: BlockMask | None = None
        self.mask: Tensor | None = None
        if documents.is_cuda:

            def visible(b: Tensor, _head: Tensor, q: Tensor, k: Tensor) -> Tensor:
                return (q >= k) & (documents[b, q] == documents[b, k])

            self.block_mask = create_block_mask(visible, batch, None, length, length, device=documents.device)
        else:  # the slow, plain version: a dense mask (B, 1, T, T)
            causal = torch.ones(length, length, dtype=torch.bool, device=documents.device).tril()
            self.mask = (documents[:, :, None] == documents[:, None, :])[:, None] & causal

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attention within documents: q (B, H, T, D), k and v (B, KV, T, D) -> (B, H, T, D)."""
        if self.block_mask is not None:
            return flex_attention(q, k, v, block_mask=self.block_mask, enable_gqa=True)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask, enable_gqa=True)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding (Su et al. 2021), halves convention: x (B, H, T, D), cos and sin (B, 1, T, D/2)."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.q = nn.Linear(shape.width, shape.heads * shape.head_size, bias=False)
        self.k = nn.Linear(shape.width, shape.kv_heads * shape.head_size, bias=False)
        self.v = nn.Linear(shape.width, shape.kv_heads * shape.head_size, bias=False)
        self.o = nn.Linear(shape.heads * shape.head_size, shape.width, bias=False)

    def forward(self, x: Tensor, packing: Packing, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = x.shape
        size = self.shape.head_size
        q = self.q(x).view(batch, length, -1, size).transpose(1, 2)  # (B, H, T, D)
        k = self.k(x).view(batch, length, -1, size).transpose(1, 2)  # (B, KV, T, D)
        v = self.v(x).view(batch, length, -1, size).transpose(1, 2)
        y = packing.attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        return self.o(y.transpose(1, 2).reshape(batch, length, -1))


class FeedForward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.attention = Attention(shape)
        self.ffn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.ffn = FeedForward(shape)

    def forward(self, x: Tensor, packing: Packing, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x), packing, cos, sin)
        return x + self.ffn(self.ffn_norm(x))


class Decoder(nn.Module):
    """Token embedding, layers, and an output layer tied to the embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        nn.init.normal_(self.embedding.weight, std=shape.width**-0.5)

    def hidden(self, tokens: Tensor, packing: Packing) -> Tensor:
        """tokens (B, T) -> the last layer's normalised output (B, T, width)."""
        half = self.shape.head_size // 2
        frequencies = self.shape.rope_base ** (-torch.arange(half, device=tokens.device) / half)  # (D/2,)
        angles = packing.positions[:, None, :, None] * frequencies  # (B, 1, T, D/2)
        x = self.embedding(tokens)
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        for layer in self.layers:
            x = layer(x, packing, cos, sin)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """hidden (..., width) -> (..., vocabulary)."""
        return F.linear(hidden, self.embedding.weight)

    def loss(
        self,
        tokens: Tensor,
        targets: Tensor,
        packing: Packing,
        run: Callable[[Tensor, Packing], Tensor] | None = None,
        chunk: int = 8192,
    ) -> Tensor:
        """Mean cross-entropy over targets that are not negative; `run` is a compiled `hidden`.

        The logits of a batch would be the largest tensor by far, so they are made and dropped `chunk` tokens at a time.
        """
        hidden = (run or self.hidden)(tokens, packing).flatten(0, 1)  # (B*T, width)
        flat = targets.flatten()
        pieces = zip(hidden.split(chunk), flat.split(chunk), strict=True)
        total = sum(
            (checkpoint(self._loss_of, h, t, use_reentrant=False) for h, t in pieces),
            start=torch.zeros((), device=tokens.device),
        )
        return total / (flat >= 0).sum().clamp(min=1)

    def _loss_of(self, hidden: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(self.logits(hidden).float(), targets, ignore_index=-1, reduction="sum")

    def parameter_groups(self, weight_decay: float) -> Iterator[dict[str, object]]:
        """Matrices decay, gains do not."""
        yield {"params": [p for p in self.parameters() if p.dim() > 1], "weight_decay": weight_decay}
        yield {"params": [p for p in self.parameters() if p.dim() <= 1], "weight_decay": 0.0}
