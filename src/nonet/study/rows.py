"""The rows of a study as arrays: features, labels, and the words by which they are split and broken down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Unit
from nonet.errors import DatasetError
from nonet.evaluate.grading import UNKNOWN, WORDS
from nonet.features.frame_features import DETECTOR_FEATURES, frame_columns
from nonet.grade import FeatureRows
from nonet.grade.task_grader import STRUCTURE
from nonet.select import Ratings
from nonet.study.plan import Input, Scaling
from nonet.study.repeats import repeated
from nonet.study.size_features import MORPHOLOGY, follows_area
from nonet.study.sizes import BOX_COLUMNS, RULER_COLUMNS, selectable_names
from nonet.study.study_features import DEVICES, MACHINES, OWN, REVIEWERS, TWINS
from nonet.train.graders import Copies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from nonet.datasets.data_set import ImageRow
    from nonet.datasets.tasks import LabelledRows
    from nonet.study.plan import Arm, Plan
    from nonet.study.study_features import StudyFeatures

    Words = NDArray[np.str_]

__all__ = ["Block", "StudyRows", "block_of", "make_ratings", "make_rows", "ratings_of_repeats", "scale_within"]

_ZOOM = ("zoom.mm_per_px", "zoom.width_mm")
_LAYOUT = "layout"
_SAME_BLOCK = {Input.SCORES: Input.DETECTOR, Input.BOX_SIZE: Input.RULER}


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one structure, and those of their columns that can be selected."""

    structure: Structure
    rows: NDArray[np.intp]
    columns: tuple[str, ...]
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyRows:
    """``N`` rows.

    Attributes
    ----------
    unit, classes, positive
        As in the labelled rows.
    names
        Names of the features of a box, the same for every structure.
    features
        Everything that an arm may be given; `of` picks.
    answers
        ``N`` words.
    images, structures, groups, centres, devices, layouts
        ``N`` words each; a group (a patient, or else the frame's pixels) is never split.
    twins
        The same rows of random twins of the frames, which graders are fitted on besides; None without any.
    """

    unit: Unit
    classes: tuple[str, ...]
    positive: str
    names: tuple[str, ...]
    features: FeatureRows
    labels: Words
    images: Words
    structures: Words
    groups: Words
    centres: Words
    devices: Words
    layouts: Words
    twins: Copies | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[np.intp]) -> StudyRows:
        """Some of the rows."""
        words = {"labels" if name == "answer" else f"{name}s": each[rows] for name, each in self.words.items()}
        twins = self.twins and self.twins.take(rows)
        return StudyRows(
            self.unit, self.classes, self.positive, self.names, self.features.take(rows), **words, twins=twins
        )

    @property
    def words(self) -> dict[str, Words]:
        """The words of each row, by the names of `nonet.evaluate.grading.WORDS`."""
        return {name: self.labels if name == "answer" else getattr(self, f"{name}s") for name in WORDS}

    def of(self, inputs: Arm) -> FeatureRows:
        """The columns of an arm before any is selected."""
        return _of(self.features, inputs)

    def copies(self, inputs: Arm) -> Copies | None:
        """The columns of an arm in the twins."""
        return Copies(_of(self.twins.features, inputs), self.twins.of) if self.twins else None

    def free(self, inputs: Arm) -> tuple[str, ...]:
        """The columns of an arm that are used without selection: those that are not features of a box."""
        return tuple(name for name in self.of(inputs).names if _kind(name) not in (Input.RADIOMICS, Input.DEEP))

    def blocks(self, inputs: Arm) -> tuple[Block, ...]:
        """The columns that can be selected, structure by structure."""
        wanted = [name for name in self.names if _is_of(name, inputs)]
        if not wanted:
            return ()
        if self.unit is Unit.FRAME:
            every = np.arange(len(self))
            return tuple(
                Block(each, every, tuple(f"{each.value}.{name}" for name in wanted), tuple(wanted))
                for each in STRUCTURES
            )
        return tuple(
            Block(each, np.flatnonzero(self.structures == each.value), tuple(wanted), tuple(wanted))
            for each in STRUCTURES
        )


