"""Generated frames and readings of them, laid out like a real mid-sagittal head."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.frame import Source, Spacing, SpacingSource, pixels_sha256
from nonet.reading import (
    SCHEMA,
    Box,
    BundleReference,
    Finding,
    Grading,
    ImageSize,
    Measurement,
    PlaneQuality,
    Reading,
    Settings,
)

BOXES = {
    Structure.THALAMI: Box(195, 190, 285, 260),
    Structure.MIDBRAIN: Box(190, 262, 256, 348),
    Structure.PALATE: Box(318, 129, 417, 192),
    Structure.FOURTH_VENTRICLE: Box(232, 318, 293, 347),
    Structure.CISTERNA_MAGNA: Box(212, 350, 305, 375),
    Structure.NUCHAL_TRANSLUCENCY: Box(275, 380, 538, 414),
    Structure.NASAL_TIP: Box(366, 72, 394, 81),
    Structure.NASAL_SKIN: Box(343, 79, 369, 88),
    Structure.NASAL_BONE: Box(330, 89, 367, 101),
}
"""Boxes of the median sizes of the real data set."""

SPACING = Spacing(0.0836, 0.0836, SpacingSource.US_REGION)
UNGRADED = Grading(Grade.NOT_ASSESSED, reason="not assessed: this bundle holds no grader")


def noise(*, width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 160, (height, width), dtype=np.uint8)


def make_reading(
    *,
    visible: Iterable[Structure] = STRUCTURES,
    boxes: dict[Structure, Box] = BOXES,
    width: int = 680,
    height: int = 490,
    spacing: Spacing | None = SPACING,
    plane: float | None = None,
    gradings: dict[Structure, Grading] | None = None,
    warnings: tuple[str, ...] = (),
) -> Reading:
    shown = set(visible)
    findings = tuple(
        make_finding(name, boxes[name] if name in shown else None, spacing, (gradings or {}).get(name, UNGRADED))
        for name in STRUCTURES
    )
    return Reading(
        schema=SCHEMA,
        source=Source("PNG", "0" * 64),
        image=ImageSize(width, height, pixels_sha256(noise(width=1, height=1))),
        spacing=spacing,
        plane_quality=PlaneQuality(plane, None if plane is not None else "not assessed: no plane-quality model"),
        findings=findings,
        bundle=BundleReference("default", "0.1.0", "f" * 64),
        settings=Settings(),
        warnings=warnings,
    )


def make_finding(name: Structure, box: Box | None, spacing: Spacing | None, grading: Grading) -> Finding:
    score = 0.9 - 0.05 * STRUCTURES.index(name)
    if box is None:
        return Finding(name, False, 0.1234, 0.4, None, (), grading)
    width = None if spacing is None else round(box.width * spacing.x_mm, 2)
    reason = "not assessed: the pixel size is not known" if spacing is None else None
    height = None if spacing is None else round(box.height * spacing.y_mm, 2)
    measurements = (
        Measurement("box_width", width, "mm", reason=reason),
        Measurement("box_height", height, "mm", reason=reason),
    )
    return Finding(name, True, round(score, 4), 0.4, box, measurements, grading)


def with_thickness(reading: Reading, measurement: Measurement) -> Reading:
    """The reading with a thickness of the nuchal translucency besides."""
    findings = tuple(
        replace(finding, measurements=(*finding.measurements, measurement))
        if finding.structure is Structure.NUCHAL_TRANSLUCENCY
        else finding
        for finding in reading.findings
    )
    return replace(reading, findings=findings)


THICKNESS = Measurement("thickness", 1.62, "mm", low=1.2, high=2.04, place=((400.0, 386.0), (401.0, 405.0)))
