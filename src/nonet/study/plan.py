"""A study's plan: a TOML file that says everything its figures depend on, checked before anything runs."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from nonet.bundle.grader_kind import GraderKind
from nonet.datasets.grade_bands import Band, Expected, GradeBands
from nonet.datasets.tasks import Task
from nonet.datasets.toml_file import field_names, first_fault, read_toml
from nonet.errors import SettingsError
from nonet.features.parts import FeaturePart
from nonet.grade.cross_conformal import LEVEL
from nonet.select.penalty_rule import PenaltyRule

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "PARTS",
    "Arm",
    "BundlePlan",
    "Folds",
    "Input",
    "LabelsFrom",
    "Patients",
    "Plan",
    "Raters",
    "Reporting",
    "Scaling",
    "SelectionPlan",
    "Variant",
    "load_plan",
    "parts_of",
]

_STRICT = ConfigDict(extra="forbid")


class Input(StrEnum):
    """A kind of number that a grader may be given."""

    SCORES = "scores"
    """The detector's nine scores alone."""
    DETECTOR = "detector"
    """All features from the detector: score, visibility, how far out the box lies, width of the edges' band."""
    RADIOMICS = "radiomics"
    DEEP = "deep"
    LAYOUT = "layout"
    """The screen's layout: no anatomy at all."""
    ZOOM = "zoom"
    """Millimetres a pixel and the width of the frame in millimetres: no anatomy at all."""


class LabelsFrom(StrEnum):
    """Where the labels of the task of that name come from; a report says it beside every figure."""

    SITE = "site"
    EDITS = "edits"
    """Controlled edits of real frames: the grade is the value after the edit, and no grade of a patient."""
    SIMULATION = "simulation"


class Scaling(StrEnum):
    """The rows within which radiomic and deep features are scaled to mean 0 and deviation 1, before any fit."""

    POOLED = "pooled"
    """None: graders scale by their training rows, whatever centre these are from."""
    CENTRE = "centre"
    DEVICE = "device"


class Patients(StrEnum):
    """Where an id of a patient means one person."""

    ANYWHERE = "anywhere"
    BY_CENTRE = "by_centre"
    """Each centre numbers its own."""


Arm = tuple[Input, ...]

PARTS = {Input.RADIOMICS: FeaturePart.RADIOMICS, Input.DEEP: FeaturePart.DEEP}
"""The part of the features that an input needs; those of the detector are always there."""


@dataclass(frozen=True, slots=True)
class Folds:
    """How rows are split.

    ``count`` folds by the hash of the pixels, groups kept together (`nonet.datasets.groups`), every class in equal
    shares; ``salt`` gives another split. ``leave_out`` names a column (``device`` or ``centre``): each of its values
    with at least ``least`` rows of every class is left out of training in turn and tested. A patient's id is one
    person's wherever it is met, unless ``patients`` says that each centre numbers its own.
    """

    __pydantic_config__: ClassVar = _STRICT

    count: int = 3
    salt: str = "nonet-folds-1"
    leave_out: str | None = None
    least: int = 30
    patients: Patients = Patients.ANYWHERE


@dataclass(frozen=True, slots=True)
class Raters:
    """How often the same anatomy is rated again.

    ``reviewed`` real standard frames are boxed again by ``reviewers``, drawn from the detector's residuals;
    ``shown_again`` of them are shown in nine machine styles and at five other zooms; ``heads`` are simulated on nine
    machines.
    ``residuals`` names a file of residuals of another study, for data without boxes.
    """

    __pydantic_config__: ClassVar = _STRICT

    reviewed: int = 200
    reviewers: int = 2
    shown_again: int = 100
    heads: int = 40
    residuals: str | None = None


@dataclass(frozen=True, slots=True)
class SelectionPlan:
    """How features are selected; all ``sources`` of ratings must agree (`SelectionSettings`).

    ``least_icc`` is that of all reviewers together, and of the median device against the original; ``least_pair`` is
    that of any device. Sources that are ``reported`` remove nothing. ``penalty`` is the rule by which the LASSO takes
    its penalty (`PenaltyRule`), ``l1_ratio`` how much of it is L1: less than 1 makes it an elastic net.
    """

    __pydantic_config__: ClassVar = _STRICT

    sources: tuple[str, ...] = ("reviewers", "devices")
    reported: tuple[str, ...] = ("machines",)
    least_icc: float = 0.75
    least_pair: float = 0.5
    most_correlation: float = 0.9
    folds: int = 5
    penalty: PenaltyRule = PenaltyRule.ONE_STANDARD_ERROR
    l1_ratio: float = 1.0
    resamples: int = 50