def make_rows(
    labelled: LabelledRows, extracted: StudyFeatures, groups: Mapping[str, str], scaling: Scaling = Scaling.POOLED
) -> StudyRows:
    """The labelled rows with their features; frames whose features could not be computed are not among them.

    Parameters
    ----------
    labelled
        The rows and their labels.
    extracted
        The features of every frame.
    groups
        What is never split, by image name (`nonet.datasets.groups.groups_of`).
    scaling
        Whether the features of boxes are standardised within each centre or device.

    Raises
    ------
    DatasetError
        If no frame has features.
    """
    frames = dict(_frames(extracted, OWN))
    rows = [(image, structure) for image, structure in labelled.labels if image in frames]
    if not rows:
        raise DatasetError(
            "A study has features of at least one frame", found="none", remedy="See the warnings above, or nonet check"
        )
    images = {image.name: image for image in labelled.data.images}
    of_row = [images[image] for image, _ in rows]
    names = selectable_names(extracted.names)
    structures = tuple("" if structure is None else structure.value for _, structure in rows)
    values, columns = _values(labelled.unit, rows, frames, extracted.names)
    if scaling is not Scaling.POOLED:
        places = [getattr(image, scaling.value) or UNKNOWN for image in of_row]
        measured_here = np.array([_kind(column) in (Input.RADIOMICS, Input.DEEP) for column in columns])
        values[:, measured_here] = scale_within(values[:, measured_here], np.array(places), np.array(structures))
    zoom = np.array([_zoom(image) for image in of_row])
    layouts = tuple(image.layout or UNKNOWN for image in of_row)
    words = {STRUCTURE: structures} if labelled.unit is Unit.STRUCTURE else {}
    features = FeatureRows((*columns, *_ZOOM), np.hstack([values, zoom]), {**words, _LAYOUT: layouts})
    return StudyRows(
        labelled.unit,
        labelled.classes,
        labelled.positive,
        names,
        features,
        labels=np.array([labelled.labels[row] for row in rows]),
        images=np.array([image.name for image in of_row]),
        structures=np.array(structures),
        groups=np.array([groups[image.name] for image in of_row]),
        centres=np.array([image.centre or UNKNOWN for image in of_row]),
        devices=np.array([image.device or UNKNOWN for image in of_row]),
        layouts=np.array(layouts),
        twins=_twins(extracted, labelled.unit, rows, features),
    )


def scale_within(values: NDArray[np.float64], places: Words, structures: Words) -> NDArray[np.float64]:
    """Columns with a mean of 0 and a deviation of 1 in the rows of each place and structure; gaps stay.

    A column that is constant there becomes 0.
    """
    scaled = np.full(values.shape, np.nan)
    for place in np.unique(places):
        for structure in np.unique(structures):
            rows = np.flatnonzero((places == place) & (structures == structure))
            some = np.ma.masked_invalid(values[rows])
            spread = some.std(axis=0).filled(0)
            scaled[rows] = ((some - some.mean(axis=0)) / np.where(spread > 0, spread, 1)).filled(np.nan)
    return scaled


def make_ratings(
    extracted: StudyFeatures, sources: Collection[str], groups: Mapping[str, str]
) -> dict[str, dict[Structure, Ratings]]:
    """The ratings of each source and structure, of the subjects that all raters have rated.

    Parameters
    ----------
    extracted
        The features.
    sources
        Of ratings.
    groups
        The group of each rated frame, which a rating is of: it goes where the copies of its frame go.
    """
    names = selectable_names(extracted.names)
    places = [place for place, name in enumerate(extracted.names) if name in set(names)]
    return {source: _of_source(extracted, source, places, groups) for source in sources}


def ratings_of_repeats(
    extracted: StudyFeatures, plan: Plan, groups: Mapping[str, str]
) -> tuple[dict[str, dict[Structure, Ratings]], ...]:
    """The ratings that each repeat of the folds selects by; reviewers that are drawn for all serve all."""
    sources = (*plan.selection.sources, *plan.selection.reported)
    first = make_ratings(extracted, sources, groups)
    found = set(extracted.source.tolist())
    own = [repeated(REVIEWERS, number) for number in range(plan.repeats)]
    return tuple(
        {**first, REVIEWERS: make_ratings(extracted, [name], groups)[name]}
        if REVIEWERS in sources and name in found
        else first
        for name in own
    )


