"""What each pass of the detector brings, on frames of Set1 that no training learnt from and on twins of them.

Run ``python benchmarks/head_passes.py FOLDER BUNDLE...`` with the Fetus Framework data. For each bundle: the first pass
alone, the second, the mean of both, and, where a network takes them, passes at smaller inputs, these also with a third
look: at the mirror image of the head frame, and closer at the nose; with ``--shipped-alone``, the passes that ship and
no others. Writes ``benchmarks/results/head_passes.json``: AP of boxes with intervals over frames, and milliseconds of
one thread that locating a frame takes. The frames chose the epoch and the operating points, so that differences say
more than values.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES
from nonet.bundle import Bundle
from nonet.bundle.frames_seen import Use, uses_by_hash
from nonet.bundle.session import set_threads
from nonet.datasets import DataSet, load
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.detect.average_passes import average_passes
from nonet.detect.candidates import Candidates
from nonet.detect.detector import CANDIDATES, _image
from nonet.detect.head_frame import HEIGHT, WIDTH, HeadFrame
from nonet.evaluate import Measure, Predictions, evaluate_detection
from nonet.evaluate.robustness.twins import TWINS, Twin, carried
from nonet.frame import Frame, pixels_sha256
from nonet.frames import hide_overlay
from nonet.reading import Detection
from nonet.work import run_items

RESULT = Path(__file__).parent / "results" / "head_passes.json"
OWN = "as it is"
SHOWN = (
    "zoom 0.6",
    "zoom 0.68 on black",
    "rotation -5 degrees",
    "rotation +10 degrees",
    "dynamic range -20%",
    "blur 1.5 px",
)
TWIN = {twin.name: twin for twin in TWINS if twin.name in SHOWN}
Size = tuple[int, int]
SMALLER: tuple[tuple[Size | None, Size | None], ...] = (
    ((384, 256), None),
    ((320, 224), None),
    (None, (544, 384)),
    ((320, 224), (544, 384)),
    ((320, 224), (512, 352)),
)
"""Inputs of the first and of the second pass, width and height; None is the whole one."""
SHIPPED = SMALLER[3]
SHIPPED_ALONE = "--shipped-alone"
MEASURES = (Measure.AP50, Measure.AP50_95)

Found = dict[tuple[str, str], tuple[tuple[Detection, ...], float]]
"""By picture and variant: the detections, and how many seconds they took."""


class Passes:
    """A detector that locates by one pass, by two, or with a smaller first one."""

    def __init__(self, folder: Path) -> None:
        set_threads(1)
        self.detector = Detector(Bundle(folder))
        self._manifest = self.detector.manifest

    def variants(self) -> dict[str, Callable[[Frame], tuple[Detection, ...]]]:
        """Each by its name."""
        made: dict[str, Callable[[Frame], tuple[Detection, ...]]] = {
            "the first alone": self._once,
            "the second": partial(self._twice, None, None),
            "the mean of both": partial(self._twice, None, None, average_passes=True),
        }
        if self.detector.network.takes_smaller:
            made |= {f"the second, {_named(*sizes)}": partial(self._twice, *sizes) for sizes in SMALLER}
            made |= {f"as shipped, and {name}": partial(self._thrice, look) for name, look in THIRD_LOOKS.items()}
        return made

    def _once(self, frame: Frame) -> tuple[Detection, ...]:
        best = self.detector.best(self.detector.network.candidates(frame.pixels, CANDIDATES))
        return self.detector.detections(best, frame.width, frame.height)

    def _twice(
        self, first: Size | None, second: Size | None, frame: Frame, *, average_passes: bool = False
    ) -> tuple[Detection, ...]:
        self.detector.manifest = replace(
            self._manifest, first_pass=first, second_pass=second, average_passes=average_passes
        )
        return self.detector.detect(frame)

    def _thrice(self, look: ThirdLook, frame: Frame) -> tuple[Detection, ...]:
        """As shipped, but the edges are the mean with those of a third look, where both see a structure."""
        detector = self.detector
        detector.manifest = replace(self._manifest, first_pass=SHIPPED[0], second_pass=SHIPPED[1])
        first = detector._on_part(*_image(frame), SHIPPED[0])
        head = detector._find_head(first)
        second = detector._second_pass(head.apply(frame.pixels), head, first) if head else None
        if head is None or second is None:
            return detector.detect(frame)
        place, looked_for = look(head, second)
        third = detector._in_head_frame(place.apply(frame.pixels), place)
        third = replace(third, scores=np.where(looked_for[:, None], third.scores, 0))
        return detector.detections(average_passes(third, second, detector._points), frame.width, frame.height)


def _mirror_image(head: HeadFrame, _: Candidates) -> tuple[HeadFrame, NDArray[np.bool_]]:
    return replace(head, mirrored=not head.mirrored), np.ones(len(STRUCTURES), np.bool_)


def _nose(head: HeadFrame, second: Candidates) -> tuple[HeadFrame, NDArray[np.bool_]]:
    """So many times as large, about the middle of the nose's three boxes."""
    nose = np.array(["nasal" in structure.value for structure in STRUCTURES])
    edges = second.edges[nose, 0].mean(axis=0)
    scale = head.scale * NOSE_CLOSER
    x, y = (edges[:2] + edges[2:]) / 2 - np.array([WIDTH, HEIGHT]) / (2 * scale)
    return replace(head, x=float(x), y=float(y), scale=scale), nose


