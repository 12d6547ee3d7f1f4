"""The shape prior: where the nine structures may lie relative to each other, and how far out a box lies.

Only centres are modelled, never sizes: a structure that disease has made large or small lies where
it belongs, and must not count as misplaced.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter, ValidationError

from nonet.anatomy import STRUCTURES, Structure
from nonet.detect.head_alignment import Alignment, align, blocks, nuisance
from nonet.detect.head_frame import HeadPose
from nonet.errors import BundleError
from nonet.reading import Face

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OUTLIER_SHARE", "SHAPE_PRIOR_FILE", "PriorFit", "ShapePrior", "centres"]

SHAPE_PRIOR_FILE = "arrangement.json"
"""The file of a bundle that holds its shape prior."""

OUTLIER_SHARE = 0.005
"""A structure is an outlier where fewer than one in 200 boxed frames has it that far out."""

FEWEST = 3
"""With fewer structures in view the prior says nothing."""

_DIMENSIONS = 2 * len(STRUCTURES)
_ROLL_WEIGHTS = np.array([0.3 if structure is Structure.NUCHAL_TRANSLUCENCY else 1.0 for structure in STRUCTURES])
"""How much each structure says of the head's roll: the neck goes with the body as well."""
_CERTAIN = np.log(99.0)
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PriorFit:
    """How the boxes of a frame fit the shape prior.

    Attributes
    ----------
    face
        The side that is at least 99 times likelier than the other, else None.
    tail_share
        ``float64[9, K]``: the share of boxed frames in which the structure lies at least as far out as at
        each of its places, given the others; 1 where nothing can be said.
    """

    face: Face | None
    tail_share: NDArray[np.float64]


