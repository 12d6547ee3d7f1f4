"""The way back: the readings that a report of Nonet holds.

All of a reading comes back but the hash of the file, which no report holds, and the features behind a probability
(``influences``). Letters outside ASCII in a reason or a warning come back as their backslash escapes.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from nonet.anatomy import CODES, STRUCTURES, Code, Grade, Structure
from nonet.errors import DicomError
from nonet.frame import Source, Spacing, SpacingSource
from nonet.measure.compare import first_centile
from nonet.outputs.dicom import codes
from nonet.reading import (
    SCHEMA,
    Box,
    BundleReference,
    Finding,
    Grading,
    ImageSize,
    Measurement,
    NormComparison,
    NormsReference,
    PlaneCriterion,
    PlaneQuality,
    Reading,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeVar

    from pydicom.dataset import Dataset

    from nonet.reading import EdgeBands

    Member = TypeVar("Member")

__all__ = ["readings_from_report"]

_DECIMALS = 2
_STRUCTURES = {code: structure for structure, code in CODES.items()}
_SHA256, _SETTINGS = "bundle sha256 ", "settings "
_BANDS = 4


def readings_from_report(report: Dataset) -> tuple[Reading, ...]:
    """The readings of the frames of a report that `structured_report` made, in its order.

    Each equals the reading that went in, but for ``source.file_sha256``, which is empty, and ``influences``, which are
    None.

    Raises
    ------
    DicomError
        If the data set is not such a report, or does not hold together.
    """
    try:
        return tuple(_reading(report, groups) for groups in _frames(report))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, StopIteration) as problem:
        raise DicomError(
            "A report of Nonet holds a plane group and nine structures a frame (PS3.16, TID 1500)",
            found="another document, or one that was changed",
            remedy="Take the report as Nonet wrote it",
        ) from problem


class _Group:
    """A measurement group: its items by their concept name, in their order."""

    def __init__(self, item: Dataset) -> None:
        self.template = str(item.ContentTemplateSequence[0].TemplateIdentifier)
        self._items: dict[Code, list[Dataset]] = {}
        for child in item.ContentSequence:
            self._items.setdefault(_code(child.ConceptNameCodeSequence), []).append(child)

    def all(self, name: Code) -> list[Dataset]:
        return self._items.get(name, [])

    def one(self, name: Code) -> Dataset:
        return self._items[name][0]

    def number(self, name: Code) -> float | None:
        return _number(self.one(name)) if name in self._items else None

    def needed(self, name: Code) -> float:
        return _number(self.one(name))

    def items(self) -> Iterator[Dataset]:
        return (item for items in self._items.values() for item in items)

    @property
    def finding(self) -> Code:
        return _code(self.one(codes.FINDING).ConceptCodeSequence)

    @property
    def site(self) -> Structure:
        return _STRUCTURES[_code(self.one(codes.FINDING_SITE).ConceptCodeSequence)]


def _frames(report: Dataset) -> list[list[_Group]]:
    """The groups of each frame; a plane group begins one."""
    container = next(
        item for item in report.ContentSequence if _code(item.ConceptNameCodeSequence) == codes.IMAGING_MEASUREMENTS
    )
    frames: list[list[_Group]] = []
    for group in map(_Group, container.ContentSequence):
        if group.finding == codes.SAGITTAL_PLANE:
            frames.append([])
        frames[-1].append(group)
    return frames


def _reading(report: Dataset, groups: list[_Group]) -> Reading:
    plane, structures = groups[0], groups[1:]
    said = [str(item.TextValue) for item in plane.all(codes.ALGORITHM_PARAMETERS)]
    return Reading(
        schema=SCHEMA,
        source=_source(report, plane),
        image=ImageSize(
            int(plane.needed(codes.IMAGE_COLUMNS)),
            int(plane.needed(codes.IMAGE_ROWS)),
            str(plane.one(codes.PIXELS_SHA256).TextValue),
        ),
        spacing=_spacing(plane),
        plane_quality=_plane(plane),
        findings=tuple(_finding([one for one in structures if one.site is name]) for name in STRUCTURES),
        bundle=BundleReference(
            str(plane.one(codes.ALGORITHM_NAME).TextValue),
            str(plane.one(codes.ALGORITHM_VERSION).TextValue),
            next(text.removeprefix(_SHA256) for text in said if text.startswith(_SHA256)),
        ),
        settings=_settings(next(text.removeprefix(_SETTINGS) for text in said if text.startswith(_SETTINGS))),
        warnings=tuple(str(item.TextValue) for item in plane.all(codes.WARNING)),
        notice=str(plane.one(codes.NOTICE).TextValue),
        face=_meant(codes.FACE_CODES, plane.one(codes.FACE)) if plane.all(codes.FACE) else None,
    )


def _source(report: Dataset, plane: _Group) -> Source:
    image = plane.one(codes.SOURCE_OF_MEASUREMENT).ReferencedSOPSequence[0]
    return Source(
        format="DICOM",
        file_sha256="",
        frame=int(image.get("ReferencedFrameNumber", 1)) - 1,
        frames=int(plane.needed(codes.NUMBER_OF_FRAMES)),
        sop_class_uid=str(image.ReferencedSOPClassUID),
        sop_instance_uid=str(image.ReferencedSOPInstanceUID),
        study_instance_uid=str(report.StudyInstanceUID),
    )


def _settings(text: str) -> Settings:
    values = json.loads(text)
    spacing = values.pop("spacing_mm")
    norms = values.pop("norms")
    reference = NormsReference(norms["name"], norms["sha256"]) if norms else None
    return Settings(spacing_mm=tuple(spacing) if spacing else None, norms=reference, **values)


def _spacing(plane: _Group) -> Spacing | None:
    if not plane.all(codes.SPACING_SOURCE):
        return None
    source: SpacingSource = _meant(codes.SPACING_CODES, plane.one(codes.SPACING_SOURCE))
    x_mm, y_mm = plane.needed(codes.HORIZONTAL_SPACING), plane.needed(codes.VERTICAL_SPACING)
    return Spacing(x_mm, y_mm, source, plane.number(codes.SPACING_ERROR))


def _plane(plane: _Group) -> PlaneQuality:
    label = plane.one(codes.PLANE_LABEL)
    known = _code(label.ConceptCodeSequence) != codes.NO_SUCH_PLANE
    members = _members(plane, codes.PLANE_CODES)
    return PlaneQuality(
        plane.number(codes.PROBABILITY),
        _comment(label),
        _meant(codes.PLANE_CODES, label) if known else None,
        None if members is None else tuple(member.value for member in members),
        tuple(_meant_structure(item) for item in plane.all(codes.MISSING)),
        tuple(_meant_structure(item) for item in plane.all(codes.MISPLACED)),
        tuple(_criteria(plane)),
        as_far_out=plane.number(codes.AS_FAR_OUT),
    )


def _criteria(plane: _Group) -> Iterator[PlaneCriterion]:
    named = {code: criterion for criterion, code in codes.CRITERION_CODES.items()}
    for item in plane.items():
        if criterion := named.get(_code(item.ConceptNameCodeSequence)):
            yield PlaneCriterion(
                criterion,
                _meant(codes.MET_CODES, item),
                _child_number(item, codes.CRITERION_VALUE),
                _child_number(item, codes.CRITERION_LIMIT),
                _comment(item) or "",
            )


def _finding(groups: list[_Group]) -> Finding:
    """A structure from its own group and those of its callipers."""
    own, callipers = groups[0], groups[1:]
    visible = own.template == codes.PLANAR_TEMPLATE
    bands = [own.number(code) for code in codes.EDGE_BANDS]
    return Finding(
        own.site,
        visible,
        own.needed(codes.SCORE),
        own.needed(codes.OPERATING_POINT),
        _box(own.one(codes.IMAGE_REGION)) if visible else None,
        tuple(sorted((one for group in (own, *callipers) for one in _measurements(group)), key=_place_in_order)),
        _grading(own),
        own.number(codes.PROBABILITY),
        _bands([band for band in bands if band is not None]),
    )


def _bands(found: list[float]) -> EdgeBands | None:
    return (found[0], found[1], found[2], found[3]) if len(found) == _BANDS else None


def _box(region: Dataset) -> Box:
    values = [round(float(value), _DECIMALS) for value in region.GraphicData]
    return Box(min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))


def _place_in_order(measurement: Measurement) -> int:
    return list(codes.MEASUREMENT_CODES).index(measurement.name)


def _measurements(group: _Group) -> Iterator[Measurement]:
    names = codes.measurement_names()
    for item in group.items():
        if name := names.get(_code(item.ConceptNameCodeSequence)):
            yield _measurement(name, item)


def _measurement(name: str, item: Dataset) -> Measurement:
    units = {code: unit for unit, code in codes.UNIT_CODES.items()}
    if item.ValueType == "TEXT":
        return Measurement(
            name, None, units[_code(_child(item, codes.UNIT).ConceptCodeSequence)], reason=str(item.TextValue)
        )
    value = _number(item)
    norms = tuple(map(_comparison, _children(item, codes.NORM)))
    return Measurement(
        name,
        value,
        units[_code(item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence)],
        centile=first_centile(norms),
        low=_sum(value, _child_number(item, codes.LOWER_UNCERTAINTY), -1),
        high=_sum(value, _child_number(item, codes.UPPER_UNCERTAINTY), 1),
        place=_place(item),
        norms=norms,
    )


def _comparison(item: Dataset) -> NormComparison:
    normality, bound = _child(item, codes.NORMALITY), _children(item, codes.BOUND)
    return NormComparison(
        str(item.TextValue),
        str(_child(item, codes.POPULATION).TextValue),
        str(_child(item, codes.NORM_AUTHORITY).TextValue),
        centile=_child_number(item, codes.PERCENTILE),
        z=_child_number(item, codes.Z_SCORE),
        bound=_bound(bound[0]) if bound else None,
        expected=_child_number(item, codes.POPULATION_MEAN),
        grade=_meant(codes.GRADE_CODES, normality),
        reason=_comment(normality),
    )


def _bound(item: Dataset) -> Literal["below", "above"]:
    side = _code(item.ConceptCodeSequence)
    return "below" if side == codes.BOUND_CODES["below"] else "above"


def _sum(value: float, offset: float | None, sign: int) -> float | None:
    return None if offset is None else float(Decimal(str(value)) + sign * Decimal(str(offset)))


def _place(item: Dataset) -> tuple[tuple[float, float], tuple[float, float]] | None:
    line = next((child for child in item.get("ContentSequence", ()) if child.ValueType == "SCOORD"), None)
    if line is None:
        return None
    x1, y1, x2, y2 = (round(float(value), _DECIMALS) for value in line.GraphicData)
    return (x1, y1), (x2, y2)


def _grading(group: _Group) -> Grading:
    normality = group.one(codes.NORMALITY)
    probabilities: dict[Grade, float] = {
        _meant(codes.GRADE_CODES, _child(item, codes.NORMALITY)): _number(item)
        for item in group.all(codes.GRADE_PROBABILITY)
    }
    return Grading(
        _meant(codes.GRADE_CODES, normality),
        probabilities or None,
        _members(group, codes.GRADE_CODES),
        _comment(normality),
        basis=next((_meant(codes.BASIS_CODES, one) for one in _children(normality, codes.GRADE_BASIS)), None),
        disagrees_with=tuple(str(one.TextValue) for one in _children(normality, codes.OPPOSED_BY)),
    )


def _members(group: _Group, table: Mapping[Member, Code]) -> tuple[Member, ...] | None:
    """The members of the conformal set; None if the group states none."""
    if not group.all(codes.CONFORMAL_SET):
        return None
    return tuple(_meant(table, member) for member in group.one(codes.CONFORMAL_SET).get("ContentSequence", ()))


def _meant(table: Mapping[Member, Code], item: Dataset) -> Member:
    value = _code(item.ConceptCodeSequence)
    return next(member for member, code in table.items() if code == value)


def _meant_structure(item: Dataset) -> Structure:
    return _STRUCTURES[_code(item.ConceptCodeSequence)]


def _child(item: Dataset, name: Code) -> Dataset:
    children: list[Dataset] = list(item.ContentSequence)
    return next(child for child in children if _code(child.ConceptNameCodeSequence) == name)


def _children(item: Dataset, name: Code) -> list[Dataset]:
    return [child for child in item.get("ContentSequence", ()) if _code(child.ConceptNameCodeSequence) == name]


def _child_number(item: Dataset, name: Code) -> float | None:
    found = [child for child in item.get("ContentSequence", ()) if child.ValueType == "NUM"]
    return next((_number(child) for child in found if _code(child.ConceptNameCodeSequence) == name), None)


def _comment(item: Dataset) -> str | None:
    found = item.get("ContentSequence", ())
    comments = [child for child in found if _code(child.ConceptNameCodeSequence) == codes.COMMENT]
    return str(comments[0].TextValue) if comments else None


def _number(item: Dataset) -> float:
    measured = item.MeasuredValueSequence[0]
    return float(measured.get("FloatingPointValue", measured.NumericValue))


def _code(sequence: object) -> Code:
    first = sequence[0]  # type: ignore[index]
    return Code(str(first.CodeValue), str(first.CodingSchemeDesignator), str(first.CodeMeaning))
