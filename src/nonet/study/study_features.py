"""The features of every frame of a study, and of the same anatomy rated again, in resumable parts.

The *reviewers* box a standard frame again, off as the detector is off on frames it has not seen, drawn anew for every
repeat of the folds; the *devices* show it
as other machines might: in nine styles, and at other zooms, the boxes carried along exactly. Both rate what is seen and
nothing else. The *machines* are nine that image the same simulated head. No network that gives features was trained on
any of the three. *Twins* are the frame as some other hospital might show it, read from the beginning: they train
graders and rate nothing. Everything is measured in the head frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.datasets.inspection import first_frame
from nonet.detect.head_frame import HEAD_SCALE
from nonet.errors import NonetError
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.features.parts import FeaturePart
from nonet.files import replacing_path
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.reading import Box
from nonet.simulate import same_head
from nonet.simulate.edits.random_twin import random_twin
from nonet.simulate.edits.restyle import MACHINE_STYLES, Restyler
from nonet.simulate.reviewers import jitter, read_pools, read_residuals
from nonet.study.cache import digest
from nonet.study.repeats import repeated
from nonet.study.sizes import selectable_names, size_names, size_values
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nonet.detect.head_frame import HeadFrame
    from nonet.detect.located import Located
    from nonet.features.frame_features import FrameFeatures
    from nonet.reading import Detection
    from nonet.study.size_parts import SizePart

__all__ = [
    "DEVICES",
    "MACHINES",
    "OWN",
    "REVIEWERS",
    "TWINS",
    "ZOOMS",
    "FrameItem",
    "HeadItem",
    "StudyFeatures",
    "extract_all",
]

OWN, TWINS, REVIEWERS, DEVICES, MACHINES = "own", "twins", "reviewers", "devices", "machines"
"""Where a row comes from: the frame as it is, a random twin of it, or one of the three sources of ratings."""

ZOOMS = (0.6, 0.68, 0.8, 1.25, 1.5)
"""The zoom twins of a frame: how large the whole frame is made, its pixels resampled."""

Edges = tuple[float, float, float, float]

_BATCH = 8
_TWIN_STREAM = 2**31
"""Of the random numbers; the repeats have the first ones."""
_BOX_STREAM = 2**32
_KEYS = ("subject", "source", "rater", "structure", "x1", "y1", "x2", "y2", "defect")


@dataclass(frozen=True, slots=True)
class FrameItem:
    """A real frame, the number of reviewers who box it again, and whether it is shown as on other devices.

    ``pools`` names what its reviewers are drawn from, for each repeat of the folds; ``rated`` are the structures whose
    ratings a study needs. ``twins`` is how many random twins of it are measured, all as the frame itself is.
    ``mm_per_px`` is the data set's, for the ruler. ``boxes`` are the data set's where a study measures those in place
    of the detector's.
    """

    name: str
    path: Path
    pixels_sha256: str
    reviewers: int
    shown_again: bool
    pools: tuple[str, ...] = ()
    rated: tuple[Structure, ...] = STRUCTURES
    twins: int = 0
    mm_per_px: float | None = None
    boxes: dict[Structure, Edges] | None = None


@dataclass(frozen=True, slots=True)
class HeadItem:
    """A simulated head on nine machines."""

    seed: int
    rated: tuple[Structure, ...] = STRUCTURES


Item = FrameItem | HeadItem


@dataclass(frozen=True, slots=True)
class StudyFeatures:
    """One row for each structure of each picture of each subject.

    Attributes
    ----------
    names
        ``F`` names: features of the detector, sizes where a study asks for them, features of the boxes' pixels.
    subject, source, rater, structure
        ``N`` words each.
    boxes
        ``float32[N, 4]``, x1, y1, x2, y2 in pixels.
    values
        ``float32[N, F]``; the detector's features and sizes are NaN but in the frames as they are and in their twins.
    defects
        By name, why a subject has no features.
    """

    names: tuple[str, ...]
    subject: NDArray[np.str_]
    source: NDArray[np.str_]
    rater: NDArray[np.str_]
    structure: NDArray[np.str_]
    boxes: NDArray[np.float32]
    values: NDArray[np.float32]
    defects: dict[str, str] = field(default_factory=dict)


def extract_all(
    items: Sequence[Item],
    bundle: Path,
    parts: frozenset[FeaturePart],
    pools: Path | None,
    folder: Path,
    *,
    seed: int,
    workers: int,
    watch: Callable[[Sequence[_Batch]], Iterable[_Batch]],
    sizes: frozenset[SizePart] = frozenset(),
    residuals: Path | None = None,
) -> StudyFeatures:
    """Compute features in batches of items; a batch that is in the folder already is read.

    Parameters
    ----------
    items
        Frames and simulated heads.
    bundle
        Folder of the bundle whose detector and embedder give the features.
    parts
        The parts of the features of each box; those of the detector are always there.
    pools
        The file of residuals by pool, which reviewers are drawn from; needed if a frame has any.
    folder
        Of the batches; its name stands for everything besides the items that a value depends on.
    seed
        Of the jitter and of the styles' speckle.
    workers
        Number of processes.
    watch
        Yields the batches one by one, and may show progress.
    sizes
        The sizes that are measured besides.
    residuals
        The file of residuals that a data set's boxes are moved by; needed if a frame has any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    batches = [tuple(items[start : start + _BATCH]) for start in range(0, len(items), _BATCH)]
    files = [folder / f"{digest([asdict(item) for item in batch], seed)[:16]}.parquet" for batch in batches]
    waiting = [_Batch(batch, file) for batch, file in zip(batches, files, strict=True) if not file.exists()]
    opener = partial(_Rater, bundle, parts, pools, seed, sizes, residuals)
    for _ in run_items(_extract, waiting, opener, workers=workers, watch=watch):
        pass
    return _joined(files)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Items whose features lie together in a file."""

    items: tuple[Item, ...]
    file: Path


class _Rater:
    """Computes the features of items; a process opens one."""

    def __init__(
        self,
        bundle: Path,
        parts: frozenset[FeaturePart],
        pools: Path | None,
        seed: int,
        sizes: frozenset[SizePart],
        residuals: Path | None,
    ) -> None:
        self.extractor = FrameFeatureExtractor(Bundle(bundle), parts | {FeaturePart.DETECTOR})
        self.pools = read_pools(pools) if pools else {}
        self.residuals = read_residuals(residuals) if residuals else None
        self.seed = seed
        self.sizes = sizes
        self.operating_points = self.extractor.operating_points
        own = selectable_names(self.extractor.names)
        self.skipped_names = (*self.extractor.names[: len(self.extractor.names) - len(own)], *size_names(sizes))
        self.names = (*self.skipped_names, *own)

    @property
    def skipped(self) -> int:
        """How many columns come before those that are rated."""
        return len(self.skipped_names)

    def rows(self, item: Item) -> list[dict[str, Any]]:
        try:
            return list(self._frame(item) if isinstance(item, FrameItem) else self._head(item))
        except NonetError as problem:
            name = item.name if isinstance(item, FrameItem) else _head_name(item)
            nothing = np.full(len(self.names), np.nan)
            return [_row(name, OWN, "", "", (0.0, 0.0, 0.0, 0.0), nothing, f"{problem.rule}: {problem.found}")]

    def _frame(self, item: FrameItem) -> Iterable[dict[str, Any]]:
        frame = first_frame(item.path)
        boxes = self._boxes(item, frame)
        features = self.extractor.of_frame(frame) if boxes is None else self.extractor.of_boxes(frame, boxes)
        located = features.located
        mm_per_head_unit = item.mm_per_px and item.mm_per_px * HEAD_SCALE / located.place.scale
        values = self._with_sizes(features, mm_per_head_unit)
        yield from _nine_rows(item.name, OWN, OWN, located, values)
        yield from self._twins(item, frame, mm_per_head_unit)
        seen = boxes or {found.structure: found.box for found in located.detections if self._is_seen(found)}
        rated = _only(seen, item)
        if not rated:
            return
        places = [STRUCTURES.index(structure) for structure in rated]
        first = values[places, self.skipped :]
        for repeat, pool in enumerate(item.pools if item.reviewers else ()):
            rng, source = self._rng(item, repeat), repeated(REVIEWERS, repeat)
            yield from self._rows(item.name, source, OWN, rated, first)
            for number in range(item.reviewers):
                moved = _only(jitter(seen, self.pools[pool], rng, size=(frame.height, frame.width)), item)
                rater = f"reviewer {number + 1}"
                yield from self._rated(item.name, source, rater, features.pixels, moved, features.place)
        if item.shown_again:
            yield from self._rows(item.name, DEVICES, OWN, rated, first)
            for name, pixels in _shown_again(features, self._rng(item)):
                yield from self._rated(item.name, DEVICES, name, pixels, rated, features.place)

    def _boxes(self, item: FrameItem, frame: Frame) -> dict[Structure, Box] | None:
        """The data set's boxes as another reader would have drawn them, where a study measures them."""
        if item.boxes is None:
            return None
        assert self.residuals is not None
        boxes = {structure: Box(*edges) for structure, edges in item.boxes.items()}
        moved = jitter(boxes, self.residuals, self._rng(item, _BOX_STREAM), size=(frame.height, frame.width))
        return {**boxes, **moved}

    def _with_sizes(self, features: FrameFeatures, mm_per_head_unit: float | None) -> NDArray[np.float64]:
        """Features and sizes of the nine structures, ``float64[9, F]`` in the order of ``names``."""
        sizes = size_values(features.located, self.operating_points, mm_per_head_unit, self.sizes)
        before = self.skipped - sizes.shape[1]
        return np.hstack([features.values[:, :before], sizes, features.values[:, before:]])

    def _twins(self, item: FrameItem, frame: Frame, mm_per_head_unit: float | None) -> Iterable[dict[str, Any]]:
        """Rows of all nine structures of each random twin, which is located and measured as a frame is.

        A head unit has as many millimetres as in the frame: a twin shows the same head.
        """
        rng = self._rng(item, _TWIN_STREAM)
        for number in range(item.twins):
            twin = replace(frame, pixels=random_twin(frame.pixels, rng))
            features = self.extractor.of_frame(twin)
            values = self._with_sizes(features, mm_per_head_unit)
            yield from _nine_rows(item.name, TWINS, f"twin {number + 1}", features.located, values)

    def _rng(self, item: FrameItem, *stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, int(item.pixels_sha256[:15], 16), *stream])

    def _is_seen(self, found: Detection) -> bool:
        return found.score >= self.operating_points[found.structure]

    def _head(self, item: HeadItem) -> Iterable[dict[str, Any]]:
        for made in same_head(item.seed):
            frame = hide_overlay(Frame(made.pixels, Source("simulated", "0" * 64)))
            place = self.extractor.head_frame_of(made.boxes, frame)
            pixels = place.apply(frame.pixels)
            boxes = _only(made.boxes, item)
            yield from self._rated(_head_name(item), MACHINES, made.device.name, pixels, boxes, place)

    def _rated(
        self,
        subject: str,
        source: str,
        rater: str,
        pixels: NDArray[np.uint8],
        boxes: dict[Structure, Box],
        place: HeadFrame,
    ) -> Iterable[dict[str, Any]]:
        """Rows of boxes of a frame, measured on the pixels of its head frame."""
        if not boxes:
            return ()
        values = self.extractor.box_features(pixels, place.boxes(list(boxes.values())))
        return self._rows(subject, source, rater, boxes, values)

    def _rows(
        self, subject: str, source: str, rater: str, boxes: dict[Structure, Box], values: NDArray[np.float64]
    ) -> Iterable[dict[str, Any]]:
        skipped = np.full(self.skipped, np.nan)
        for (structure, box), own in zip(boxes.items(), values, strict=True):
            yield _row(subject, source, rater, structure, box.xyxy, np.concatenate([skipped, own]))


