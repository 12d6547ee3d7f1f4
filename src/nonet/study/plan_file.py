"""A study's plan is read from its TOML file, and every field checked against the others before anything runs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from nonet.bundle.grader_kind import GraderKind
from nonet.datasets.grade_bands import Band, Expected, GradeBands
from nonet.datasets.tasks import Task
from nonet.datasets.toml_file import field_names, first_fault, read_toml
from nonet.errors import SettingsError
from nonet.study.plan import (
    NOT_READ,
    Boxes,
    BundlePlan,
    Folds,
    Plan,
    Primary,
    Raters,
    Reporting,
    Scaling,
    SelectionPlan,
    Variant,
    sizes_of,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load_plan"]

_MOST_TWINS = 20


def load_plan(path: Path) -> tuple[Plan, str]:
    """Read a plan and the SHA-256 of the file.

    Raises
    ------
    SettingsError
        If the file is not TOML, or a field is lacking, unknown, or contradicts another.
    """
    try:
        fields = read_toml(path)
        raw = path.read_bytes()
    except (OSError, ValueError) as problem:
        raise SettingsError(
            "A study's plan is a TOML file", found=f"{path.name}: {problem}", remedy="Fix the line"
        ) from problem
    try:
        plan = TypeAdapter(Plan).validate_python(fields)
    except ValidationError as problem:
        known = field_names(
            Plan, Folds, SelectionPlan, Raters, Variant, Primary, BundlePlan, Reporting, GradeBands, Band, Expected
        )
        raise _wrong(f"{path.name}, {first_fault(problem, fields, known)}") from problem
    _check(plan)
    return plan, hashlib.sha256(raw).hexdigest()


def _check(plan: Plan) -> None:
    if not plan.arms or not plan.kinds:
        raise _wrong("no arms, or no kinds")
    if len({*plan.arms, *plan.baselines, *plan.variants}) < len(plan.arms) + len(plan.baselines) + len(plan.variants):
        raise _wrong("arms, baselines or variants of one name")
    _check_variants(plan)
    if (
        min(plan.folds.count, plan.inner_folds) < 2
        or min(plan.budget, plan.repeats, plan.inner_draws) < 1
        or plan.selection.resamples % 2
    ):
        raise _wrong("fewer than two folds, a budget, repeats or draws below 1, or an odd number of resamples")
    if not 0.5 < plan.level < 1:
        raise _wrong(f"level = {plan.level:g}, which is not between 0.5 and 1")
    for name, level in plan.levels.items():
        if not 0 < level < 1:
            raise _wrong(f"the level of {name!r}, {level:g}, which is not between 0 and 1")
    if plan.prevalence is not None and not 0 < plan.prevalence < 1:
        raise _wrong(f"prevalence = {plan.prevalence:g}, which is not between 0 and 1")
    if plan.folds.least < plan.inner_folds:
        raise _wrong("a device or centre may be left out with fewer rows of a class than there are inner folds")
    if plan.folds.leave_out not in (None, "device", "centre"):
        raise _wrong(f"leave_out = {plan.folds.leave_out!r}, which is neither device nor centre")
    if (plan.task is Task.LABELS) != ((plan.labels is None) != (plan.bands is None)):
        raise _wrong("labels or bands without the task labels, or the task without either, or both of them")
    if plan.bands and not all(band.ordered for band in plan.bands.structures.values()):
        raise _wrong("bands of a structure without a limit, or with limits that do not rise")
    _check_bundle(plan)
    _check_primary(plan)
    if plan.features and sizes_of(plan):
        raise _wrong("features from a table with sizes, which are those of the boxes that the detector finds")
    _check_boxes(plan)
    _check_twins(plan)
    _check_sources(plan, plan.selection)


def _check_primary(plan: Plan) -> None:
    primary = plan.primary
    if primary is None:
        return
    known = {*plan.arms, *plan.baselines, *plan.variants}
    lacking = [name for name in (primary.arm, primary.against, primary.ruler) if name and name not in known]
    if lacking:
        raise _wrong(f"{lacking[0]!r} in the primary comparison, which is no arm, baseline or variant")
    if primary.kind and primary.kind not in plan.kinds:
        raise _wrong(f"{primary.kind} in the primary comparison, which is none of the kinds")
    if plan.task is Task.PLANE or not primary.structures or len(set(primary.structures)) < len(primary.structures):
        raise _wrong("a primary comparison without structures, with one of them twice, or of rows that are frames")


def _check_bundle(plan: Plan) -> None:
    if plan.bundle and plan.scaling is not Scaling.POOLED:
        raise _wrong("a bundle of features that are scaled by centre, where a reading knows one frame")
    if plan.bundle and plan.features:
        raise _wrong("a bundle of features from a table, where a reading computes its own")
    unread = [f"{arm!r} of {each}" for arm, inputs in plan.arms.items() for each in inputs if each in NOT_READ]
    if plan.bundle and unread:
        raise _wrong(f"a bundle, and an arm that no reading computes, {unread[0]}: make it a baseline")


def _check_boxes(plan: Plan) -> None:
    if plan.boxes is Boxes.DETECTED:
        return
    if plan.features or plan.twins:
        raise _wrong("reference boxes with features from a table, or with twins, which are read from the beginning")
    if not plan.raters.reviewers:
        raise _wrong("reference boxes without reviewers, whose residuals they are moved by")
    if plan.bundle:
        raise _wrong("a bundle of features of reference boxes, where a reading has those that the detector finds")


def _check_twins(plan: Plan) -> None:
    if not 0 <= plan.twins <= _MOST_TWINS:
        raise _wrong(f"twins = {plan.twins}, which is not from 0 to {_MOST_TWINS}")
    if plan.twins and (plan.features or plan.scaling is not Scaling.POOLED):
        raise _wrong("twins, with features from a table or scaled by centre, which twins have not")


def _check_variants(plan: Plan) -> None:
    for name, variant in plan.variants.items():
        if unknown := set(variant.grader) - {"by_word", "components"}:
            raise _wrong(f"{sorted(unknown)[0]!r} of the grader of {name!r}, which is neither by_word nor components")
        if not 0 < variant.grader.get("components", 0.5) < 1 or variant.grader.get("by_word", 0) not in (0, 1):
            raise _wrong(f"the grader of {name!r}, with components not between 0 and 1, or by_word not 0 or 1")
        if variant.arm not in plan.arms or GraderKind.LOGISTIC_REGRESSION not in plan.kinds:
            raise _wrong(f"the variant {name!r} of {variant.arm!r}, which no arm by logistic regression is")
        try:
            _check_sources(plan, plan.selection_of(name))
        except ValidationError as problem:
            raise _wrong(f"the variant {name!r}: {problem.errors()[0]['msg']}") from problem


def _check_sources(plan: Plan, selection: SelectionPlan) -> None:
    if not 0.05 <= selection.l1_ratio <= 1:
        raise _wrong(f"l1_ratio = {selection.l1_ratio:g}, which is not from 0.05 to 1")
    if unknown := set(selection.sources) - {"reviewers", "devices"}:
        raise _wrong(f"the source {sorted(unknown)[0]!r}, which is not reviewers or devices")
    if unknown := set(selection.reported) - {"machines"}:
        raise _wrong(f"{sorted(unknown)[0]!r} as reported, which is not machines")
    if plan.features and selection.sources:
        raise _wrong("features from a table, in pixels of their frames, with ratings, which are made in the head frame")


def _wrong(found: str) -> SettingsError:
    return SettingsError(
        "A study's plan gives every field a value that fits the others",
        found=found,
        remedy="Compare with the plans in the repository's folder studies",
    )
