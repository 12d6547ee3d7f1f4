"""The tables of measurements: against printed readings, simulated heads, repeats; from the files of the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results"
FILES = {"both sets, fold detectors": "measurements.json", "Set2, shipped detector": "measurements-set2.json"}
ROWS = {
    "median_absolute_error_mm": "median absolute error, mm",
    "bias_mm": "bias, mm",
    "within_0_1_mm": "within 0.1 mm",
    "limits_mm": "limits of agreement, mm",
    "icc_a1": "ICC(A,1)",
    "interval_holds": "90 % interval holds the print",
}
KNOWN = {
    "share_measured": "share measured",
    "median_absolute_error_mm": "median absolute error, mm",
    "bias_mm": "bias, mm",
    "median_absolute_error_to_size_mm": "median absolute error to the size itself, mm",
    "bias_to_size_mm": "bias to it, mm",
    "interval_holds": "90 % interval holds",
}


def _measurements() -> str:
    documents = [json.loads((RESULTS / file).read_text()) for file in FILES.values()]
    columns = [
        (f"{name}, {words} ({one['n']})", one)
        for name, document in zip(FILES, documents, strict=True)
        for words, one in (("ruler", document), ("print, placement only", document["calliper_text"]))
    ]
    rows = [["", *(heading for heading, _ in columns)]]
    rows += [[words, *(_words(one.get(name)) for _, one in columns)] for name, words in ROWS.items()]
    return markdown_table(rows)


def _simulated() -> str:
    measured = json.loads((RESULTS / "measurements-simulated.json").read_text())["measurements"]
    rows = [["", "n", *KNOWN.values()]]
    for name, own in measured.items():
        rows.append([f"**{_label(name)}**", str(own["n"]), *(_short(own[each]) for each in KNOWN)])
        for part in ("devices", "twins"):
            rows += [[key, str(one["n"]), *(_short(one[each]) for each in KNOWN)] for key, one in own[part].items()]
    return markdown_table(rows)


def _repeats() -> str:
    measured = json.loads((RESULTS / "measurements-repeat.json").read_text())["measurements"]
    kinds = list(next(iter(measured.values()))["kinds"])
    rows = [["sd, mm", "frames", "measured again", "all changes", "median of a frame", *kinds]]
    for name, own in measured.items():
        each = (own["kinds"][kind]["sd_mm"] for kind in kinds)
        cells = [str(own["n"]), *(_short(own[part]) for part in ("share_measured", "sd_mm", "median_sd_mm"))]
        rows.append([_label(name), *cells, *map(_short, each)])
    return markdown_table(rows)


def _sizes() -> str:
    document = json.loads((RESULTS / "measured-sizes.json").read_text())
    rows = [["pixel size from", "measurement", "frames measured", "median, mm", "quartiles", "5th to 95th centile"]]
    for scale, sizes in document["sizes"].items():
        for name, one in sizes.items():
            mm = one["mm"]
            share = f"{one['n']} of {document['frames'][scale]}"
            spread = f"{mm['p25']:.2f} to {mm['p75']:.2f}", f"{mm['p5']:.2f} to {mm['p95']:.2f}"
            rows.append([scale, _label(name), share, f"{mm['p50']:.2f}", *spread])
    return markdown_table(rows)


def _label(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def _short(one: dict[str, float | None]) -> str:
    return "-" if one["value"] is None else "{value:.2f} ({low:.2f} to {high:.2f})".format(**one)


def _words(one: dict[str, float] | None) -> str:
    return "{value:.3f} ({low:.3f} to {high:.3f})".format(**one) if one else ""


TABLES: dict[str, Callable[[], str]] = {
    "measurements": _measurements,
    "measurements-simulated": _simulated,
    "measurements-repeat": _repeats,
    "measured-sizes": _sizes,
}
