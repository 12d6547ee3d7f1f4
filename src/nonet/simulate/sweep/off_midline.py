"""The head in a plane beside its midline: what is still there, thinner and fainter, and what has come in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.simulate.head.curves import between
from nonet.simulate.head.scene import Interface, Region, Scene, Tissue
from nonet.simulate.sweep.across import ACROSS, Reach, thinned

if TYPE_CHECKING:
    from nonet.simulate.head.scene import FloatArray, Part
    from nonet.simulate.head.sketch import Sketch
    from nonet.simulate.sweep.plane import Plane
    from nonet.simulate.sweep.sides import BesideMidline

__all__ = ["VISIBLE", "Cut", "cut", "visible_shares"]

VISIBLE = 0.5
"""The share of a structure in the slice from which on it has a box."""

_FAINTEST = 1e-3
_NOSE = Reach(2.4)
_FLATTENED = 0.7
_TO_TRUNK_MM = 9.0
_STAYS = {Region.WOMB, Region.TRUNK, Region.SPINAL_CANAL}
"""Parts that are as wide as the body, and are not drawn in with the head."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A head in a plane.

    Attributes
    ----------
    head
        With the scene and the outlines of that plane; a structure of which less than half is left is absent.
    visibility
        Of each structure that the head has: the share of it in the slice, 1 at the midline and 0 far from it.
    """

    head: Sketch
    visibility: dict[Structure, float]


def cut(head: Sketch, sides: BesideMidline, plane: Plane, slice_mm: float) -> Cut:
    """A head in a plane.

    Parameters
    ----------
    head, sides
        Its midline and what lies beside it.
    plane
        Where it is cut.
    slice_mm
        Thickness of the beam across the plane, full width at half maximum.
    """
    knife = _Knife(head, plane, slice_mm)
    scene = Scene(
        [knife.tissue(each, ACROSS.get(each.part)) for each in head.scene.tissues]
        + [knife.tissue(each, reach) for each, reach in sides.tissues],
        [knife.interface(each, ACROSS.get(each.part)) for each in head.scene.interfaces]
        + [knife.interface(each, reach) for each, reach in sides.interfaces],
        head.scene.grain_angle,
        head.scene.anchor_mm,
        head.scene.fluid_db,
    )
    visibility = visible_shares(head, plane, slice_mm)
    gone = {each for each, share in visibility.items() if share < VISIBLE}
    outlines = {each: knife.outline(outline, each, ACROSS[each]) for each, outline in head.outlines.items()}
    return Cut(replace(head, scene=scene, outlines=outlines, absent=head.absent | gone), visibility)


def visible_shares(head: Sketch, plane: Plane, slice_mm: float) -> dict[Structure, float]:
    """What `Cut.visibility` is, alone; parameters as for `cut`."""
    knife = _Knife(head, plane, slice_mm)
    return {each: knife.held(head.outlines[each], ACROSS[each]) for each in STRUCTURES if each not in head.absent}


class _Knife:
    """Cuts one part after the other."""

    def __init__(self, head: Sketch, plane: Plane, slice_mm: float) -> None:
        self.head, self.plane, self.slice_mm = head, plane, slice_mm
        self.throat, self.nasion = head.landmarks["face"][0], head.landmarks["face"][-1]

    def tissue(self, tissue: Tissue, reach: Reach | None) -> Tissue:
        outline = self.outline(tissue.outline, tissue.part, reach)
        return replace(tissue, outline=outline, opacity=tissue.opacity * self.held(tissue.outline, reach))

    def interface(self, line: Interface, reach: Reach | None) -> Interface:
        share = self.held(line.path, reach)
        fainter = 20 * float(np.log10(max(share, _FAINTEST)))
        path = self.path(line.path, line.part, reach)
        return replace(line, path=path, level_db=line.level_db + fainter, loss_db=line.loss_db * share)

    def held(self, points: FloatArray, reach: Reach | None) -> float:
        """The share of a part that the slice holds; 1 of what reaches from side to side."""
        return 1.0 if reach is None else float(reach.held(self._across(points), self.slice_mm, self.head.scale))

    def outline(self, points: FloatArray, part: Part, reach: Reach | None) -> FloatArray:
        """A part's outline or path where the plane cuts it."""
        if part in _STAYS:
            return points
        if reach is not None:
            points = self._thinner(points, part, reach.thickness(self._across(points), self.head.scale))
        return self._drawn_in(self._flattened(points))

    def path(self, points: FloatArray, part: Part, reach: Reach | None) -> FloatArray:
        """As `outline`, of a line; that of the translucency is its inner edge, which comes nearer to the skin."""
        if part is not Structure.NUCHAL_TRANSLUCENCY or reach is None:
            return self.outline(points, part, reach)
        skin = self.head.landmarks["nape"][: len(points)]
        share = reach.thickness(self._across(points), self.head.scale)
        return self._drawn_in(self._flattened(np.asarray(skin + (points - skin) * share)))

    def _across(self, points: FloatArray) -> float:
        """The distance of a part's middle from the midline; of a long part, of what lies in the head."""
        near = points[points[:, 0] > self.throat[0] - _TO_TRUNK_MM * self.head.scale]
        return float(self.plane.across_mm((near if len(near) else points).mean(axis=0)))

    def _thinner(self, points: FloatArray, part: Part, share: float) -> FloatArray:
        if part is Structure.NUCHAL_TRANSLUCENCY:
            half = len(points) // 2
            inner, skin = points[:half], points[half:][::-1]
            return between(skin + (inner - skin) * share, skin)
        middle = points.mean(axis=0)
        flat = part in (Structure.FOURTH_VENTRICLE, Structure.CISTERNA_MAGNA, Region.OCCIPUT)
        return np.asarray(middle + (points - middle) * ((1.0, share) if flat else (share, share)))

    def _flattened(self, points: FloatArray) -> FloatArray:
        """What stands out of the face sinks back: beside the nose there is none."""
        from_throat, across = points - self.throat, self.nasion - self.throat
        along = np.clip(from_throat @ across / (across @ across), 0.0, 1.0)
        out = from_throat - along[:, None] * across
        stands_out = (out[:, 1] < 0) & (along > 0) & (points[:, 0] < self.nasion[0])
        gone = 1 - _NOSE.held(self.plane.across_mm(points), self.slice_mm, self.head.scale)
        return np.asarray(points - np.where(stands_out, _FLATTENED * gone, 0.0)[:, None] * out)

    def _drawn_in(self, points: FloatArray) -> FloatArray:
        """The head is smaller beside its middle; towards the trunk it stays as it is."""
        k = self.head.scale
        inside = np.clip((points[:, 0] - self.throat[0]) / (_TO_TRUNK_MM * k) + 1, 0.0, 1.0)
        weight = (inside * inside * (3 - 2 * inside))[:, None]
        smaller = thinned(points, self.plane.across_mm(points), self.head.landmarks["skull_centre"], k)
        return np.asarray(points + weight * (smaller - points))