def _nine_rows(
    name: str, source: str, rater: str, located: Located, values: NDArray[np.float64]
) -> Iterable[dict[str, Any]]:
    boxes = {found.structure: found.box for found in located.detections}
    for structure, own in zip(STRUCTURES, values, strict=True):
        yield _row(name, source, rater, structure, boxes[structure].xyxy, own)


def _shown_again(features: FrameFeatures, rng: np.random.Generator) -> Iterable[tuple[str, NDArray[np.uint8]]]:
    """The head frame of a frame in each machine's style, and of the frame at each zoom."""
    pixels, place = features.located.frame.pixels, features.place
    restyler = Restyler(pixels)
    for style in MACHINE_STYLES:
        yield style.name, place.apply(restyler.in_style(style, seed=int(rng.integers(2**32))))
    for zoom in ZOOMS:
        size = (max(1, round(pixels.shape[1] * zoom)), max(1, round(pixels.shape[0] * zoom)))
        zoomed = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
        yield f"zoom {zoom:g}", place.resized(size[0] / pixels.shape[1]).apply(zoomed)


def _only(boxes: Mapping[Structure, Box], item: Item) -> dict[Structure, Box]:
    return {structure: box for structure, box in boxes.items() if structure in item.rated}


def _head_name(item: HeadItem) -> str:
    return f"head {item.seed}"


