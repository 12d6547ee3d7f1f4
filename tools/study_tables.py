"""The tables of the page on the study, from the figures that ``nonet study run`` wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

from nonet.study.plan import Plan
from nonet.study.plan_file import load_plan

__all__ = ["TABLES", "kinds_compared"]

RESULTS = Path(__file__).parents[1] / "benchmarks/results/studies"
KINDS = {"tab_transformer": "TabTransformer", "logistic_regression": "logistic regression", "boosting": "boosting"}
PLANE = ("internal", "without GE", "without Philips")


def _figures(study: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((RESULTS / study / "figures.json").read_text())
    return document


def _plan(study: str) -> Plan:
    return load_plan(RESULTS / study / "study.toml")[0]


def _cells(study: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(one["scheme"], one["arm"], one["kind"]): one for one in _figures(study)["cells"]}


def _comparison(study: str, schemes: Iterable[str]) -> str:
    """AUC of every cell; the best and the baselines are told apart by the report."""
    cells, names = _cells(study), list(schemes)
    rows = [["features", "grader", *(f"{name}, {cells[name, *_first(cells)]['rows']} rows" for name in names)]]
    for arm, kind in dict.fromkeys((arm, kind) for _, arm, kind in cells):
        rows.append([arm, KINDS[kind], *(_figure(cells[name, arm, kind]["auc"], 3) for name in names)])
    return markdown_table(rows)


def _first(cells: dict[tuple[str, str, str], Any]) -> tuple[str, str]:
    return next(iter(cells))[1:]


def _shipped() -> str:
    """Every figure of the shipped grader of planes."""
    figures, cells = _figures("plane-quality"), _cells("plane-quality")
    best, level = (figures["best"]["arm"], figures["best"]["kind"]), _plan("plane-quality").level
    wanted = (
        "auc",
        "within_layout_auc",
        "accuracy",
        "sensitivity",
        "specificity",
        "brier",
        "calibration_intercept",
        "calibration_slope",
    )
    rows = [["figure", *PLANE]]
    for name in wanted:
        told = [_figure(cells[scheme, *best][name], 3) for scheme in PLANE]
        rows.append([name.replace("_", " ").replace("auc", "AUC"), *told])
    within_ge = [_figure(cells[scheme, *best]["devices"].get("GE", {}).get("within_layout_auc"), 3) for scheme in PLANE]
    rows.append(["AUC within GE's layouts", *within_ge])
    for name in ("non-standard", "standard"):
        told = [_figure(cells[scheme, *best]["conformal"]["coverage"][name], 3) for scheme in PLANE]
        rows.append([f"coverage of the {level:.0%} sets, {name}", *told])
    for name in ("mean_size", "singletons"):
        told = [_figure(cells[scheme, *best]["conformal"][name], 3) for scheme in PLANE]
        rows.append([f"sets: {name.replace('_', ' ')}", *told])
    return markdown_table(rows)


def _differences(study: str) -> str:
    rows = [["features", "against", "tested", "difference of AUC", "p, Holm"]]
    for one in _figures(study)["differences"]["arms"]:
        (arm, _), (against, _) = one["cell"], one["against"]
        rows.append([arm, against, one["scheme"], _figure(one["auc"], 3), f"{one['p_holm']:.3f}"])
    return markdown_table(rows)


def kinds_compared(study: str) -> str:
    """Each kind of grader against each other, arm by arm, on the same resamples."""
    rows = [["features", "grader", "against", "tested", "difference of AUC", "p, Holm"]]
    for one in _figures(study)["differences"]["kinds"]:
        (arm, kind), (_, other) = one["cell"], one["against"]
        rows.append([arm, KINDS[kind], KINDS[other], one["scheme"], _figure(one["auc"], 3), f"{one['p_holm']:.3f}"])
    return markdown_table(rows)


def _variants() -> str:
    """What each step of the selection costs or brings, each variant beside the arm that it varies."""
    plan, cells = _plan("plane-selection"), _cells("plane-selection")
    changes = {(one["scheme"], one["cell"][0]): one for one in _figures("plane-selection")["differences"]["variants"]}
    rows = [["selection", *(part for name in PLANE for part in (f"{name}: AUC", "change", "p, Holm"))]]
    for arm in (*plan.arms, *plan.variants):
        told = []
        for scheme in PLANE:
            change = changes.get((scheme, arm))
            told += [
                _figure(cells[scheme, arm, "logistic_regression"]["auc"], 3),
                _figure(change["auc"], 3) if change else "",
                f"{change['p_holm']:.3f}" if change else "",
            ]
        rows.append(["as planned" if arm in plan.arms else arm, *told])
    return markdown_table(rows)


def _site() -> str:
    """AUC of abnormal against normal in a site's study on simulated frames: the mean, then each seed."""
    document = json.loads((RESULTS.parent / "site_study.json").read_text())
    structures = ("nuchal_translucency", "nasal_bone")
    rows = [
        [
            "features, grader",
            *(f"{one.replace('_', ' ')}: {part}" for one in structures for part in ("mean", "each seed")),
        ]
    ]
    for grader, means in document["mean_auc_abnormal_against_normal"].items():
        arm, kind = grader.rsplit(", ", 1)
        told = []
        for one in structures:
            told += [f"{means[one]:.3f}", " ".join(f"{run['auc'][grader][one]:.2f}" for run in document["runs"])]
        rows.append([f"{arm}, {KINDS[kind]}", *told])
    return markdown_table(rows)


