"""Everything that is wrong with a data set or a file, found in one pass that opens every image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nonet.datasets.data_set import DataSet, ImageRow
from nonet.datasets.leaks import alike, patient_ids, same_patient, same_pixels
from nonet.datasets.load import FORMS, load
from nonet.datasets.problems import Problem, Severity
from nonet.errors import NonetError
from nonet.frame import Frame, pixels_sha256
from nonet.frames import open_frames
from nonet.frames.difference_hash import difference_hash

__all__ = ["Inspection", "first_frame", "inspect"]

Watch = Callable[[Sequence[ImageRow]], Iterable[ImageRow]]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was looked at, and everything that is wrong with it.

    ``form`` is the data set's, or ``file`` for a single image; ``images`` counts frames there. The
    worst problems come first.
    """

    form: str
    images: int
    boxes: int
    splits: tuple[str, ...]
    problems: tuple[Problem, ...]

    def count(self, severity: Severity) -> int:
        """How many problems are of one severity."""
        return sum(problem.severity is severity for problem in self.problems)


def inspect(path: Path, watch: Watch = iter) -> Inspection:
    """Find every problem of a data set, or of a single image or DICOM file.

    Parameters
    ----------
    path
        A data set of a known form, or one file.
    watch
        Passes the images through and may show how far it is, for example a progress bar.
    """
    if path.is_file() and not any(form.recognises(path) for form in FORMS):
        return _inspect_file(path)
    try:
        data = load(path)
    except NonetError as error:
        return Inspection("unknown", 0, 0, (), (_problem(path.name, error),))
    return _inspect_data(data, watch)


def first_frame(path: Path) -> Frame:
    """The first frame of an image of a data set.

    Raises
    ------
    FrameError
        If the file cannot be read.
    """
    return next(iter(open_frames(path)))


def _inspect_data(data: DataSet, watch: Watch) -> Inspection:
    hashes: dict[str, str] = {}
    difference_hashes: dict[str, str] = {}
    unopened: list[Problem] = []
    for image in watch(data.images):
        try:
            pixels = first_frame(image.path).pixels
            hashes[image.name] = pixels_sha256(pixels)
            difference_hashes[image.name] = difference_hash(pixels)
        except NonetError as error:
            unopened.append(_problem(image.name, error))
    problems = (
        *data.problems,
        *unopened,
        *same_pixels(data.images, hashes),
        *alike(data.images, hashes, difference_hashes),
        *same_patient(data.images),
        *patient_ids(data.images),
    )
    return Inspection(data.form, len(data.images), len(data.boxes), data.splits, _worst_first(problems))


def _inspect_file(path: Path) -> Inspection:
    frames = 0
    problems: tuple[Problem, ...] = ()
    try:
        for frame in open_frames(path):
            frames += 1
            problems += tuple(_warning(path.name, text) for text in frame.warnings)
    except NonetError as error:
        problems += (_problem(path.name, error),)
    return Inspection("file", frames, 0, (), tuple(dict.fromkeys(problems)))


def _worst_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    order = list(Severity)
    return tuple(sorted(problems, key=lambda problem: order.index(problem.severity)))


def _problem(name: str, error: NonetError) -> Problem:
    return Problem(Severity.ERROR, name, error.rule, error.found, error.remedy)


def _warning(name: str, text: str) -> Problem:
    return Problem(Severity.WARNING, name, "A frame is read without reservation", text, "Check whether it matters here")