@dataclass(frozen=True, slots=True)
class Variant:
    """An arm whose features are selected or graded otherwise.

    What ``selection`` lists replaces the plan's. ``grader`` fixes parameters of the logistic regression: ``components``
    is the share of the variance whose principal components replace the columns, ``by_word = 1`` gives every structure
    a model of its own.
    """

    __pydantic_config__: ClassVar = _STRICT

    arm: str
    selection: dict[str, Any] = field(default_factory=dict)
    grader: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """Name and version of the bundle."""

    __pydantic_config__: ClassVar = _STRICT

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Reporting:
    """What only the site knows, in its own words; a report prints it as given, or as not stated."""

    __pydantic_config__: ClassVar = _STRICT

    participants: str | None = None
    dates: str | None = None
    eligibility: str | None = None
    reference_standard: str | None = None
    readers: str | None = None
    blinding: str | None = None
    agreement_of_readers: str | None = None
    sample_size: str | None = None
    missing_data: str | None = None
    acquisition: str | None = None
    protocol: str | None = None
    registration: str | None = None
    ethics: str | None = None
    funding: str | None = None
    data_availability: str | None = None
    code_availability: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a study's figures, but for the data.

    ``scaling`` by centre or device uses the rows of each, test rows included, without their labels: it shows what
    harmonising would bring, and makes no bundle, as a new centre's scale is not known.

    ``prevalence`` of the positive class is one that predictive values are given at besides this data's. ``level`` is
    that of the conformal sets; above a grader's accuracy, so that a set can hold two classes or none.

    ``repeats`` is how often folds and graders are drawn anew, with a salt and a seed of their own: what is claimed
    rests on five or more, whose intervals hold what folds and seeds add.

    Every arm is graded by every kind; every baseline and every variant by logistic regression. Variants show what each
    step of the selection costs or brings, and none of them ships. ``external`` names a split that
    is only tested. ``features`` names tables beside the plan that ``nonet features`` wrote, whose radiomic or deep
    features are graded in place of those of the boxes that the detector finds. ``labels`` is a CSV beside the plan,
    for the task of that name; ``bands`` takes its place where grades are read off a table of sizes in the data's
    folder (`GradeBands`). ``labels_from`` says where they come from, by default the site; ``positive`` is
    the class that sensitivity is of, and ``classes`` their order, where the labels alone do not say.
    """

    __pydantic_config__: ClassVar = _STRICT

    name: str
    task: Task
    arms: dict[str, Arm]
    data: str | None = None
    split: str | None = None
    external: str | None = None
    features: tuple[str, ...] = ()
    labels: str | None = None
    bands: GradeBands | None = None
    labels_from: LabelsFrom | None = None
    classes: tuple[str, ...] | None = None
    positive: str | None = None
    seed: int = 0
    repeats: int = 1
    scaling: Scaling = Scaling.POOLED
    kinds: tuple[GraderKind, ...] = tuple(GraderKind)
    budget: int = 8
    inner_folds: int = 3
    level: float = LEVEL
    prevalence: float | None = None
    resamples: int = 2000
    baselines: dict[str, Arm] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
    folds: Folds = Folds()
    raters: Raters = Raters()
    selection: SelectionPlan = SelectionPlan()
    bundle: BundlePlan | None = None
    reporting: Reporting = Reporting()

    def inputs(self, arm: str) -> Arm:
        """The inputs of an arm, a baseline or a variant."""
        name = self.variants[arm].arm if arm in self.variants else arm
        return self.arms[name] if name in self.arms else self.baselines[name]

    def selection_of(self, arm: str) -> SelectionPlan:
        """How the features of an arm, a baseline or a variant are selected."""
        if arm not in self.variants:
            return self.selection
        return TypeAdapter(SelectionPlan).validate_python({**asdict(self.selection), **self.variants[arm].selection})

    def fixed(self, arm: str) -> dict[str, float]:
        """The grader's parameters that are not searched: those of a variant."""
        return self.variants[arm].grader if arm in self.variants else {}

    @property
    def experiments(self) -> tuple[tuple[str, GraderKind], ...]:
        """Every arm with every kind, then the baselines and the variants."""
        main = tuple((arm, kind) for arm in self.arms for kind in self.kinds)
        return main + tuple((name, GraderKind.LOGISTIC_REGRESSION) for name in (*self.baselines, *self.variants))


def parts_of(plan: Plan) -> frozenset[FeaturePart]:
    """The parts of the features that a plan's experiments need."""
    inputs = {each for arm, _ in plan.experiments for each in plan.inputs(arm)}
    return frozenset({FeaturePart.DETECTOR, *(part for each, part in PARTS.items() if each in inputs)})


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
            Plan, Folds, SelectionPlan, Raters, Variant, BundlePlan, Reporting, GradeBands, Band, Expected
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
        or min(plan.budget, plan.repeats) < 1
        or plan.selection.resamples % 2
    ):
        raise _wrong("fewer than two folds, a budget or repeats below 1, or an odd number of resamples")
    if not 0.5 < plan.level < 1:
        raise _wrong(f"level = {plan.level:g}, which is not between 0.5 and 1")
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
    if plan.bundle and plan.scaling is not Scaling.POOLED:
        raise _wrong("a bundle of features that are scaled by centre, where a reading knows one frame")
    if plan.bundle and plan.features:
        raise _wrong("a bundle of features from a table, where a reading computes its own")
    _check_sources(plan, plan.selection)


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
