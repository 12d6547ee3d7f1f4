"""TabTransformer: a row of a table as tokens that attend to each other, joined with the plain numbers.

Huang et al. 2020, arXiv 2012.06678: a token for each categorical column, made of a part that tells the
column and a part that tells the value, goes through a Transformer; the continuous columns are
layer-normalised and join the contextual tokens before a multilayer perceptron. Nonet adds tokens for
continuous columns cut at their quantiles, normalises before each sublayer in place of after it, and takes
a perceptron of fixed width, as a few hundred rows do not carry one that grows with the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

__all__ = ["Columns", "NetworkShape", "TabTransformerNetwork"]

_COLUMN_SHARE = 8
"""A column's own part is this share of a token (appendix A of the paper: an eighth)."""
_START = 0.1
"""Standard deviation of the parts of a token before training."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The kinds of the columns of a table, from training rows.

    Attributes
    ----------
    continuous
        Places of the continuous columns.
    levels
        The values of each categorical column, by its place.
    edges
        Ascending quantiles ``[B]`` of the continuous columns that become tokens too, by their place.
    """

    continuous: tuple[int, ...]
    levels: dict[int, tuple[float, ...]]
    edges: dict[int, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Size of a network: width of a token, heads, Transformer layers, perceptron, and share of dropped units."""

    width: int
    heads: int
    depth: int
    hidden: tuple[int, ...]
    dropout: float


class TabTransformerNetwork(nn.Module):
    """Logits of ``classes`` classes from the rows of a table.

    Parameters
    ----------
    columns
        What the columns are. Without categorical or binned columns there is nothing to attend to,
        and the network is the perceptron on layer-normalised numbers.
    classes
        How many logits.
    shape
        How large.
    """

    continuous: Tensor

    def __init__(self, columns: Columns, classes: int, shape: NetworkShape) -> None:
        super().__init__()
        self.register_buffer("continuous", torch.tensor(columns.continuous, dtype=torch.long))
        own = max(1, shape.width // _COLUMN_SHARE)
        self.words = nn.ModuleList(
            _WordToken(place, levels, shape.width, own) for place, levels in columns.levels.items()
        )
        self.bins = _BinTokens(columns.edges, shape.width, own) if columns.edges else None
        self.layers = nn.Sequential(*(_Layer(shape) for _ in range(shape.depth)))
        self.norm = nn.LayerNorm(len(columns.continuous)) if columns.continuous else nn.Identity()
        tokens = len(columns.levels) + len(columns.edges)
        self.perceptron = _perceptron(tokens * shape.width + len(columns.continuous), classes, shape)

    def forward(self, rows: Tensor) -> Tensor:
        """Logits ``[N, classes]`` of rows ``[N, D]``."""
        parts = [self.norm(rows[:, self.continuous])]
        if len(self.words) or self.bins is not None:
            parts.insert(0, self.layers(self._tokens(rows)).flatten(1))
        logits: Tensor = self.perceptron(torch.cat(parts, 1))
        return logits

    def _tokens(self, rows: Tensor) -> Tensor:
        """``[N, T, width]``."""
        tokens = [word(rows)[:, None] for word in self.words]
        if self.bins is not None:
            tokens.append(self.bins(rows))
        return torch.cat(tokens, 1)


class _WordToken(nn.Module):
    """The token of a categorical column; a value that training did not see is the mean of those it saw."""

    levels: Tensor

    def __init__(self, place: int, levels: tuple[float, ...], width: int, own: int) -> None:
        super().__init__()
        self.place = place
        self.register_buffer("levels", torch.tensor(levels))
        self.column = nn.Parameter(torch.randn(own) * _START)
        self.value = nn.Parameter(torch.randn(len(levels), width - own) * _START)

    def forward(self, rows: Tensor) -> Tensor:
        is_level = (rows[:, self.place, None] == self.levels).to(rows.dtype)
        unseen = 1 - is_level.sum(1, keepdim=True)
        value = is_level @ self.value + unseen * self.value.mean(0)
        return torch.cat([self.column.expand(rows.shape[0], -1), value], 1)


class _BinTokens(nn.Module):
    """The tokens of binned columns: the vector of a bin is that of the bin below it and a step."""

    places: Tensor
    edges: Tensor

    def __init__(self, edges: dict[int, tuple[float, ...]], width: int, own: int) -> None:
        super().__init__()
        self.register_buffer("places", torch.tensor(list(edges), dtype=torch.long))
        self.register_buffer("edges", torch.tensor(list(edges.values())))
        self.column = nn.Parameter(torch.randn(len(edges), own) * _START)
        self.lowest = nn.Parameter(torch.randn(len(edges), width - own) * _START)
        self.steps = nn.Parameter(torch.randn(*self.edges.shape, width - own) * _START)

    def forward(self, rows: Tensor) -> Tensor:
        above = (rows[:, self.places, None] > self.edges).to(rows.dtype)
        value = self.lowest + torch.einsum("ncb,cbw->ncw", above, self.steps)
        return torch.cat([self.column.expand(rows.shape[0], -1, -1), value], 2)


class _Layer(nn.Module):
    """Self-attention among tokens, then a network of two layers at each, both around a shortcut."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.before = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)
        self.each = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.drop(self._attend(self.before(tokens)))
        made: Tensor = tokens + self.drop(self.each(tokens))
        return made

    def _attend(self, tokens: Tensor) -> Tensor:
        _, count, width = tokens.shape
        split = self.project(tokens).reshape(-1, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = split[0], split[1], split[2]
        weights = (query @ key.transpose(2, 3) * (width // self.heads) ** -0.5).softmax(-1)
        made: Tensor = self.leave((weights @ value).transpose(1, 2).reshape(-1, count, width))
        return made


def _perceptron(inputs: int, classes: int, shape: NetworkShape) -> nn.Sequential:
    layers: list[nn.Module] = []
    for outputs in shape.hidden:
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(shape.dropout)]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, classes))