@dataclass(frozen=True)
class ShapePrior:
    """A Student distribution over nine centres, whatever the frame's zoom, shift and mirror.

    Parameters
    ----------
    mean
        ``float64[18]``: x and y of each structure's centre in head units, the face to the left.
    covariance
        ``float64[18, 18]``: the scale matrix about it, positive definite.
    freedom
        Degrees of freedom: the smaller, the heavier the tails.
    exponent
        A tail probability to this power is the share of frames left out of the fit.
    weight
        How strongly a place in the tail lowers a score; 0 leaves scores as they are.
    frames
        How many boxed frames it was fitted to.
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    freedom: float
    exponent: float
    weight: float
    frames: int

    @classmethod
    def from_json(cls, text: str | bytes) -> ShapePrior:
        """A shape prior from its document.

        Raises
        ------
        BundleError
            If the document has another form, or its covariance is not positive definite.
        """
        try:
            document = TypeAdapter(_Document).validate_json(text)
            mean, covariance = np.array(document.mean), np.array(document.covariance)
            prior = cls(mean, covariance, document.freedom, document.exponent, document.weight, document.frames)
            prior._check()
        except (ValidationError, ValueError) as problem:
            raise BundleError(
                f"A bundle's {SHAPE_PRIOR_FILE} is the mean and covariance of nine centres",
                found=str(problem).splitlines()[0],
                remedy="Export the bundle again with this version of Nonet",
            ) from problem
        return prior

    def to_json(self) -> str:
        """The document as JSON text that ends in a newline."""
        document = {
            "frames": self.frames,
            "freedom": self.freedom,
            "exponent": round(self.exponent, _DECIMALS),
            "weight": self.weight,
            "mean": self.mean.round(_DECIMALS).tolist(),
            "covariance": self.covariance.round(_DECIMALS).tolist(),
        }
        return json.dumps(document) + "\n"

    def fit(
        self, edges: NDArray[np.floating], known: NDArray[np.bool_], asked: NDArray[np.floating] | None = None
    ) -> PriorFit:
        """The side to which the face looks, and how far out each place lies.

        Parameters
        ----------
        edges
            ``float[9, 4]``: x1, y1, x2, y2, pixels.
        known
            ``bool[9]``: the boxes to align by. Those that do not fit the others are left out.
        asked
            ``float[9, K, 4]``: the places to evaluate; by default the boxes themselves, ``K`` being 1.
        """
        places = np.asarray(edges[:, None] if asked is None else asked, np.float64)
        if known.sum() < FEWEST:
            return PriorFit(None, np.ones(places.shape[:2]))
        face, odds, alignment = self._set(edges, known)
        tail_share = self._tail_share(alignment, _turned(centres(places), face))
        return PriorFit(face if abs(odds) >= _CERTAIN else None, tail_share)

    def pose(self, edges: NDArray[np.floating], known: NDArray[np.bool_]) -> HeadPose | None:
        """How the head is set in its frame, boxes that do not fit the others left out.

        Parameters
        ----------
        edges
            ``float[9, 4]``: x1, y1, x2, y2, pixels.
        known
            ``bool[9]``: the boxes to go by.

        Returns
        -------
        None with fewer than three boxes.
        """
        if known.sum() < FEWEST:
            return None
        face, _, alignment = self._set(edges, known)
        zoom = nuisance(self.mean)[:, 2]
        spread = math.sqrt(max(1 - float(zoom @ alignment.precision @ zoom), 0.0))
        return HeadPose.of(alignment, face, spread, self._roll(_turned(centres(edges), face), alignment.known))

    def _set(self, edges: NDArray[np.floating], known: NDArray[np.bool_]) -> tuple[Face, float, Alignment]:
        """The likelier side of the face, the log odds of the right one, and the alignment without outliers."""
        points = centres(edges)
        left, right = (self._aligned(_turned(points, face), known) for face in Face)
        odds = right.log_likelihood - left.log_likelihood
        face = Face.RIGHT if odds > 0 else Face.LEFT
        return face, odds, self._without_outliers(_turned(points, face), right if odds > 0 else left)

    def _roll(self, points: NDArray[np.float64], known: NDArray[np.bool_]) -> float:
        """The turn that brings the mean nearest to known points, least squares, radians, clockwise."""
        weights = np.where(known, _ROLL_WEIGHTS, 0.0)[:, None]
        should, lies = (
            each - (each * weights).sum(axis=0) / weights.sum() for each in (self.mean.reshape(-1, 2), points)
        )
        across = (should[:, 0] * lies[:, 1] - should[:, 1] * lies[:, 0]) @ weights[:, 0]
        return math.atan2(across, float((should * lies * weights).sum()))

    @cached_property
    def free(self) -> NDArray[np.float64]:
        """``float64[18, 18]``: the covariance where shift and zoom are not known."""
        return self.covariance + nuisance(self.mean) @ nuisance(self.mean).T

    def _aligned(self, points: NDArray[np.float64], known: NDArray[np.bool_]) -> Alignment:
        return align(self.mean, self.free, self.freedom, points, known)

    def _without_outliers(self, points: NDArray[np.float64], alignment: Alignment) -> Alignment:
        """The alignment without the boxes that do not fit the others, the farthest out first."""
        while alignment.known.sum() > FEWEST:
            tail_share = np.where(alignment.known, self._tail_share(alignment, points[:, None])[:, 0], 1.0)
            if tail_share.min() >= OUTLIER_SHARE:
                break
            rest = alignment.known.copy()
            rest[tail_share.argmin()] = False
            alignment = self._aligned(points, rest)
        return alignment

    def _tail_share(self, alignment: Alignment, asked: NDArray[np.float64]) -> NDArray[np.float64]:
        """In two dimensions the tail of a Student distribution is ``(1 + d / v) ** (-v / 2)``."""
        expected, precision, freedom = self._expected(alignment)
        off = alignment.to_head(asked) - expected[:, None]
        distance = np.einsum("ski,sij,skj->sk", off, precision, off)
        tail = (1 + distance / freedom[:, None]) ** (-freedom[:, None] / 2)
        tail_share: NDArray[np.float64] = np.nan_to_num(tail**self.exponent, nan=1.0)
        return tail_share

    def _expected(self, alignment: Alignment) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Where the others expect each structure ``[9, 2]``, how precisely ``[9, 2, 2]``, and the freedom ``[9]``.

        For a structure in the alignment, its own block of the precision gives what the others say of it.
        """
        known, residual = alignment.known, alignment.residual.ravel()
        pulled = alignment.precision @ residual
        others = self.free @ alignment.precision
        spread = np.where(
            known[:, None, None],
            np.linalg.inv(blocks(alignment.precision) + ~known[:, None, None] * np.eye(2)),
            blocks(self.free - others @ self.free),
        )
        own = np.einsum("sij,sj->si", spread, pulled.reshape(-1, 2)) * known[:, None]
        oddness = residual @ pulled - (own * pulled.reshape(-1, 2)).sum(axis=1)
        freedom = self.freedom + np.maximum(2 * (known.sum() - known) - 3, 0)
        inflated = spread * ((self.freedom + oddness) / freedom)[:, None, None]
        expected = self.mean + np.where(np.repeat(known, 2), residual, others @ residual) - own.ravel()
        return expected.reshape(-1, 2), np.linalg.inv(inflated), freedom

    def _check(self) -> None:
        if self.mean.shape != (_DIMENSIONS,) or self.covariance.shape != (_DIMENSIONS, _DIMENSIONS):
            raise ValueError(f"shapes {self.mean.shape} and {self.covariance.shape}")
        numbers = (self.mean, self.covariance.ravel(), (self.freedom, self.exponent, self.weight))
        if not np.isfinite(np.concatenate(numbers)).all() or min(self.freedom, self.exponent) <= 0 or self.weight < 0:
            raise ValueError("a number out of its range")
        if not np.allclose(self.covariance, self.covariance.T) or np.linalg.eigvalsh(self.covariance)[0] <= 0:
            raise ValueError("a covariance that is not positive definite")


def centres(edges: NDArray[np.floating]) -> NDArray[np.float64]:
    """Middles ``float64[..., 2]`` of boxes ``float[..., 4]``."""
    wide = np.asarray(edges, np.float64)
    return (wide[..., :2] + wide[..., 2:]) / 2


@dataclass(frozen=True, slots=True)
class _Document:
    frames: int
    freedom: float
    exponent: float
    weight: float
    mean: list[float]
    covariance: list[list[float]]


def _turned(points: NDArray[np.float64], face: Face) -> NDArray[np.float64]:
    """Points as they would be with the face to the left."""
    return points if face is Face.LEFT else points * (-1.0, 1.0)
