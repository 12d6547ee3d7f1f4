"""The measurement groups of a report: one for each structure of a frame, one for the frame itself.

A structure with a box is a planar group (PS3.16, TID 1410); one without has no region, and is a group of TID 1501, as
are the callipers of a thickness and the plane.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nonet.anatomy import CODES, Code, Grade
from nonet.frames.dicom.own_results import MANUFACTURER
from nonet.outputs.dicom import codes
from nonet.outputs.dicom.content_items import (
    CONTAINS,
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    HAS_PROPERTIES,
    INFERRED_FROM,
    SELECTED_FROM,
    code_item,
    container_item,
    image_item,
    number_item,
    polyline_item,
    text_item,
    uid_item,
)
from nonet.outputs.dicom.identity import algorithm_parameters, tracking_uid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonet.reading import Box, Finding, Grading, Measurement, NormComparison, PlaneCriterion, Reading

__all__ = ["closed", "groups_of"]


def groups_of(reading: Reading) -> Iterator[bytes]:
    """The groups of one frame: its plane, then its structures in their order, each with its callipers after it."""
    yield _plane_group(reading)
    for finding in reading.findings:
        yield _structure_group(reading, finding)
        yield from (_calliper_group(reading, finding, one) for one in finding.measurements if one.place)


def closed(box: Box) -> list[tuple[float, float]]:
    """The corners of a box as a polyline whose last point is its first."""
    return [(box.x1, box.y1), (box.x2, box.y1), (box.x2, box.y2), (box.x1, box.y2), (box.x1, box.y1)]


def _structure_group(reading: Reading, finding: Finding) -> bytes:
    site = CODES[finding.structure]
    common = [
        *_tracking(reading, finding.structure.label, finding.structure.value),
        code_item(CONTAINS, codes.FINDING, site if finding.box else codes.NOT_VISUALIZED),
        code_item(HAS_CONCEPT_MOD, codes.FINDING_SITE, site),
        *_algorithm(reading),
        *_numbers(finding),
        *(_measured(finding, one) for one in finding.measurements if not one.place),
        *_spacing_source(reading, finding),
        *_grading(finding.grading),
    ]
    if finding.box is None:
        return _group(codes.GROUP_TEMPLATE, [*common, _image(reading, CONTAINS, codes.SOURCE_OF_MEASUREMENT)])
    region = polyline_item(
        CONTAINS, codes.IMAGE_REGION, closed(finding.box), _image(reading, SELECTED_FROM, codes.SOURCE)
    )
    return _group(
        codes.PLANAR_TEMPLATE, [*common, region, code_item(CONTAINS, codes.GEOMETRIC_PURPOSE, codes.BOUNDED_BY)]
    )


def _calliper_group(reading: Reading, finding: Finding, measurement: Measurement) -> bytes:
    assert measurement.place
    site = CODES[finding.structure]
    coordinates = polyline_item(
        INFERRED_FROM, codes.SOURCE, measurement.place, _image(reading, SELECTED_FROM, codes.SOURCE)
    )
    label = f"{finding.structure.label} {measurement.name}"
    items = [
        *_tracking(reading, label, f"{finding.structure.value}.{measurement.name}"),
        code_item(CONTAINS, codes.FINDING, site),
        code_item(HAS_CONCEPT_MOD, codes.FINDING_SITE, site),
        *_algorithm(reading),
        _measured(finding, measurement, coordinates),
        *_spacing_source(reading, finding),
    ]
    return _group(codes.GROUP_TEMPLATE, items)


def _plane_group(reading: Reading) -> bytes:
    plane = reading.plane_quality
    label = codes.PLANE_CODES[plane.label] if plane.label else codes.NO_SUCH_PLANE
    items = [
        *_tracking(reading, "plane", "plane"),
        code_item(CONTAINS, codes.FINDING, codes.SAGITTAL_PLANE),
        *_algorithm(reading),
        *_pixels(reading),
        *([] if plane.probability is None else [_number(codes.PROBABILITY, plane.probability)]),
        *([] if plane.as_far_out is None else [_number(codes.AS_FAR_OUT, plane.as_far_out)]),
        code_item(CONTAINS, codes.PLANE_LABEL, label, _reason(plane.reason)),
        *([] if plane.conformal_set is None else [_plane_set(plane.conformal_set)]),
        *(code_item(CONTAINS, codes.MISSING, CODES[one]) for one in plane.missing),
        *(code_item(CONTAINS, codes.MISPLACED, CODES[one]) for one in plane.misplaced),
        *map(_criterion, plane.criteria),
        *([code_item(CONTAINS, codes.FACE, codes.FACE_CODES[reading.face])] if reading.face else []),
        *(text_item(CONTAINS, codes.WARNING, warning) for warning in reading.warnings),
        text_item(CONTAINS, codes.NOTICE, reading.notice),
        _image(reading, CONTAINS, codes.SOURCE_OF_MEASUREMENT),
    ]
    return _group(codes.GROUP_TEMPLATE, items)


def _group(template: str, items: list[bytes]) -> bytes:
    return container_item(CONTAINS, codes.MEASUREMENT_GROUP, items, template)


def _tracking(reading: Reading, label: str, key: str) -> list[bytes]:
    frame = f", frame {reading.source.frame + 1}" if reading.source.frames > 1 else ""
    return [
        text_item(HAS_OBS_CONTEXT, codes.TRACKING_IDENTIFIER, f"{label}{frame}"),
        uid_item(HAS_OBS_CONTEXT, codes.TRACKING_UID, tracking_uid(reading, key)),
    ]


def _algorithm(reading: Reading) -> list[bytes]:
    """TID 4019: which bundle spoke, with what settings."""
    return [
        text_item(HAS_CONCEPT_MOD, codes.ALGORITHM_NAME, reading.bundle.name),
        text_item(HAS_CONCEPT_MOD, codes.ALGORITHM_VERSION, reading.bundle.version),
        text_item(HAS_CONCEPT_MOD, codes.ALGORITHM_MANUFACTURER, MANUFACTURER),
        *(text_item(HAS_CONCEPT_MOD, codes.ALGORITHM_PARAMETERS, said) for said in algorithm_parameters(reading)),
    ]


def _pixels(reading: Reading) -> Iterator[bytes]:
    image, spacing = reading.image, reading.spacing
    yield _number(codes.NUMBER_OF_FRAMES, reading.source.frames)
    yield _number(codes.IMAGE_COLUMNS, image.width, "px")
    yield _number(codes.IMAGE_ROWS, image.height, "px")
    if spacing:
        yield _number(codes.HORIZONTAL_SPACING, spacing.x_mm, "mm")
        yield _number(codes.VERTICAL_SPACING, spacing.y_mm, "mm")
        yield code_item(CONTAINS, codes.SPACING_SOURCE, codes.SPACING_CODES[spacing.source])
        if spacing.relative_error is not None:
            yield _number(codes.SPACING_ERROR, spacing.relative_error)
    if reading.settings.crl_mm is not None:
        yield _number(codes.CROWN_RUMP_LENGTH, reading.settings.crl_mm, "mm")
    if reading.settings.ga_days is not None:
        yield _number(codes.GESTATIONAL_AGE, reading.settings.ga_days, "d")
    yield text_item(CONTAINS, codes.PIXELS_SHA256, image.pixels_sha256)


def _numbers(finding: Finding) -> Iterator[bytes]:
    if finding.visibility is not None:
        yield _number(codes.PROBABILITY, finding.visibility)
    yield _number(codes.SCORE, finding.score)
    yield _number(codes.OPERATING_POINT, finding.operating_point)
    for code, band in zip(codes.EDGE_BANDS, finding.edge_bands_px or (), strict=False):
        yield _number(code, band, "px")


def _number(name: Code, value: float, unit: str = "") -> bytes:
    return number_item(CONTAINS, name, value, codes.UNIT_CODES[unit])


def _measured(finding: Finding, measurement: Measurement, *coordinates: bytes) -> bytes:
    """TID 300; a measurement without a value is a text that says why, with its unit."""
    name = codes.measurement_code(finding.structure, measurement.name)
    unit = codes.UNIT_CODES[measurement.unit]
    if measurement.value is None:
        children = [code_item(HAS_PROPERTIES, codes.UNIT, unit)]
        return text_item(CONTAINS, name, measurement.reason or codes.NOT_ASSESSED.meaning, children)
    properties = [
        number_item(HAS_PROPERTIES, which, offset, unit)
        for which, offset in (
            (codes.UPPER_UNCERTAINTY, _offset(measurement.high, measurement.value)),
            (codes.LOWER_UNCERTAINTY, _offset(measurement.value, measurement.low)),
        )
        if offset is not None
    ]
    properties += map(_compared, measurement.norms)
    return number_item(CONTAINS, name, measurement.value, unit, [*properties, *coordinates])


def _compared(comparison: NormComparison) -> bytes:
    """A measurement beside one norm."""
    known = (
        (codes.PERCENTILE, comparison.centile, "%"),
        (codes.Z_SCORE, comparison.z, ""),
        (codes.POPULATION_MEAN, comparison.expected, "mm"),
    )
    numbers = [(name, value, codes.UNIT_CODES[unit]) for name, value, unit in known if value is not None]
    bound = [] if comparison.bound is None else [codes.BOUND_CODES[comparison.bound]]
    properties = [
        text_item(HAS_PROPERTIES, codes.POPULATION, comparison.population),
        text_item(HAS_PROPERTIES, codes.NORM_AUTHORITY, comparison.source),
        *(number_item(HAS_PROPERTIES, *number) for number in numbers),
        *(code_item(HAS_PROPERTIES, codes.BOUND, side) for side in bound),
        code_item(HAS_PROPERTIES, codes.NORMALITY, codes.GRADE_CODES[comparison.grade], _reason(comparison.reason)),
    ]
    return text_item(HAS_PROPERTIES, codes.NORM, comparison.norm, properties)


def _offset(upper: float | None, lower: float | None) -> float | None:
    """The difference of two rounded numbers, rounded as they are."""
    return None if upper is None or lower is None else float(Decimal(str(upper)) - Decimal(str(lower)))


def _spacing_source(reading: Reading, finding: Finding) -> list[bytes]:
    in_mm = any(one.value is not None and one.unit == "mm" for one in finding.measurements)
    if not in_mm or reading.spacing is None:
        return []
    return [code_item(CONTAINS, codes.SPACING_SOURCE, codes.SPACING_CODES[reading.spacing.source])]


def _grading(grading: Grading) -> Iterator[bytes]:
    properties = _reason(grading.reason)
    if grading.basis:
        properties.append(code_item(HAS_PROPERTIES, codes.GRADE_BASIS, codes.BASIS_CODES[grading.basis]))
    properties += [text_item(HAS_PROPERTIES, codes.OPPOSED_BY, norm) for norm in grading.disagrees_with]
    yield code_item(CONTAINS, codes.NORMALITY, codes.GRADE_CODES[grading.grade], properties)
    for grade, probability in (grading.probabilities or {}).items():
        of = [code_item(HAS_PROPERTIES, codes.NORMALITY, codes.GRADE_CODES[grade])]
        yield number_item(CONTAINS, codes.GRADE_PROBABILITY, probability, codes.UNIT_CODES[""], of)
    if grading.conformal_set is not None:
        members = [codes.GRADE_CODES[Grade(grade)] for grade in grading.conformal_set]
        yield _conformal_set([code_item(HAS_PROPERTIES, codes.NORMALITY, member) for member in members])


def _plane_set(members: tuple[str, ...]) -> bytes:
    held = [codes.PLANE_CODES_BY_NAME[member] for member in members]
    return _conformal_set([code_item(HAS_PROPERTIES, codes.PLANE_LABEL, member) for member in held])


def _conformal_set(members: list[bytes]) -> bytes:
    return text_item(CONTAINS, codes.CONFORMAL_SET, f"{len(members)} not ruled out", members)


def _criterion(criterion: PlaneCriterion) -> bytes:
    numbers = (codes.CRITERION_VALUE, criterion.value), (codes.CRITERION_LIMIT, criterion.limit)
    children = [
        text_item(HAS_PROPERTIES, codes.COMMENT, criterion.words),
        *(
            number_item(HAS_PROPERTIES, name, value, codes.UNIT_CODES[""])
            for name, value in numbers
            if value is not None
        ),
    ]
    return code_item(CONTAINS, codes.CRITERION_CODES[criterion.criterion], codes.MET_CODES[criterion.met], children)


def _reason(reason: str | None) -> list[bytes]:
    return [text_item(HAS_PROPERTIES, codes.COMMENT, reason)] if reason else []


def _image(reading: Reading, relation: str, name: Code) -> bytes:
    source = reading.source
    frame = source.frame + 1 if source.frames > 1 else None
    return image_item(relation, name, source.sop_class_uid, source.sop_instance_uid, frame)
