"""The drawing board on which the parts of the anatomy are put down, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import in_box
from nonet.simulate.head.scene import FloatArray, Grain, Interface, Part, Region, Scene, Tissue
from nonet.simulate.head.structure_positions import head_unit_mm

__all__ = ["LINE_MM", "LineGap", "LineReach", "Sketch"]

LINE_MM = 0.24
"""How far a box reaches past the edge of a fluid space, to hold the bright line that bounds it."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineGap:
    """Two lines where they are farthest apart: from middle to middle, and the width of each, mm."""

    distance_mm: float
    widths_mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineReach:
    """A point and a line: from the point to the line's middle, and the line's width, mm."""

    distance_mm: float
    width_mm: float


@dataclass(slots=True)
class Sketch:
    """A head being drawn, body to the left, in mm.

    Parameters
    ----------
    crl_mm
        Crown-rump length.
    boxes
        Where each structure goes: ``[centre x, centre y, width, height]`` in mm.
    absent
        Structures that are left out.
    rng
        Source of every draw.
    wanted
        Sizes in mm, by the names of ``truth``, that it is drawn with instead of its own.
    scene
        What has been drawn.
    outlines
        Outline of each structure, ``float[n, 2]`` in mm: its extent is the structure's box.
    truth
        Sizes in mm of what has been drawn.
    gaps
        The lines between which callipers measure, by the name that ``truth`` has for the size of what lies between.
    reaches
        The points and lines to whose outer border callipers measure, by the same name.
    lines
        The lines that are measured from end to end, by the name that ``truth`` has for their length.
    landmarks
        Lines and points that later parts lean on.
    occiput_rise_mm
        How much nearer than usual the occipital bone lies to the cisterna magna.
    part
        What is being drawn: every tissue and interface is marked as part of it.
    """

    crl_mm: float
    boxes: dict[Structure, FloatArray]
    absent: frozenset[Structure]
    rng: np.random.Generator
    wanted: Mapping[str, float] = field(default_factory=dict)
    scene: Scene = field(default_factory=Scene)
    outlines: dict[Structure, FloatArray] = field(default_factory=dict)
    truth: dict[str, float] = field(default_factory=dict)
    gaps: dict[str, LineGap] = field(default_factory=dict)
    reaches: dict[str, LineReach] = field(default_factory=dict)
    lines: dict[str, Interface] = field(default_factory=dict)
    landmarks: dict[str, FloatArray] = field(default_factory=dict)
    occiput_rise_mm: float = 0.0
    part: Part = Region.WOMB

    @contextmanager
    def drawing(self, part: Part) -> Iterator[None]:
        """Mark what is drawn meanwhile as part of something."""
        before, self.part = self.part, part
        try:
            yield
        finally:
            self.part = before

    @property
    def scale(self) -> float:
        """Size of this head relative to one of a fetus of 65 mm."""
        return head_unit_mm(self.crl_mm) / head_unit_mm(65.0)

    def size(self, name: str, own: float) -> float:
        """The size that is wanted, or else the head's own, mm."""
        return self.wanted.get(name, own)

    def draw(self, low: float, high: float) -> float:
        """A number between two limits."""
        return float(self.rng.uniform(low, high))

    def length(self, low: float, high: float) -> float:
        """A length in mm between two limits that hold for a fetus of 65 mm."""
        return self.draw(low, high) * self.scale

    def place(self, x: Span, y: Span) -> FloatArray:
        """A point whose coordinates are lengths between limits."""
        return np.array([self.length(*x), self.length(*y)])

    def spot(self, box: FloatArray, x: Span, y: Span) -> FloatArray:
        """A point within limits that are shares of a box, from its upper left corner."""
        return in_box(box, np.array([self.draw(*x), self.draw(*y)]))

    def fill(
        self, outline: FloatArray, level_db: Span, grain: Grain = Grain.NONE, soft_mm: float = 0.0, loss: float = 0.0
    ) -> None:
        """Paint a tissue over what is there; ``loss`` is in dB per mm."""
        self.scene.tissues.append(Tissue(outline, self.draw(*level_db), grain, soft_mm * self.scale, loss, self.part))

    def line(
        self,
        path: FloatArray,
        level_db: Span,
        *,
        width: float = 0.2,
        polish: float = 3.0,
        loss: float = 0.0,
        taper: float = 0.3,
        missing: Span | None = None,
    ) -> None:
        """Put down an interface; ``width`` in mm for a fetus of 65 mm, ``loss`` in dB, ``missing`` in mm along it."""
        level = self.draw(*level_db)
        self.scene.interfaces.append(
            Interface(path, level, width * self.scale, polish, loss, taper, missing, self.part)
        )

    def dash(self, centre: FloatArray, length: float, tilt: float, level_db: Span, width: float = 0.3) -> None:
        """A short, slightly bent interface."""
        half = 0.5 * length * np.array([np.cos(tilt), np.sin(tilt)])
        bend = np.array([0.0, 0.08 * length * self.rng.standard_normal()])
        self.line(np.array([centre - half, centre + bend, centre + half]), level_db, width=width, taper=0.5)
