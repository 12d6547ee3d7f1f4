"""The tables of the page on radiomics: the features, how they were verified, how fast they are.

``tools/tables.py`` writes them into the page. The features come from the code, the rest from what
``benchmarks/radiomics_verification.py`` and ``benchmarks/radiomics.py`` have written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from nonet.radiomics import FAMILIES, RadiomicsSettings, columns

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results"

WHY_PYSERA_DIFFERS = {
    "loc_": "NaN: rows and columns of the region's bounding box are exchanged for 2-D input",
    "morph_": "random subsamples of 250 to 500 pixels where a region has more than 1,000",
    "stat_skewness": "computed in 32-bit floats",
    "stat_kurtosis": "computed in 32-bit floats",
    "stat_quartile": "quartiles cut to integers before the ratio",
    "ih_": "shares compared as floats, so that a tie can land one bin too high",
    "ivh_": "always 0: it calls a function that numpy no longer has, and hides the error",
    "glcm_": "divides by Ng - 1 where IBSI says Ng; the digital phantom decides for IBSI",
}


def families_table() -> str:
    """Family, IBSI id, number of columns."""
    number = Counter(column.family for column in columns(RadiomicsSettings()))
    lines = [(family.title, family.ibsi_id, f"`{family.key}_`", str(number[family.key])) for family in FAMILIES]
    return markdown(("family", "IBSI", "prefix", "columns"), [*lines, ("all", "", "", str(number.total()))])


def features_table() -> str:
    """Every feature once, its aggregations in one row."""
    lines: dict[tuple[str, str], tuple[str, ...]] = {}
    for column in columns(RadiomicsSettings()):
        name = column.name.removesuffix(f"_{column.aggregation}")
        ends = "_2d_averaged, _2d_slice_merged" if column.aggregation else ""
        lines[column.family, name] = (f"`{name}`", ends, column.ibsi_id, column.section, f"`{column.definition}`")
    return markdown(("feature", "ends in", "IBSI", "section", "formula"), lines.values())


def verification_table() -> str:
    """Consensus values met, and largest relative error on real boxes, by family."""
    found = json.loads((RESULTS / "radiomics_verification.json").read_text())["families"]
    lines = [
        (family, str(row["features"]), f"{row['met']} of {row['consensus']}", f"{row['error']:.0e}")
        for family, row in found.items()
    ]
    total = [sum(row[key] for row in found.values()) for key in ("features", "met", "consensus")]
    worst = max(row["error"] for row in found.values())
    lines.append(("all", str(total[0]), f"{total[1]} of {total[2]}", f"{worst:.0e}"))
    return markdown(("family", "features", "consensus values met", "largest relative error, 36 real boxes"), lines)


def disagreements_table() -> str:
    """Where pysera differs, in how many boxes, by how much, and why."""
    found = json.loads((RESULTS / "radiomics_verification.json").read_text())["pysera"]
    lines = []
    for name, row in found.items():
        reason = next(reason for prefix, reason in WHY_PYSERA_DIFFERS.items() if name.startswith(prefix))
        size = "no value" if row["error"] is None else f"{row['error']:.1e}"
        lines.append((f"`{name}`", f"{row['boxes']} of 36", size, reason))
    return markdown(("feature", "boxes that differ by more than 1e-6", "largest relative difference", "why"), lines)


def speed_table() -> str:
    """CPU milliseconds and ratios by package and box size."""
    results = json.loads((RESULTS / "radiomics.json").read_text())
    lines = []
    for size, packages in results["boxes"].items():
        ours = packages["nonet"]["seconds"]
        lines += [
            (size, name, str(found["features"]), f"{1e3 * found['seconds']:.1f}", f"{found['seconds'] / ours:.1f}")
            for name, found in packages.items()
        ]
    head = markdown(("boxes, pixels", "package", "features", "CPU ms", "times nonet"), lines)
    growth = results["four_times_the_area"]
    return f"{head}\nA box of four times the area takes nonet {growth:.1f} times the time.\n"


def shares_table() -> str:
    """Share of each family in the time of nine boxes."""
    shares = json.loads((RESULTS / "radiomics.json").read_text())["family_shares"]
    lines = [(family, f"{100 * share:.0f} %") for family, share in sorted(shares.items(), key=lambda item: -item[1])]
    return markdown(("part", "share of the time"), lines)


def markdown(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    escaped = [[cell.replace("|", "\\|") for cell in line] for line in (head, tuple("---" for _ in head), *lines)]
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)


TABLES: dict[str, Callable[[], str]] = {
    "radiomics-families": families_table,
    "radiomics-features": features_table,
    "radiomics-verification": verification_table,
    "radiomics-disagreements": disagreements_table,
    "radiomics-speed": speed_table,
    "radiomics-shares": shares_table,
}
