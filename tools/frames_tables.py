"""The tables of the page on frames: limits and transfer syntaxes from the code, the overlay's figures measured.

``tools/tables.py`` writes them into the page; ``benchmarks/overlay.py``, ``benchmarks/guards.py``,
``benchmarks/batch.py`` and ``benchmarks/hostile.py`` write what they quote.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

from nonet.frames import Limits
from nonet.frames.dicom.stored_samples import COMPRESSED

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results"
WHAT_IS_LIMITED = {
    "file_bytes": "size of a DICOM file",
    "still_bytes": "size of a PNG, JPEG, TIFF, BMP or WebP file",
    "pixels": "pixels of a frame",
    "side": "rows, and columns, of a frame",
    "frames": "frames of a file",
    "inflated_bytes": "size of a deflated data set once inflated",
    "inflation": "its size once inflated over its size, from 32 MiB on",
    "nesting": "sequences inside one another",
    "elements": "data elements before the pixel data",
    "decode_seconds": "seconds to decode a frame",
    "decode_bytes": "memory to decode a frame",
}
KINDS = {
    "text": "text",
    "ruler": "ruler",
    "bar": "grey scale bar",
    "inset": "inset",
    "calliper": "calliper",
}


def measured(name: str) -> Any:  # noqa: ANN401
    """A result file."""
    return json.loads((RESULTS / name).read_text())


def limits_table() -> str:
    """Every limit with its default."""
    rows = [["`Limits`", "what it bounds", "default"]]
    rows += [
        [f"`{field.name}`", WHAT_IS_LIMITED[field.name], amount(field.name, field.default)] for field in fields(Limits)
    ]
    return markdown_table(rows)


def amount(name: str, value: float) -> str:
    """A limit as a person writes it."""
    return f"{value / 2**20:g} MiB" if name.endswith("bytes") else f"{value:,}".removesuffix(".0")


def syntaxes_table() -> str:
    """Every transfer syntax that is decoded."""
    return markdown_table([["UID", "compression"], *([f"`{uid}`", name] for uid, name in COMPRESSED.items())])


def drawn_table() -> str:
    """How much of what is drawn is covered, on both parts of the reference."""
    drawn = measured("overlay.json")["drawn"]
    rows = [["drawn", "ink covered, held-out", "found, held-out", "ink covered, development", "found, development"]]
    for kind, name in KINDS.items():
        parts = [drawn[part][kind] for part in ("held-out", "development")]
        ink = ["-" if kind == "calliper" else f"{100 * part['ink_covered']:.1f} %" for part in parts]
        found = [f"{part['blocks_found']} of {part['blocks']}" for part in parts]
        rows.append([name, ink[0], found[0], ink[1], found[1]])
    return markdown_table(rows)


def boxes_table() -> str:
    """How much of each boxed structure is covered, rightly or wrongly."""
    structures = measured("overlay.json")["boxed_structures"]
    rows = [["structure", "boxes", "pixels covered", "boxes covered by over 5 %"]]
    for name, row in structures.items():
        share, over = 100 * row["pixels_covered"], 100 * row["boxes_over_5_percent"]
        rows.append([name.replace("_", " "), str(row["boxes"]), f"{share:.3f} %", f"{over:.2f} %"])
    return markdown_table(rows)


def also_table() -> str:
    """The other figures of the measurement."""
    result = measured("overlay.json")
    residues, time = result["painted_over_callipers"], result["processor_time"]
    size = f"{time['median_width']:g} x {time['median_height']:g}"
    return markdown_table(
        [
            ["measured", "value"],
            [
                "callipers that were painted over: frames whose residue is marked",
                f"{residues['marked']} of {residues['frames']}",
            ],
            ["pixels of all boxes that lie in the sector", f"{100 * result['box_pixels_in_sector']:.2f} %"],
            [f"processor time for both masks, median, {size} pixels", f"{time['median_ms']:g} ms"],
        ]
    )


def bombs_table() -> str:
    """What two bombs cost above a good file."""
    rows = [["file", "bytes", "refused", "seconds above a good file", "MB above a good file"]]
    for name, row in measured("guards.json")["bombs"].items():
        if name != "good":
            above = [f"{max(row[f'{unit}_above_good'], 0):.2f}" for unit in ("seconds", "megabytes")]
            rows.append([name, f"{row['file_bytes']:,}", f"`{row['refused']}`", *above])
    return markdown_table(rows)


def decoder_table() -> str:
    """What the decoder process costs."""
    rows = [["640 x 480, one frame", "first, ms", "each next, ms"]]
    for name, row in measured("guards.json")["decoder_ms"].items():
        rows.append([name, f"{row['first']:g}", f"{row['next']:g}"])
    return markdown_table(rows)


def batch_table() -> str:
    """What a folder of frames costs with ``nonet read``."""
    result = measured("batch.json")
    rows = [["run", "seconds", "frames a second"]]
    for name, run in result.items():
        if isinstance(run, dict) and "seconds" in run:
            rows.append([name, f"{run['seconds']:g}", f"{run['frames_per_second']:g}"])
    runs = [run for run in result.values() if isinstance(run, dict) and "seconds" in run]
    largest = max(run["largest_process_so_far_mb"] for run in runs)
    pages = result["pages"]
    rows.append(["largest process, MB", f"{largest}", ""])
    rows.append(
        [
            f"largest of {pages['number']} pages, MB; the list of all frames, MB",
            f"{pages['largest_mb']:g}; {result['index_mb']:g}",
            "",
        ]
    )
    return markdown_table(rows)


def hostile_table() -> str:
    """How a campaign of damaged input ended."""
    rows = [["damaged", "cases", "read", "refused with a clear error", "anything else", "slowest, CPU s", "MB more"]]
    for name, one in measured("hostile.json").items():
        if isinstance(one, dict) and "cases" in one:
            outcomes = dict(one["outcomes"])
            good = outcomes.pop("read", 0)
            bad = sum(count for outcome, count in outcomes.items() if outcome.startswith(("UNTYPED", "CRASH", "more")))
            refused = sum(outcomes.values()) - bad
            cost = [f"{one['slowest_cpu_seconds']:g}", f"{one['largest_process_mb_beyond_the_first_case']}"]
            rows.append([name, f"{one['cases']:,}", f"{good:,}", f"{refused:,}", f"{bad}", *cost])
    return markdown_table(rows)


TABLES: dict[str, Callable[[], str]] = {
    "frames-limits": limits_table,
    "frames-syntaxes": syntaxes_table,
    "batch": batch_table,
    "guards-bombs": bombs_table,
    "hostile": hostile_table,
    "guards-decoder": decoder_table,
    "overlay-drawn": drawn_table,
    "overlay-boxes": boxes_table,
    "overlay-also": also_table,
}
