"""The output ``csv``: all findings of an output folder as one table, a row for each structure of each frame."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from nonet.files import replacing
from nonet.outputs.output import Output
from nonet.outputs.phrases import criteria_not_met, printable
from nonet.outputs.unchanged import WrittenFiles, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.errors import Failure
    from nonet.frame import Spacing
    from nonet.outputs.output import Entry
    from nonet.reading import Box, EdgeBands, Finding, Grading, Measurement, NormComparison, Reading

__all__ = ["COLUMNS", "CSV_NAME", "CsvOutput", "rows_of", "write_csv"]

CSV_NAME = "findings.csv"

COLUMNS = (
    "name",
    "frame",
    "source",
    "structure",
    "visible",
    "score",
    "operating_point",
    "visibility",
    "x1_px",
    "y1_px",
    "x2_px",
    "y2_px",
    "band_x1_px",
    "band_y1_px",
    "band_x2_px",
    "band_y2_px",
    "grade",
    "grade_basis",
    "grade_probability_normal",
    "grade_probability_borderline",
    "grade_probability_abnormal",
    "grade_conformal_set",
    "grade_reason",
    "grade_disagrees_with",
    "spacing_x_mm",
    "spacing_y_mm",
    "spacing_source",
    "plane_probability",
    "plane_label",
    "plane_criteria_not_met",
    "warnings",
    "image_width_px",
    "image_height_px",
    "pixels_sha256",
    "sop_instance_uid",
    "bundle",
    "bundle_sha256",
)
"""The columns that every file has; those of the measurements follow, in alphabetical order."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class CsvOutput(Output):
    """Writes ``findings.csv``."""

    name = "csv"

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write a row for each structure of each frame."""
        del failures
        written, path, key = WrittenFiles(self.folder), self.folder / CSV_NAME, key_of(self.folder, entries)
        if not written.is_current(path, key):
            write_csv(path, entries)
            written.note(path, key)


def write_csv(path: Path, entries: Iterable[Entry]) -> None:
    """Write one row per frame and structure, in the order given; UTF-8, comma, LF.

    Decimals: score, operating point and probabilities 4; pixels 2; pixel size 6; measurements 3;
    centiles 1. An empty cell is a value that is not known. A measurement has a column named for it
    and its unit, for example ``width_mm``, and two for each norm it was held against,
    ``thickness_centile_nt_fmf`` (with ``<`` or ``>`` where only that is known) and
    ``thickness_grade_nt_fmf``. Text that a spreadsheet would take for a formula gets an apostrophe in
    front.

    Parameters
    ----------
    path
        The file; it is replaced only once all rows are written.
    entries
        The frames; ``source`` is the state of the file that one was read from.
    """
    rows = [{**row, "source": entry.state.value} for entry in entries for row in rows_of(entry.name, entry.reading)]
    measured = sorted({column for row in rows for column in row} - set(COLUMNS))
    with replacing(path) as file:
        writer = csv.DictWriter(file, [*COLUMNS, *measured], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def rows_of(name: str, reading: Reading) -> Iterator[dict[str, str]]:
    """A row of text for each structure, by column; what is not known has no cell."""
    shared = _of_frame(name, reading)
    for finding in reading.findings:
        row = shared | _of_finding(finding)
        for measurement in finding.measurements:
            row |= _of_measurement(measurement)
        yield row


def _of_frame(name: str, reading: Reading) -> dict[str, str]:
    return {
        "name": _text(name),
        "frame": str(reading.source.frame),
        **_of_spacing(reading.spacing),
        "plane_probability": _number(reading.plane_quality.probability, 4),
        "plane_label": _text(reading.plane_quality.label or ""),
        "plane_criteria_not_met": _text(criteria_not_met(reading.plane_quality)),
        "warnings": _text("; ".join(reading.warnings)),
        "image_width_px": str(reading.image.width),
        "image_height_px": str(reading.image.height),
        "pixels_sha256": reading.image.pixels_sha256,
        "sop_instance_uid": _text(reading.source.sop_instance_uid),
        "bundle": _text(f"{reading.bundle.name} {reading.bundle.version}"),
        "bundle_sha256": reading.bundle.sha256,
    }


def _of_spacing(spacing: Spacing | None) -> dict[str, str]:
    if spacing is None:
        return {}
    return {
        "spacing_x_mm": _number(spacing.x_mm, 6),
        "spacing_y_mm": _number(spacing.y_mm, 6),
        "spacing_source": spacing.source.value,
    }


def _of_finding(finding: Finding) -> dict[str, str]:
    return {
        "structure": finding.structure.value,
        "visible": "yes" if finding.visible else "no",
        "score": _number(finding.score, 4),
        "operating_point": _number(finding.operating_point, 4),
        "visibility": _number(finding.visibility, 4),
        **_of_box(finding.box),
        **_of_bands(finding.edge_bands_px),
        **_of_grading(finding.grading),
    }


def _of_grading(grading: Grading) -> dict[str, str]:
    """The grade and, in the column beside it, what it rests on; the conformal set with spaces between its grades."""
    probabilities = {
        f"grade_probability_{grade.value}": _number(probability, 4)
        for grade, probability in (grading.probabilities or {}).items()
    }
    return {
        "grade": grading.grade.value,
        "grade_basis": grading.basis or "",
        **probabilities,
        "grade_conformal_set": " ".join(grading.conformal_set or ()),
        "grade_reason": _text(grading.reason or ""),
        "grade_disagrees_with": _text(" ".join(grading.disagrees_with)),
    }


def _of_box(box: Box | None) -> dict[str, str]:
    if box is None:
        return {}
    return {f"{edge}_px": _number(value, 2) for edge, value in zip(("x1", "y1", "x2", "y2"), box.xyxy, strict=True)}


def _of_bands(bands: EdgeBands | None) -> dict[str, str]:
    if bands is None:
        return {}
    return {f"band_{edge}_px": _number(value, 2) for edge, value in zip(("x1", "y1", "x2", "y2"), bands, strict=True)}


def _of_measurement(measurement: Measurement) -> dict[str, str]:
    unit = f"_{measurement.unit.replace(' ', '_')}" if measurement.unit else ""
    name = measurement.name.removesuffix(unit).replace(" ", "_")
    cells = {_text(f"{name}{unit}"): _number(measurement.value, 3)}
    if measurement.low is not None:
        cells[_text(f"{name}_low{unit}")] = _number(measurement.low, 3)
        cells[_text(f"{name}_high{unit}")] = _number(measurement.high, 3)
    for one in measurement.norms:
        cells |= _of_comparison(name, one)
    return cells


def _of_comparison(name: str, comparison: NormComparison) -> dict[str, str]:
    norm = comparison.norm.replace("-", "_")
    bound = {"below": "<", "above": ">"}.get(comparison.bound or "", "")
    return {
        _text(f"{name}_centile_{norm}"): bound + _number(comparison.centile, 1),
        _text(f"{name}_grade_{norm}"): comparison.grade.value,
    }


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"


def _text(text: str) -> str:
    text = printable(text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