def _stability(part: str) -> str:
    stable = _figures("plane-quality")["selection"]["stable"]
    own = [one for one in stable if one["part"] == part]
    return _shares(own, "structure")


def _families() -> str:
    return _shares(_figures("plane-quality")["selection"]["stable"], "family")


def _shares(rows: list[dict[str, Any]], by: str) -> str:
    sources = ("reviewers", "devices", "machines", "all")
    table = [[by, "features", *sources]]
    for name in dict.fromkeys(one[by] for one in rows):
        own = [one for one in rows if one[by] == name]
        count = sum(one["features"] for one in own)
        shares = [f"{sum(one['stable'][source] for one in own) / count:.0%}" for source in sources]
        table.append([name.replace("_", " "), str(count), *shares])
    return markdown_table(table)


def _chosen() -> str:
    figures = _figures("plane-quality")
    rows = [["structure", "feature", "chosen in", "ICC reviewers", "devices, median"]]
    for one in figures["selection"]["chosen"][figures["best"]["arm"]][:25]:
        icc = [f"{one['icc'][source][0]:.2f}" for source in ("reviewers", "devices")]
        rows.append([one["structure"].replace("_", " "), f"`{one['feature']}`", f"{one['frequency']:.0%}", *icc])
    return markdown_table(rows)


def _chance() -> str:
    document = json.loads((RESULTS.parent / "chance.json").read_text())
    ways = {"pooled": "pooled", "within": "within folds", "repeated": "five repeats"}
    means, held = ([f"{what}, {way}" for way in ways.values()] for what in ("mean AUC", "hold 0.5"))
    rows = [["grader", "positive", "draws", *means, *held]]
    for one in document["of"]:
        mean = [f"{one[way]['mean_auc']:.3f} (se {one[way]['standard_error']:.3f})" for way in ways]
        share = [f"{one[way]['hold_one_half']:.3f}" for way in ways]
        rows.append([KINDS[one["kind"]], f"{one['positive']:.0%}", str(one["repeats"]), *mean, *share])
    return markdown_table(rows)


def _coverage() -> str:
    """Coverage of what ships, class by class, in folds over five repeats and on the maker left out."""
    cells = _cells("plane-coverage")
    names = list(cells["internal", *_first(cells)]["conformal"]["coverage"])
    rows = [["features", "grader", "tested", *names, "mean size", "empty", "accuracy"]]
    for (scheme, arm, kind), one in cells.items():
        if scheme != "all" and arm == "detector":
            sets = one["conformal"]
            figures = [*(sets["coverage"][name] for name in names), sets["mean_size"], sets["empty"], one["accuracy"]]
            rows.append([arm, KINDS[kind], scheme, *(_figure(each, 3) for each in figures)])
    return markdown_table(rows)


def _figure(figure: dict[str, float | None] | None, digits: int) -> str:
    if figure is None or figure["value"] is None:
        return "-"
    value, low, high = (
        "no bound" if figure[end] is None else f"{figure[end]:.{digits}f}" for end in ("value", "low", "high")
    )
    return f"{value} ({low} to {high})"


def _arms_on_twins() -> str:
    """AUC of every arm on frames that are shown smaller."""
    arms = json.loads((RESULTS.parent / "arms_on_twins.json").read_text())["auc"]
    pictures = list(next(iter(arms.values())))
    rows = [["features", *pictures]]
    rows += [[arm, *(_figure(own[picture], 3) for picture in pictures)] for arm, own in arms.items()]
    return markdown_table(rows)


def _stable_on_twins() -> str:
    """The share of features that come out alike on zoom twins."""
    document = json.loads((RESULTS.parent / "feature_stability.json").read_text())
    rows = [["structure", "radiomic", "deep"]]
    for structure, own in document["structures"].items():
        rows.append([structure.replace("_", " "), *(f"{own[kind]:.0%}" for kind in ("radiomic", "deep"))])
    rows.append(["**mean**", *(f"{document[kind]['value']:.0%}" for kind in ("radiomic", "deep"))])
    return markdown_table(rows)


TABLES: dict[str, Callable[[], str]] = {
    "study-arms-on-twins": _arms_on_twins,
    "study-stable-on-twins": _stable_on_twins,
    "study-plane": partial(_comparison, "plane-quality", PLANE),
    "study-plane-shipped": _shipped,
    "study-visibility": partial(_comparison, "visibility", ("internal",)),
    "study-plane-differences": partial(_differences, "plane-quality"),
    "study-kinds": partial(_comparison, "plane-kinds", PLANE),
    "study-kinds-differences": partial(kinds_compared, "plane-kinds"),
    "study-stability-radiomics": partial(_stability, "radiomics"),
    "study-stability-deep": partial(_stability, "deep"),
    "study-stability-families": _families,
    "study-chosen": _chosen,
    "study-chance": _chance,
    "study-coverage": _coverage,
    "study-variants": _variants,
    "study-site": _site,
}
