"""Figures of measurements by structure and name, as JSON values and as a table for a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from nonet.evaluate.bootstrap import RESAMPLES, SEED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.reading import BundleReference

__all__ = ["sizes_json", "sizes_table"]


def sizes_json(
    figures: Mapping[str, Any], data: Mapping[str, Any], bundle: BundleReference, protocol: Mapping[str, str]
) -> str:
    """Indented JSON that ends in a newline: the figures of each measurement, of what, by which bundle, and how.

    Parameters
    ----------
    figures
        By structure and name.
    data
        What was measured.
    bundle
        That found the boxes.
    protocol
        What the figures mean.
    """
    document = {
        "measurements": figures,
        "data": data,
        "bundles": [asdict(bundle)],
        "protocol": {**protocol, "resamples": RESAMPLES, "seed": SEED},
    }
    return json.dumps(document, indent=1) + "\n"


def sizes_table(figures: Mapping[str, Any], words: Mapping[str, str], parts: tuple[str, ...] = ()) -> Table:
    """A row for each measurement and for each of its parts (machines, twins), with the figures named in ``words``."""
    columns = [Column("", no_wrap=True), Column("n", justify="right")]
    table = Table(*columns, *(Column(each, justify="right") for each in words.values()), box=None, pad_edge=False)
    for name_of, own in figures.items():
        heading = name_of.replace("_", " ").replace(".", " ")
        table.add_row(heading, str(own["n"]), *(_words(own[name]) for name in words), style="bold")
        for part in parts:
            for name, one in own[part].items():
                table.add_row(f"  {name}", str(one["n"]), *(_words(one[each]) for each in words))
    return table


def _words(one: Mapping[str, float | None]) -> str:
    if one["value"] is None:
        return "-"
    low, high = ("no bound" if one[end] is None else f"{one[end]:.2f}" for end in ("low", "high"))
    return f"{one['value']:.3f} ({low} to {high})"