def _row(
    subject: str,
    source: str,
    rater: str,
    structure: str,
    edges: Edges,
    values: NDArray[np.float64],
    defect: str | None = None,
) -> dict[str, Any]:
    keys = (subject, source, rater, str(structure), *edges, defect)
    return {**dict(zip(_KEYS, keys, strict=True)), "values": values}


def _extract(rater: _Rater, batch: _Batch) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [row for item in batch.items for row in rater.rows(item)]
    values = np.array([row["values"] for row in rows], np.float32)
    table: dict[str, Any] = {key: [row[key] for row in rows] for key in _KEYS}
    table |= {name: values[:, place] for place, name in enumerate(rater.names)}
    with replacing_path(batch.file) as unfinished:
        pq.write_table(pa.table(table), unfinished)


def _joined(files: Sequence[Path]) -> StudyFeatures:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables([pq.read_table(file) for file in files], promote_options="default")
    names = tuple(name for name in table.column_names if name not in _KEYS)
    subject, source, rater, structure = (np.array(table[key].to_pylist(), dtype=str) for key in _KEYS[:4])
    numbers = {key: table[key].to_numpy().astype(np.float32) for key in (*_KEYS[4:8], *names)}
    defects = {
        subject: defect
        for subject, defect in zip(table["subject"].to_pylist(), table["defect"].to_pylist(), strict=True)
        if defect
    }
    whole = structure != ""
    return StudyFeatures(
        names,
        subject[whole],
        source[whole],
        rater[whole],
        structure[whole],
        boxes=np.column_stack([numbers[key] for key in _KEYS[4:8]])[whole],
        values=np.column_stack([numbers[name] for name in names])[whole],
        defects=defects,
    )
