"""``frames.csv``: what is known of each image beyond its boxes, beside a data set of any form.

One row per image, found by ``fname``. Columns, all optional: ``centre``, ``patient``, ``device_family``, ``layout``,
``source`` of a copy, ``plane``, and ``mm_per_px`` with ``scale_source`` and ``flags`` that say how far to trust it;
``nt_printed_mm`` and ``nt_calliper_mm`` are what the machine shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nonet.datasets.csv_file import read_csv
from nonet.datasets.data_set import ImageRow, Plane
from nonet.datasets.problems import Problem, Severity

__all__ = ["FRAME_COLUMNS_FILE", "with_frame_columns"]

FRAME_COLUMNS_FILE = "frames.csv"

_KEY = "fname"
_COLUMNS = (
    _KEY,
    "centre",
    "patient",
    "device_family",
    "layout",
    "source",
    "plane",
    "mm_per_px",
    "scale_source",
    "flags",
    "nt_printed_mm",
    "nt_calliper_mm",
)
_PLAUSIBLE_MM = (0.001, 10.0)
_SHOWN = 3


def with_frame_columns(images: Iterable[ImageRow], folder: Path) -> tuple[tuple[ImageRow, ...], tuple[Problem, ...]]:
    """Images with the columns of the folder's ``frames.csv`` filled in, as they are if it has none.

    A pixel size counts only if it is from 0.001 to 10 mm, its ``scale_source`` does not end in
    ``weak`` and its flags do not say ``scale_geom_fail`` or ``scale_weak``. Of two rows for an image the first
    counts. Each row that names no image, column that is not known, and value that is not used is a problem.
    """
    images = tuple(images)
    path = folder / FRAME_COLUMNS_FILE
    if not path.is_file():
        return images, ()
    try:
        table = read_csv(path, (_KEY,))
    except (OSError, ValueError) as problem:
        return images, (_problem(Severity.ERROR, _FORM, str(problem), "Save it again, or remove it"),)
    rows: dict[str, Mapping[str, str]] = {}
    for _, row in table.rows:
        rows.setdefault(row[_KEY], row)
    problems = (
        *_unknown_columns(table.columns),
        *_repeated([row[_KEY] for _, row in table.rows]),
        *_unmatched(rows, images, "patient" in table.columns),
        *_bad_scales(table.rows),
        *_bad_planes(table.rows, images),
    )
    return tuple(_filled(image, rows.get(image.name, {})) for image in images), problems


def _filled(image: ImageRow, row: Mapping[str, str]) -> ImageRow:
    return replace(
        image,
        centre=row.get("centre") or image.centre,
        patient=row.get("patient") or image.patient,
        device=row.get("device_family") or image.device,
        layout=row.get("layout") or image.layout,
        source=row.get("source") or image.source,
        plane=image.plane or _plane(row.get("plane", "")),
        mm_per_px=_trusted_scale(row) or image.mm_per_px,
    )


def _trusted_scale(row: Mapping[str, str]) -> float | None:
    doubted = {"scale_geom_fail", "scale_weak"} & set(row.get("flags", "").split(";"))
    if doubted or row.get("scale_source", "").endswith("weak"):
        return None
    return _scale(row.get("mm_per_px", ""))


def _scale(text: str) -> float | None:
    """A pixel size that an image of a body can have, or None."""
    try:
        scale = float(text)
    except ValueError:
        return None
    return scale if _PLAUSIBLE_MM[0] <= scale <= _PLAUSIBLE_MM[1] else None


_FORM = f"{FRAME_COLUMNS_FILE} is a CSV file in UTF-8 with a column {_KEY}"


def _unknown_columns(columns: Sequence[str]) -> Iterator[Problem]:
    unknown = [name for name in columns if name not in _COLUMNS]
    if unknown:
        rule = f"The columns of {FRAME_COLUMNS_FILE} are among {', '.join(_COLUMNS)}"
        yield _problem(Severity.WARNING, rule, f"{_some(unknown)}, not read", "Rename or remove it")


def _repeated(names: Sequence[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    again = [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if again:
        rule = f"An image has one row in {FRAME_COLUMNS_FILE}"
        yield _problem(Severity.ERROR, rule, f"another row for {_some(again)}; the first counts", "Remove one of them")


def _unmatched(rows: Iterable[str], images: Sequence[ImageRow], has_patients: bool) -> Iterator[Problem]:
    names = {image.name for image in images}
    lost = [name for name in rows if name not in names]
    if lost:
        rule = f"A row of {FRAME_COLUMNS_FILE} names an image as nonet check does"
        found = f"no usable image {_some(lost)}" + (f"; images are named like {min(names)}" if names else "")
        yield _problem(Severity.ERROR, rule, found, "Correct fname: what such a row says of an image is lost")
    without = [image.name for image in images if image.name not in set(rows)]
    if without and has_patients:
        rule = f"Every image has a row where {FRAME_COLUMNS_FILE} names patients"
        yield _problem(Severity.WARNING, rule, f"none for {_some(without)}", "Add the rows: images without count alone")


def _bad_scales(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Problem]:
    bad = [f"{row['mm_per_px']} in line {line}" for line, row in rows if row.get("mm_per_px") and _is_bad(row)]
    if bad:
        low, high = _PLAUSIBLE_MM
        rule = f"mm_per_px is a number from {low} to {high}"
        yield _problem(Severity.ERROR, rule, f"{_some(bad)}; not used", "Correct or empty the cell")


def _plane(word: str) -> Plane | None:
    plain = "-".join(word.casefold().split())
    return Plane(plain) if plain in set(Plane) else None


def _bad_planes(rows: Iterable[tuple[int, Mapping[str, str]]], images: Iterable[ImageRow]) -> Iterator[Problem]:
    of_image = {image.name: image.plane for image in images}
    stated = [(line, row, row.get("plane", "").strip()) for line, row in rows]
    unknown = [f"{word!r} in line {line}" for line, _, word in stated if word and _plane(word) is None]
    if unknown:
        rule = f"plane is {' or '.join(Plane)}"
        yield _problem(Severity.ERROR, rule, f"{_some(unknown)}; not used", "Correct or empty the cell")
    other = [
        row[_KEY]
        for _, row, word in stated
        if (own := of_image.get(row[_KEY])) is not None and (plane := _plane(word)) is not None and plane != own
    ]
    if other:
        rule = f"The plane in {FRAME_COLUMNS_FILE} is that of the folder"
        yield _problem(Severity.ERROR, rule, f"another for {_some(other)}; the folder counts", "Correct one of them")


def _is_bad(row: Mapping[str, str]) -> bool:
    return _scale(row["mm_per_px"]) is None


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _problem(severity: Severity, rule: str, found: str, remedy: str) -> Problem:
    return Problem(severity, FRAME_COLUMNS_FILE, rule, found, remedy)
