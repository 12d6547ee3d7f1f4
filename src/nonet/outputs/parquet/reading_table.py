"""The Parquet form of readings: one row a frame, the columns that people ask for, and the whole reading as JSON.

Structures and measurements have columns of their own, named ``nuchal_translucency_thickness_mm`` and so on, so that a
question is a line of SQL. ``reading`` is the document, byte for byte that of ``NAME.json``. A file that could not be
read is a row with ``failure_rule``, ``failure_found`` and ``failure_remedy``, and nothing else of a reading.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from nonet.anatomy import STRUCTURES
from nonet.measure.protocols import MEASURED
from nonet.outputs.phrases import criteria_not_met
from nonet.reading import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from nonet.errors import Failure
    from nonet.reading import Finding, Reading

__all__ = ["failure_row", "item_key", "parquet_bytes", "parquet_schema", "reading_row", "table_of"]

_HEX = 32
_CODEC = "zstd"


def item_key(name: str, file_sha256: str, made_by: str) -> str:
    """What stands for a file's results: its name, its bytes, the bundle and the settings; 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps([name, file_sha256, made_by]).encode()).hexdigest()[:_HEX]


@cache
def parquet_schema() -> pa.Schema:
    """The columns, the same of every file."""
    import pyarrow as pa

    text, number, whole, truth = pa.string(), pa.float64(), pa.int32(), pa.bool_()
    columns: dict[str, pa.DataType] = {
        "item": text,
        "name": text,
        "frame": whole,
        "frames": whole,
        "format": text,
        "file_sha256": text,
        "sop_instance_uid": text,
        "pixels_sha256": text,
        "width_px": whole,
        "height_px": whole,
        "spacing_x_mm": number,
        "spacing_y_mm": number,
        "spacing_source": text,
        "face": text,
        "plane_probability": number,
        "plane_label": text,
        "plane_criteria_not_met": text,
        "plane_as_far_out": number,
    }
    for structure in STRUCTURES:
        columns |= {f"{structure.value}_visible": truth, f"{structure.value}_score": number}
        columns |= {f"{structure.value}_{edge}_px": number for edge in ("x1", "y1", "x2", "y2")}
        columns |= {f"{structure.value}_grade": text, f"{structure.value}_grade_basis": text}
        columns |= {f"{structure.value}_probability_abnormal": number}
    for structure, name in MEASURED:
        start = f"{structure.value}_{name}"
        columns |= {f"{start}_mm": number, f"{start}_low_mm": number, f"{start}_high_mm": number}
        columns |= {f"{start}_centile": number}
    columns |= {
        "warnings": pa.list_(text),
        "crl_mm": number,
        "ga_days": number,
        "bundle": text,
        "bundle_sha256": text,
        "made_by": text,
        "failure_rule": text,
        "failure_found": text,
        "failure_remedy": text,
        "reading": text,
    }
    return pa.schema(columns, metadata={"nonet.reading.schema": SCHEMA})


def reading_row(name: str, item: str, made_by: str, reading: Reading) -> dict[str, Any]:
    """The row of a frame.

    Parameters
    ----------
    name
        The name of its results.
    item
        The key of its file, as `item_key` gives it.
    made_by
        What stands for the bundle and the settings.
    reading
        The reading.
    """
    source, plane, spacing = reading.source, reading.plane_quality, reading.spacing
    row: dict[str, Any] = {
        "item": item,
        "name": _utf8(name),
        "frame": source.frame,
        "frames": source.frames,
        "format": source.format,
        "file_sha256": source.file_sha256,
        "sop_instance_uid": source.sop_instance_uid or None,
        "pixels_sha256": reading.image.pixels_sha256,
        "width_px": reading.image.width,
        "height_px": reading.image.height,
        "face": reading.face and reading.face.value,
        "plane_probability": plane.probability,
        "plane_label": plane.label and plane.label.value,
        "plane_criteria_not_met": criteria_not_met(plane) or None,
        "plane_as_far_out": plane.as_far_out,
        "warnings": list(reading.warnings),
        "crl_mm": reading.settings.crl_mm,
        "ga_days": reading.settings.ga_days,
        "bundle": f"{reading.bundle.name} {reading.bundle.version}",
        "bundle_sha256": reading.bundle.sha256,
        "made_by": made_by,
        "reading": reading.to_json(),
    }
    if spacing:
        row |= {"spacing_x_mm": spacing.x_mm, "spacing_y_mm": spacing.y_mm, "spacing_source": spacing.source.value}
    for finding in reading.findings:
        row |= dict(_of_finding(finding))
    return row


def failure_row(failure: Failure, item: str, file_sha256: str, made_by: str) -> dict[str, Any]:
    """The row of a file that could not be read, or of the part of it that could not."""
    error = failure.error
    return {
        "item": item,
        "name": _utf8(failure.name),
        "file_sha256": file_sha256,
        "made_by": made_by,
        "failure_rule": _utf8(error.rule),
        "failure_found": _utf8(error.found),
        "failure_remedy": _utf8(error.remedy),
    }


def table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None) -> pa.Table:
    """Rows as a table with all columns; what a row lacks is null."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema or parquet_schema())


def parquet_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as a Parquet file: the same bytes of the same rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table_of(rows), sink, compression=_CODEC)
    return bytes(sink.getvalue())


def _of_finding(finding: Finding) -> Iterator[tuple[str, Any]]:
    start, grading = finding.structure.value, finding.grading
    yield f"{start}_visible", finding.visible
    yield f"{start}_score", finding.score
    if finding.box:
        yield from zip((f"{start}_{edge}_px" for edge in ("x1", "y1", "x2", "y2")), finding.box.xyxy, strict=True)
    yield f"{start}_grade", grading.grade.value
    yield f"{start}_grade_basis", grading.basis and grading.basis.value
    for grade, probability in (grading.probabilities or {}).items():
        if grade.value == "abnormal":
            yield f"{start}_probability_abnormal", probability
    for measurement in finding.measurements:
        if measurement.unit == "mm" and (finding.structure, measurement.name) in MEASURED:
            column = f"{start}_{measurement.name}"
            yield f"{column}_mm", measurement.value
            yield f"{column}_low_mm", measurement.low
            yield f"{column}_high_mm", measurement.high
            yield f"{column}_centile", measurement.centile


def _utf8(text: str) -> str:
    """A name whose bytes are no text has their codes; Parquet holds UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