def _of_source(
    extracted: StudyFeatures, source: str, places: Sequence[int], groups: Mapping[str, str]
) -> dict[Structure, Ratings]:
    rows = np.flatnonzero(extracted.source == source)
    raters = tuple(dict.fromkeys(extracted.rater[rows].tolist()))
    made = {}
    for structure in STRUCTURES:
        own = rows[extracted.structure[rows] == structure.value]
        of_subject: dict[str, dict[str, int]] = {}
        for row in own.tolist():
            of_subject.setdefault(str(extracted.subject[row]), {})[str(extracted.rater[row])] = row
        whole = {subject: by for subject, by in of_subject.items() if len(by) == len(raters)}
        order = np.array([[by[rater] for rater in raters] for by in whole.values()], np.intp)
        values = extracted.values[order.reshape(-1)][:, places].astype(np.float64)
        shaped = values.reshape(len(whole), max(len(raters), 2), len(places))
        frames = None if source == MACHINES else tuple(groups[subject] for subject in whole)
        made[structure] = Ratings(shaped, frames, against_first=source == DEVICES)
    return made


def _frames(extracted: StudyFeatures, source: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Subject and values ``float32[9, F]`` of each picture of a source that has all nine structures."""
    rows = np.flatnonzero(extracted.source == source)
    for start in range(0, len(rows), len(STRUCTURES)):
        nine = rows[start : start + len(STRUCTURES)]
        yield str(extracted.subject[nine[0]]), extracted.values[nine]


def _twins(
    extracted: StudyFeatures, unit: Unit, rows: Sequence[tuple[str, Structure | None]], features: FeatureRows
) -> Copies | None:
    """The rows in the twins of their frames; the layout and the zoom are those of the frame."""
    of_image: dict[str, list[int]] = {}
    for number, (image, _) in enumerate(rows):
        of_image.setdefault(image, []).append(number)
    found = [(subject, values) for subject, values in _frames(extracted, TWINS) if subject in of_image]
    if not found:
        return None
    measured = [
        _values(unit, [rows[number] for number in of_image[subject]], {subject: values}, extracted.names)[0]
        for subject, values in found
    ]
    of = np.array([number for subject, _ in found for number in of_image[subject]], np.intp)
    originals = features.take(of)
    zoom = originals.keep(_ZOOM).values
    return Copies(FeatureRows(features.names, np.hstack([np.vstack(measured), zoom]), originals.categories), of)


def _of(features: FeatureRows, inputs: Arm) -> FeatureRows:
    columns = tuple(name for name in features.names if _is_of(name, inputs))
    words = {name: each for name, each in features.categories.items() if name != _LAYOUT or Input.LAYOUT in inputs}
    return FeatureRows(columns, features.keep(columns).values, words)


def _values(
    unit: Unit,
    rows: Sequence[tuple[str, Structure | None]],
    frames: Mapping[str, NDArray[np.float32]],
    names: tuple[str, ...],
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    if unit is Unit.FRAME:
        return np.array([frames[image].ravel() for image, _ in rows], np.float64), frame_columns(names)
    picked = [frames[image][STRUCTURES.index(structure)] for image, structure in rows if structure]
    return np.array(picked, np.float64), names


def _kind(column: str) -> Input:
    """The kind of a column, by its name."""
    name = _plain(column)
    if name in RULER_COLUMNS:
        return Input.RULER
    if name in BOX_COLUMNS:
        return Input.BOX_SIZE
    if name in DETECTOR_FEATURES:
        return Input.SCORES if name == DETECTOR_FEATURES[0] else Input.DETECTOR
    if column in _ZOOM:
        return Input.ZOOM
    return Input.DEEP if name.startswith("deep_") else Input.RADIOMICS


def block_of(column: str) -> str:
    """The source of a column, whose columns count as one where blocks are scaled: scores are the detector's."""
    kind = _kind(column)
    return str(_SAME_BLOCK.get(kind, kind))


def _plain(column: str) -> str:
    """The name of a column without that of its structure."""
    structure, _, name = column.partition(".")
    return name if structure in {each.value for each in STRUCTURES} else column


def _is_of(column: str, inputs: Arm) -> bool:
    """Whether a column is among those of an arm; scores are among the features of the detector."""
    kind = _kind(column)
    if kind in inputs or (kind is Input.SCORES and Input.DETECTOR in inputs):
        return True
    if kind is not Input.RADIOMICS:
        return False
    name = _plain(column)
    without_morphology = Input.RADIOMICS_WITHOUT_MORPHOLOGY in inputs and not name.startswith(MORPHOLOGY)
    return without_morphology or (Input.RADIOMICS_WITHOUT_SIZE in inputs and not follows_area(name))


def _zoom(image: ImageRow) -> tuple[float, float]:
    scale = image.mm_per_px or np.nan
    return scale, scale * image.width
