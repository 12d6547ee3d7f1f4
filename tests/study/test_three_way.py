"""The published comparison: arms by kinds, on training, internal and external rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from nonet.study.plan_file import load_plan
from nonet.study.three_way import FIGURES, three_way, three_way_csv

PLAN = """
name = "three"
task = "plane"
kinds = ["tab_transformer", "boosting"]
[arms]
radiomics = ["radiomics"]
deep = ["deep"]
fusion = ["radiomics", "deep"]
[baselines]
zoom = ["zoom"]
"""


def cell(scheme: str, arm: str, kind: str, auc: float, **more: object) -> dict[str, object]:
    figure = {"value": auc, "low": auc - 0.1, "high": None}
    return {"scheme": scheme, "arm": arm, "kind": kind, "rows": 7, "auc": figure, "accuracy": figure,
            "sensitivity": figure, **more}  # fmt: skip


def test_arms_stand_side_by_side_for_each_kind_and_scheme(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    plan, _ = load_plan(tmp_path / "plan.toml")
    graded = {"grades": {"auc": {"value": 0.5, "low": 0.4, "high": 0.6}, "sensitivity": None}}
    cells = [
        cell(scheme, arm, kind, 0.8, **(graded if arm == "deep" else {}))
        for kind in ("boosting", "tab_transformer")
        for arm in ("deep", "fusion", "radiomics")
        for scheme in ("internal", "without GE", "external", "all")
    ]
    lines = three_way([*cells, cell("internal", "zoom", "logistic_regression", 0.6)], plan)
    assert [(one["kind"], one["scheme"], one["arm"]) for one in lines] == [
        (kind, scheme, arm)
        for kind in ("tab_transformer", "boosting")
        for scheme in ("all", "internal", "external", "without GE")
        for arm in ("radiomics", "deep", "fusion")
    ]
    read = list(csv.DictReader(io.StringIO(three_way_csv(lines))))
    assert len(read) == len(lines)
    assert set(read[0]) == {"kind", "scheme", "arm", "rows"} | {
        name + end for name in FIGURES for end in ("", "_low", "_high")
    }
    assert (read[1]["arm"], read[1]["ordinal_auc_high"], read[1]["auc_high"]) == ("deep", "0.6", "")
    assert read[0]["ordinal_auc"] == ""
