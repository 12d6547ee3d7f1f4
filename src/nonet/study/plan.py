"""A study's plan: a TOML file that says everything its figures depend on, checked before anything runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from nonet.anatomy import Structure
from nonet.bundle.grader_kind import GraderKind
from nonet.datasets.grade_bands import GradeBands
from nonet.datasets.tasks import Task
from nonet.features.parts import FeaturePart
from nonet.grade.cross_conformal import LEVEL
from nonet.select.penalty_rule import PenaltyRule
from nonet.study.size_parts import SizePart

if TYPE_CHECKING:
    pass

__all__ = [
    "NOT_READ",
    "PARTS",
    "SIZES",
    "Arm",
    "Boxes",
    "BundlePlan",
    "Folds",
    "Input",
    "LabelsFrom",
    "Patients",
    "Plan",
    "Primary",
    "Raters",
    "Reporting",
    "Scaling",
    "SelectionPlan",
    "Variant",
    "parts_of",
    "sizes_of",
]

_STRICT = ConfigDict(extra="forbid")


class Input(StrEnum):
    """A kind of number that a grader may be given."""

    SCORES = "scores"
    """The detector's nine scores alone."""
    DETECTOR = "detector"
    """All features from the detector: score, visibility, how far out the box lies, width of the edges' band."""
    RADIOMICS = "radiomics"
    RADIOMICS_WITHOUT_MORPHOLOGY = "radiomics_without_morphology"
    """Radiomic features but for the 29 of the box's shape and size."""
    RADIOMICS_WITHOUT_SIZE = "radiomics_without_size"
    """The same, and without those that follow the area of the box as well (`nonet.study.size_features`)."""
    DEEP = "deep"
    RULER = "ruler"
    """The measured size alone, as a reading measures it; of the nasal bone also its echo against the skin."""
    BOX_SIZE = "box_size"
    """Width and height of the detected box alone."""
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


class Boxes(StrEnum):
    """Whose boxes the frames of a study are measured in."""

    DETECTED = "detected"
    """Those that the detector finds, as a reading has them."""
    REFERENCE = "reference"
    """Those of the data set, moved as one reader's are off from another's; the detector's where there is none."""


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

PARTS = {
    Input.RADIOMICS: FeaturePart.RADIOMICS,
    Input.RADIOMICS_WITHOUT_MORPHOLOGY: FeaturePart.RADIOMICS,
    Input.RADIOMICS_WITHOUT_SIZE: FeaturePart.RADIOMICS,
    Input.DEEP: FeaturePart.DEEP,
}
"""The part of the features that an input needs; those of the detector are always there."""

SIZES = {Input.RULER: SizePart.RULER, Input.BOX_SIZE: SizePart.BOX}
"""The part of the sizes that an input needs."""

NOT_READ = (Input.LAYOUT, Input.ZOOM, *SIZES)
"""What no reading gives a grader, so that no bundle holds a grader of it."""


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
    is the share of the variance whose principal components replace the columns, ``by_word = 0`` gives all
    structures one model, where each has its own otherwise.
    """

    __pydantic_config__: ClassVar = _STRICT

    arm: str
    selection: dict[str, Any] = field(default_factory=dict)
    grader: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Primary:
    """The comparison that a study is about: ``arm`` held against another, in each of a few structures.

    Arms are graded by ``kind``, by default the first of the plan's; a baseline by logistic regression. ``ruler`` names
    the arm or baseline that knows sizes alone: the report says first what ``arm`` brings over it.
    """

    __pydantic_config__: ClassVar = _STRICT

    structures: tuple[Structure, ...]
    arm: str
    against: str
    ruler: str | None = None
    kind: GraderKind | None = None


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """Name and version of the bundle; with ``folds`` also one of each outer fold, made without the fold's frames.

    ``data`` is what manifest and card call the data, whom to credit included; by default the name of their form.
    """

    __pydantic_config__: ClassVar = _STRICT

    name: str
    version: str
    folds: bool = False
    data: str | None = None


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
    that of the conformal sets; above a grader's accuracy, so that a set can hold two classes or none. ``levels`` are
    those of single classes, in its place.

    ``boxes`` are those that the detector finds; with those of the data set a study says what grading loses to the
    detector, and makes no bundle.

    ``twins`` is how many random twins of each frame (`nonet.simulate.edits.random_twin`) graders are fitted and
    calibrated on beside the frame, and which together count as much as it; nothing is selected or tested on one. With
    ``block_scaling`` the numbers of the detector, radiomics, deep features and sizes each count alike in a logistic
    regression, however many columns they have.

    Every grader is cross-fitted in ``inner_folds`` of its training rows, drawn ``inner_draws`` times: its probability
    is the mean over the classifiers of all of them.

    ``repeats`` is how often folds and graders are drawn anew, with a salt and a seed of their own: what is claimed
    rests on five or more, whose intervals hold what folds and seeds add.

    Every arm is graded by every kind; every baseline and every variant by logistic regression. Variants show what each
    step of the selection costs or brings, and none of them ships. ``external`` names a split that is only tested;
    ``external_data`` is the folder of another data set, beside the plan, that is only tested, whole or that split of
    it, with labels in a file of the same name in that folder. ``features`` names tables beside the plan that ``nonet
    features`` wrote, whose radiomic or deep features are graded in place of those of the boxes that the detector finds.
    ``labels`` is a CSV beside the plan, or else in the data's folder, for the task of that name; ``bands`` takes its
    place where grades are read off a table of sizes in the data's folder (`GradeBands`). ``labels_from`` says where
    they come from, by default the site; ``positive`` is the class that sensitivity is of, and ``classes`` their order,
    where the labels alone do not say.
    """

    __pydantic_config__: ClassVar = _STRICT

    name: str
    task: Task
    arms: dict[str, Arm]
    data: str | None = None
    split: str | None = None
    external: str | None = None
    external_data: str | None = None
    features: tuple[str, ...] = ()
    boxes: Boxes = Boxes.DETECTED
    labels: str | None = None
    bands: GradeBands | None = None
    labels_from: LabelsFrom | None = None
    classes: tuple[str, ...] | None = None
    positive: str | None = None
    seed: int = 0
    repeats: int = 1
    twins: int = 0
    block_scaling: bool = False
    scaling: Scaling = Scaling.POOLED
    kinds: tuple[GraderKind, ...] = tuple(GraderKind)
    budget: int = 8
    inner_folds: int = 3
    inner_draws: int = 1
    level: float = LEVEL
    levels: dict[str, float] = field(default_factory=dict)
    prevalence: float | None = None
    resamples: int = 2000
    baselines: dict[str, Arm] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
    folds: Folds = Folds()
    raters: Raters = Raters()
    selection: SelectionPlan = SelectionPlan()
    primary: Primary | None = None
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
    inputs = _inputs(plan)
    return frozenset({FeaturePart.DETECTOR, *(part for each, part in PARTS.items() if each in inputs)})


def sizes_of(plan: Plan) -> frozenset[SizePart]:
    """The sizes that a plan's experiments need."""
    inputs = _inputs(plan)
    return frozenset(part for each, part in SIZES.items() if each in inputs)


def _inputs(plan: Plan) -> set[Input]:
    return {each for arm, _ in plan.experiments for each in plan.inputs(arm)}
