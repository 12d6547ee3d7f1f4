"""The tables of the page on grades, from what ``nonet study run`` and ``nonet evaluate untouched`` wrote."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from markdown_table import figure_cell, markdown_table
from study_tables import kinds_compared

__all__ = ["TABLES"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results"
EDITS, HEADS, KINDS, REFERENCE = "grades-edits", "grades-heads", "grades-kinds", "grades-reference"
PRIMARY = ("nuchal_translucency", "nasal_bone", "fourth_ventricle", "cisterna_magna")
GRADED = (*PRIMARY, "palate", "midbrain")
KIND = "logistic_regression"
_PROBABLE = "abnormal_most_probable"
FIGURES = {
    "auc": "ordinal AUC",
    "abnormal_against_normal": "AUC, abnormal against normal",
    "sensitivity": "sensitivity, as a reading",
    "normal_called_abnormal": "normal called abnormal",
    "sensitivity_at_argmax": "sensitivity, most probable",
    "normal_called_abnormal_at_argmax": "normal called abnormal, most probable",
}


def _study(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((RESULTS / "studies" / name / "figures.json").read_text())
    return document


def _cell(study: Mapping[str, Any], scheme: str, arm: str) -> dict[str, Any] | None:
    wanted = (scheme, arm, KIND)
    return next((one for one in study["cells"] if (one["scheme"], one["arm"], one["kind"]) == wanted), None)


def _grades(cell: Mapping[str, Any] | None, structure: str) -> dict[str, Any]:
    found: dict[str, Any] = {} if cell is None else cell["structures"].get(structure, {}).get("grades", {})
    return found


def _structures(scheme: str) -> str:
    """Every figure of what ships, structure by structure."""
    study = _study(EDITS)
    cell = _cell(study, scheme, study["best"]["arm"])
    rows = [["structure", *FIGURES.values()]]
    for structure in GRADED:
        found = _grades(cell, structure)
        rows.append([_named(structure), *(figure_cell(found.get(name)) for name in FIGURES)])
    return markdown_table(rows)


def _arms(figure: str, name: str = EDITS, scheme: str = "internal") -> str:
    """A figure of each arm and baseline in each structure, by default on edits that were kept out."""
    study = _study(name)
    arms = [one["arm"] for one in study["cells"] if one["scheme"] == scheme]
    rows = [["features", *map(_named, GRADED)]]
    for arm in dict.fromkeys(arms):
        cell = _cell(study, scheme, arm)
        rows.append([arm, *(figure_cell(_grades(cell, structure).get(figure)) for structure in GRADED)])
    return markdown_table(rows)


def _crossing(arms: tuple[str, ...] = ("ruler alone", "fusion", "fusion without size")) -> str:
    """Trained on one generator, tested on both: AUC of abnormal against normal."""
    rows = [["features", "trained on", "tested on", *map(_named, GRADED)]]
    for arm in arms:
        for name, own, other in ((EDITS, "edits", "heads"), (HEADS, "heads", "edits")):
            study = _study(name)
            for scheme, tested in (("internal", own), ("external", other)):
                cell = _cell(study, scheme, arm)
                told = [figure_cell(_grades(cell, one).get("abnormal_against_normal")) for one in GRADED]
                rows.append([arm, own, tested, *told])
    return markdown_table(rows)


def _primary() -> str:
    """The four corrected tests, and what features bring over the ruler."""
    document = _study(EDITS)["primary"]
    rows = [["tested", "structure", "held against", "ours", "theirs", "difference", "p, Holm"]]
    for family in ("against", "ruler"):
        for one in document[family]:
            figures = [figure_cell(one[name]) for name in ("ours", "theirs", "auc")]
            rows.append([one["scheme"], _named(one["structure"]), one["against"][0], *figures, f"{one['p_holm']:.3f}"])
    return markdown_table(rows)


def _amounts() -> str:
    """By thirds of how far an abnormal size lies beyond its edge; what ships."""
    study = _study(EDITS)
    rows = [["structure, variable", *(f"{third}: {name}" for third in ("nearest", "middle", "farthest")
                                     for name in ("AUC", "sensitivity"))]]  # fmt: skip
    for one in study["amounts"]["cells"]:
        if (one["scheme"], one["arm"], one["kind"]) != ("internal", study["best"]["arm"], KIND):
            continue
        told = []
        for third in ("nearest", "middle", "farthest"):
            found = one["thirds"][third]
            told += [figure_cell(found.get("abnormal_against_normal")), figure_cell(found.get("sensitivity"))]
        rows.append([f"{_named(one['structure'])}, {_named(one['variable'])}", *told])
    return markdown_table(rows)


def _dose() -> str:
    """Probability of abnormal by tenths of the size that was given; what ships."""
    study = _study(EDITS)
    rows = [["structure, variable, unit", *(f"tenth {place}" for place in range(1, 11))]]
    for one in study["amounts"]["cells"]:
        if (one["scheme"], one["arm"], one["kind"]) == ("internal", study["best"]["arm"], KIND):
            told = [f"{step['mean']:.2f}: {step['probability']['value']:.2f}" for step in one["dose"]]
            rows.append([f"{_named(one['structure'])}, {_named(one['variable'])}, {one['unit']}", *told])
    return markdown_table(rows)


def _untouched() -> str:
    """What the graders of the folds say of untouched frames."""
    document = json.loads((RESULTS / "untouched.json").read_text())
    rows = [["structure", "n", "abnormal, as a reading", "undecided", "abnormal, most probable", "GE, the same",
             "Philips, the same", "worst zoom, the same", "as the sham copy", "most probable, the same"]]  # fmt: skip
    for name, one in {**document["structures"], "all": document["pooled"]}.items():
        devices = [figure_cell(one["devices"].get(maker, {}).get(_PROBABLE)) for maker in ("GE", "Philips")]
        worst = max((zoom[_PROBABLE] for zoom in one["zooms"].values()), key=lambda each: each["value"] or 0.0)
        calls = [figure_cell(one[call]) for call in ("abnormal", "undecided", _PROBABLE)]
        shams = [figure_cell(one["sham"][call]) for call in ("agreement", "agreement_most_probable")]
        rows.append([_named(name), str(one["n"]), *calls, *devices, figure_cell(worst), *shams])
    return markdown_table(rows)


def _elsewhere() -> str:
    """Whether a structure is called as in the frame itself where another was made abnormal, beside its sham copy."""
    document = json.loads((RESULTS / "untouched.json").read_text())
    rows = [["structure", "n", "the same set", "sham copy", "the same most probable grade", "sham copy",
             "abnormal, as a reading", "in the frame itself"]]  # fmt: skip
    for name, one in {**document["structures"], "all": document["pooled"]}.items():
        beside, sham = one["elsewhere"], one["sham"]
        calls = [each[figure] for figure in ("agreement", "agreement_most_probable") for each in (beside, sham)]
        calls += [beside["abnormal"], one["abnormal"]]
        rows.append([_named(name), str(beside["n"]), *map(figure_cell, calls)])
    return markdown_table(rows)


def _print() -> str:
    """P(abnormal) of the nuchal translucency against printed readings."""
    rows = [["frames", "n", "rank correlation", "mm per pixel held", "box height, the same", "difference"]]
    for frames, name in (
        ("Set2, seen by no network", "untouched.json"),
        ("Set1, networks saw them", "untouched-set1.json"),
    ):
        one = json.loads((RESULTS / name).read_text())["nuchal_print"]
        figures = [figure_cell(one.get(key)) for key in ("spearman", "partial", "box_height", "difference")]
        rows.append([frames, str(one["n"]), *figures])
    return markdown_table(rows)


def _three_way() -> str:
    """The published comparison: arm by kind, on training rows, on rows kept out, on other generator and other maker."""
    names = {"auc": "AUC", "ordinal_auc": "ordinal AUC", "accuracy": "accuracy", "sensitivity": "sensitivity"}
    rows = [["grader", "rows", "features", "n", *names.values()]]
    for one in _study(KINDS)["three_way"]:
        told = [figure_cell(one[name]) for name in names]
        rows.append([_named(one["kind"]), one["scheme"], one["arm"], str(one["rows"]), *told])
    return markdown_table(rows)


def _beside_again(name: str, own: str, again: str) -> str:
    """Arms of a study beside those of the repetition of the study of edits on another machine."""
    repeated = _three_way_file("grades-edits-again")
    rows = [
        ["rows", "features", *(f"{figure}, {which}" for figure in ("AUC", "ordinal AUC") for which in (own, again))]
    ]
    for one in _study(name)["three_way"]:
        if other := repeated.get((one["scheme"], one["arm"])):
            told = [
                cell
                for figure in ("auc", "ordinal_auc")
                for cell in (figure_cell(one[figure]), figure_cell(_csv_figure(other, figure)))
            ]
            rows.append([one["scheme"], one["arm"], *told])
    return markdown_table(rows)


def _three_way_file(study: str) -> dict[tuple[str, str], dict[str, str]]:
    """Rows of a study's ``three_way.csv`` by scheme and arm."""
    with (RESULTS / "studies" / study / "three_way.csv").open(newline="") as file:
        return {(one["scheme"], one["arm"]): one for one in csv.DictReader(file)}


def _csv_figure(row: Mapping[str, str], name: str) -> dict[str, float]:
    return {end: float(row[name if end == "value" else f"{name}_{end}"]) for end in ("value", "low", "high")}


def _named(name: str) -> str:
    return "TabTransformer" if name == "tab_transformer" else name.replace("_", " ")


TABLES: dict[str, Callable[[], str]] = {
    "grades-structures": partial(_structures, "internal"),
    "grades-arms": partial(_arms, "abnormal_against_normal"),
    "grades-crossing": _crossing,
    "grades-primary": _primary,
    "grades-amounts": _amounts,
    "grades-dose": _dose,
    "grades-untouched": _untouched,
    "grades-elsewhere": _elsewhere,
    "grades-print": _print,
    "grades-three-way": _three_way,
    "grades-kinds": partial(kinds_compared, KINDS),
    "grades-again": partial(_beside_again, EDITS, "first", "again"),
    "grades-reference": partial(_beside_again, REFERENCE, "reference boxes", "detected boxes"),
    "grades-reference-internal": partial(_arms, "abnormal_against_normal", REFERENCE),
    "grades-reference-external": partial(_arms, "abnormal_against_normal", REFERENCE, "external"),
}
