"""What figures lose on twins, as JSON and as a table for a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Column, Table

from nonet.evaluate.bootstrap import RESAMPLES, SEED
from nonet.evaluate.robustness.run_twins import OWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.evaluate.robustness.run_twins import TwinRun
    from nonet.reading import BundleReference

__all__ = ["robustness_json", "robustness_table"]

_HEADINGS = {
    "ap50": "AP50",
    "ap50_95": "AP50:95",
    "plane_auc": "plane AUC",
    "sensitivity": "sens.",
    "specificity": "spec.",
    "label_changed": "label changed",
    "label_reversed": "reversed",
}
_OF_LABELS = {"label_changed", "label_reversed"}
"""Changes themselves."""


def robustness_json(
    figures: Mapping[str, Any], run: TwinRun, bundles: Sequence[BundleReference], form: str, split: str
) -> str:
    """Indented JSON that ends in a newline: the figures, how many frames, by which bundles, and the protocol."""
    document = {
        **figures,
        "frames": len(run.frames),
        "frames_seen_in_training": sum(one.seen for one in run.frames),
        "left_out": [one.to_json() for one in run.unreadable],
        "data": {"form": form, "split": split},
        "bundles": [asdict(one) for one in bundles],
        "protocol": {
            "boxes": "reference boxes carried along; those of a rotation are of the turned ellipse that fills the box",
            "plane": "sensitivity and specificity take the most probable class; a label is that of a reading",
            "label_changed": "the plane label of the reading is another: standard, non-standard or undecided",
            "label_reversed": "standard became non-standard, or the other way round",
            "change": "less the figure of the frames as they are, in pairs",
            "interval": "95 % percentile bootstrap over patients where they are known, or else frames",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def robustness_table(figures: Mapping[str, Any], run: TwinRun, split: str) -> RenderableType:
    """A row for the frames as they are and one for each twin, changes in brackets."""
    known = [name for name in _HEADINGS if name in figures[OWN]]
    columns = [Column("", no_wrap=True), *(Column(_HEADINGS[name], justify="right") for name in known)]
    table = Table(*columns, box=None, pad_edge=False)
    table.add_row(OWN, *(_value(figures[OWN][name]) for name in known))
    family = ""
    for one in figures["twins"]:
        if one["family"] != family:
            family = one["family"]
            table.add_section()
        table.add_row(one["twin"], *(_with_change(one, name) for name in known))
    seen = sum(one.seen for one in run.frames)
    title = f"{len(run.frames)} frames of {split} and {len(figures['twins'])} twins of each; change in brackets"
    note = f"{seen} of the frames were seen in training: figures of those are no test." if seen else ""
    return Group(title, "", table, *(("", note) if note else ()))


def _with_change(one: Mapping[str, Any], name: str) -> str:
    if name in _OF_LABELS:
        return _value(one[name])
    change = one["change"][name]["value"]
    return _value(one[name]) if change is None else f"{_value(one[name])} ({change:+.3f})"


def _value(figure: Mapping[str, float | None]) -> str:
    return "-" if figure["value"] is None else f"{figure['value']:.3f}"