NOSE_CLOSER = 1.5
ThirdLook = Callable[[HeadFrame, Candidates], tuple[HeadFrame, NDArray[np.bool_]]]
THIRD_LOOKS: dict[str, ThirdLook] = {"the mirror image": _mirror_image, "the nose closer": _nose}


def _named(first: Size | None, second: Size | None) -> str:
    parts = [f"the first at {first[0]} x {first[1]} of the image"] if first else []
    return ", ".join([*parts, *([f"at {second[0]} x {second[1]}"] if second else [])])


class ShippedPasses(Passes):
    """The one of them that ships."""

    def variants(self) -> dict[str, Callable[[Frame], tuple[Detection, ...]]]:
        """One."""
        name = f"the second, {_named(*SHIPPED)}"
        return {name: super().variants()[name]}


def measure(passes: Passes, path: Path) -> Found:
    """What each variant finds on a frame and on its twins."""
    frame = first_frame(path)
    found: Found = {}
    for name, twin in {OWN: None, **TWIN}.items():
        shown = hide_overlay(_shown(frame, twin))
        for variant, locate in passes.variants().items():
            begun = time.process_time()
            detections = locate(shown)
            found[name, variant] = detections, time.process_time() - begun
    return found


def _shown(frame: Frame, twin: Twin | None) -> Frame:
    if twin is None:
        return frame
    rng = np.random.default_rng(int(pixels_sha256(frame.pixels)[:15], 16))
    return replace(frame, pixels=np.ascontiguousarray(twin.pixels(frame.pixels, rng)))


def unlearnt(data: DataSet, bundles: Sequence[Bundle]) -> DataSet:
    """The boxed frames that none of the bundles was trained on."""
    seen = [uses_by_hash(bundle) or {} for bundle in bundles]
    kept = []
    for image in data.images:
        sha = pixels_sha256(first_frame(image.path).pixels)
        if all(one.get(sha) is not Use.TRAINED for one in seen):
            kept.append(image)
    return data.keeping(kept)


def main(folder: Path, folders: Sequence[Path], kind: type[Passes] = Passes) -> None:
    """Locate everything, and write the file; what it says of other bundles on as many frames stays."""
    bundles = [Bundle(one) for one in folders]
    data = unlearnt(load(folder).split("set1").boxed(), bundles)
    sizes = {image.name: (image.height, image.width) for image in data.images}
    document: dict[str, object] = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    if document.get("frames") != len(data.images):
        document = {"frames": len(data.images)}
    for where, bundle in zip(folders, bundles, strict=True):
        paths = [image.path for image in data.images]
        read = list(run_items(measure, paths, partial(kind, where), workers=2))
        rows: dict[str, dict[str, object]] = defaultdict(dict)
        for name, variant in read[0]:
            detections = {image.name: one[name, variant][0] for image, one in zip(data.images, read, strict=True)}
            shown = carried(data, TWIN[name], sizes) if name in TWIN else data
            figures = _figures(shown, detections, bundle)
            milliseconds = 1e3 * float(np.median([one[name, variant][1] for one in read]))
            rows[variant][name] = {**figures, "milliseconds": round(milliseconds, 1)}
        manifest = bundle.manifest
        document[f"{manifest.name} {manifest.version}"] = rows
    RESULT.write_text(json.dumps(document, indent=2) + "\n")


def _figures(data: DataSet, detections: dict[str, tuple[Detection, ...]], bundle: Bundle) -> dict[str, object]:
    uses, points = dict.fromkeys(detections, Use.UNKNOWN), bundle.manifest.detector.operating_points
    mean = evaluate_detection(data, Predictions.from_detections(detections, points, uses, bundle.reference)).strict.mean
    return {each.value: {key: round(value, 4) for key, value in asdict(mean[each]).items()} for each in MEASURES}


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != SHIPPED_ALONE]
    if len(words) < 2:
        sys.exit(__doc__)
    main(Path(words[0]), [Path(one) for one in words[1:]], Passes if SHIPPED_ALONE not in sys.argv else ShippedPasses)
