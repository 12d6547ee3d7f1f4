"""How often each criterion of the plane fails, as JSON and as a table for a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Column, Table

from nonet.evaluate.bootstrap import RESAMPLES, SEED
from nonet.evaluate.robustness.run_twins import OWN
from nonet.grade.plane_criteria import criterion_limits
from nonet.reading import Criterion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.evaluate.robustness.criteria import CriteriaRun
    from nonet.reading import BundleReference

__all__ = ["criteria_json", "criteria_table"]


def criteria_json(figures: Mapping[str, Any], run: CriteriaRun, bundle: BundleReference, form: str, split: str) -> str:
    """Indented JSON that ends in a newline: the figures, how many frames, by which bundle, and the limits."""
    document = {
        **figures,
        "frames": len(run.images),
        "left_out": [one.to_json() for one in run.unreadable],
        "data": {"form": form, "split": split},
        "bundle": asdict(bundle),
        "limits": asdict(criterion_limits()),
        "protocol": {
            "frames": "those filed as standard",
            "cut": "at the middle of the reference box, from the side that is nearest to it",
            "interval": "95 % percentile bootstrap over patients where they are known, or else frames",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def criteria_table(figures: Mapping[str, Any], run: CriteriaRun, split: str) -> RenderableType:
    """A row for the frames as they are and one for each twin, the criterion that should fail marked."""
    columns = [Column("fails in a share of", no_wrap=True)]
    columns += [Column(each.value.replace("_", " "), justify="right") for each in Criterion]
    table = Table(*columns, box=None, pad_edge=False)
    table.add_row(OWN, *(_value(figures[OWN][each.value]) for each in Criterion))
    for one in figures["twins"]:
        cells = (_value(one[each.value]) + ("*" if each.value == one["criterion"] else " ") for each in Criterion)
        table.add_row(f"{one['twin']} ({one['frames']})", *cells)
    return Group(f"{len(run.images)} standard frames of {split}", "", table, "", "* the criterion that should fail")


def _value(figure: Mapping[str, float | None]) -> str:
    return "-" if figure["value"] is None else f"{figure['value']:.3f}"
