"""What it brings to know where the structures may lie relative to each other.

Run ``python benchmarks/shape_prior.py [DATA] [BUNDLE]`` (default ``../shared/data/fetus-framework`` and the
shipped bundle). It writes ``benchmarks/results/shape_prior.json``. The arrangement is learnt from the boxes of
the frames that the bundle's detector was trained on, and weighed on those that it was chosen by. On Set2, which
neither has seen:

- *detection*: AP50, AP50:95 and F1 with and without, and the difference by the same resamples;
- *flag*: how many reference boxes are flagged; how many detected ones; and how many of boxes put where they do not
  belong: where another frame has the structure, at its mirror place, or in exchange with another structure;
- *face*: how often the side is given, and how often it is that of the palate from the thalami;
- *erased*: one structure is taken out of each frame, each in turn; how often it is reported visible, with and without,
  beside how often it was before it was taken out.

On the development half of HC18 (other plane): false structures a frame, with and without.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import DataSet, ImageRow, load
from nonet.datasets.halves import is_development
from nonet.datasets.inspection import first_frame
from nonet.detect.detector import CANDIDATES, Detector
from nonet.detect.shape_prior import OUTLIER_SHARE, ShapePrior
from nonet.evaluate import Measure, Predictions, Use, evaluate_detection, uses_by_hash
from nonet.evaluate.bootstrap import figure, frame_weights
from nonet.evaluate.detection.candidates_of_set import CandidatesOfSet
from nonet.evaluate.detection.detection_metrics import mean_over_structures, measure
from nonet.evaluate.detection.matching import match
from nonet.frame import pixels_sha256
from nonet.simulate.edits.erase import erase
from nonet.train.detector.fit_shape_prior import fit_shape_prior, weighed
from nonet.train.detector.samples import edges_of

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data/fetus-framework"
HC18 = ROOT.parent / "shared/data/hc18-early"
RESULT = ROOT / "benchmarks/results/shape_prior.json"
MEASURES = (Measure.AP50, Measure.AP50_95, Measure.F1, Measure.PRECISION, Measure.RECALL)
SEED = 20260
Edges = NDArray[np.float64]


def main() -> None:
    """Learn, measure, write the result, print it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    bundle = Path(sys.argv[2]) if len(sys.argv) > 2 else DEFAULT_BUNDLE
    data, opened = load(folder), Bundle(bundle)
    shape_prior = learnt(data.split("set1").boxed(), opened)
    unseen = data.split("set2").boxed()
    candidates_of_set = CandidatesOfSet.gather(unseen, opened)
    plain, arranged = candidates_of_set.taken(None), candidates_of_set.taken(shape_prior)
    result = {
        "bundle": asdict(opened.reference),
        "arrangement": {"frames": shape_prior.frames, "weight": shape_prior.weight, "exponent": shape_prior.exponent},
        "frames": len(unseen.images),
        "detection": detection(unseen, plain, arranged),
        "flag": {"rare_below": OUTLIER_SHARE, **flags(unseen, arranged, shape_prior)},
        "face": faces(unseen, shape_prior),
        "erased": erased(unseen, opened, shape_prior, plain),
        "hc18_development_half": other_plane(opened, shape_prior),
        "milliseconds_a_frame": milliseconds(candidates_of_set, opened, shape_prior),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def learnt(boxed: DataSet, bundle: Bundle) -> ShapePrior:
    """Fitted to the boxes of the frames trained on, weighed on those chosen by."""
    seen = uses_by_hash(bundle) or {}
    uses = {image.name: seen.get(pixels_sha256(first_frame(image.path).pixels)) for image in boxed.images}
    trained = [edges_of(boxed.boxes_of(image)) for image in boxed.images if uses[image.name] is Use.TRAINED]
    held_out = boxed.keeping(image for image in boxed.images if uses[image.name] is Use.CHOSEN_BY)
    return weighed(fit_shape_prior(np.array(trained)), held_out, bundle)


def detection(data: DataSet, plain: Predictions, arranged: Predictions) -> dict[str, object]:
    """Means over the structures with and without, and their paired differences, also by structure."""
    both = {"without": plain, "with": arranged}
    scores = {name: evaluate_detection(data, predictions).strict for name, predictions in both.items()}
    samples = []
    for predictions in both.values():
        matching = match(data, predictions)
        samples.append(measure(matching, np.ones_like(matching.boxed), frame_weights(matching.groups)))
    apart = {name: samples[1][name] - samples[0][name] for name in MEASURES}
    return {
        **{name: {each.value: asdict(found.mean[each]) for each in MEASURES} for name, found in scores.items()},
        "difference": {name.value: asdict(figure(mean_over_structures(apart[name]))) for name in MEASURES},
        "difference_by_structure": {
            structure: {name.value: asdict(figure(apart[name][:, index])) for name in MEASURES[:3]}
            for index, structure in enumerate(STRUCTURES)
        },
        "boxes_changed": int((plain.boxes != arranged.boxes).any(axis=-1).sum()),
        "scores_lowered": int((arranged.scores < plain.scores).sum()),
    }


def flags(data: DataSet, arranged: Predictions, shape_prior: ShapePrior) -> dict[str, object]:
    """Shares of boxes and frames that are flagged, right ones and misplaced ones."""
    frames = [np.asarray(edges_of(data.boxes_of(image)), np.float64) for image in data.images]
    seen = np.where((arranged.scores >= arranged.operating_points)[..., None], arranged.boxes, np.nan)
    rng = np.random.default_rng(SEED)
    return {
        "reference_boxes": shares([rare(frame, shape_prior) for frame in frames], frames),
        "detected_boxes": shares([rare(frame, shape_prior) for frame in seen], list(seen)),
        "misplaced": {
            "as_in_another_frame": misplaced(frames, shape_prior, lambda n, i: elsewhere(frames, n, i, rng)),
            "mirrored": misplaced(frames, shape_prior, lambda n, i: mirrored(frames[n], i, data.images[n].width)),
            "exchanged": misplaced(frames, shape_prior, lambda n, i: exchanged(frames[n], i, rng)),
        },
    }


def rare(frame: Edges, shape_prior: ShapePrior) -> NDArray[np.bool_]:
    """Which boxes of a frame are flagged."""
    known = ~np.isnan(frame[:, 0])
    return known & (shape_prior.fit(np.nan_to_num(frame), known).tail_share[:, 0] < OUTLIER_SHARE)


def shares(flagged: list[NDArray[np.bool_]], frames: list[Edges]) -> dict[str, float]:
    """Of boxes and of frames."""
    boxes = sum(int((~np.isnan(frame[:, 0])).sum()) for frame in frames)
    return {
        "of_boxes": round(sum(int(row.sum()) for row in flagged) / boxes, 4),
        "of_frames": round(float(np.mean([row.any() for row in flagged])), 4),
    }


def misplaced(frames: list[Edges], shape_prior: ShapePrior, change) -> dict[str, float]:
    """For each structure, how often its box is flagged once it is put elsewhere; unmoved boxes do not count."""
    found: dict[Structure, list[bool]] = {structure: [] for structure in STRUCTURES}
    for number, frame in enumerate(frames):
        for index in np.flatnonzero(~np.isnan(frame[:, 0])):
            changed = change(number, index)
            if overlap(changed[index], frame[index]) == 0:
                found[STRUCTURES[index]].append(bool(rare(changed, shape_prior)[index]))
    table = {structure.value: round(float(np.mean(hits)), 4) for structure, hits in found.items() if hits}
    every = [hit for hits in found.values() for hit in hits]
    return {"all": round(float(np.mean(every)), 4), "cases": len(every), **table}


def overlap(one: Edges, other: Edges) -> float:
    """Shared area of two boxes."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return float(np.clip(sides, 0, None).prod())


def elsewhere(frames: list[Edges], number: int, index: int, rng: np.random.Generator) -> Edges:
    """The frame with the structure's box of another frame."""
    others = [n for n, frame in enumerate(frames) if n != number and not np.isnan(frame[index, 0])]
    changed = frames[number].copy()
    changed[index] = frames[rng.choice(others)][index]
    return changed


def mirrored(frame: Edges, index: int, width: int) -> Edges:
    """The frame with one box at its mirror place."""
    changed = frame.copy()
    changed[index, [0, 2]] = width - frame[index, [2, 0]]
    return changed


def exchanged(frame: Edges, index: int, rng: np.random.Generator) -> Edges:
    """The frame with two boxes exchanged."""
    other = rng.choice([n for n in np.flatnonzero(~np.isnan(frame[:, 0])) if n != index] or [index])
    changed = frame.copy()
    changed[[index, other]] = frame[[other, index]]
    return changed


def faces(data: DataSet, shape_prior: ShapePrior) -> dict[str, float]:
    """Of frames with palate and thalami boxed."""
    given, right = [], []
    for image in data.images:
        boxes = data.boxes_of(image)
        frame = np.asarray(edges_of(boxes), np.float64)
        if {Structure.PALATE, Structure.THALAMI} <= boxes.keys():
            face = shape_prior.fit(np.nan_to_num(frame), ~np.isnan(frame[:, 0])).face
            side = "left" if boxes[Structure.PALATE].centre[0] < boxes[Structure.THALAMI].centre[0] else "right"
            given.append(face is not None)
            right.append(face == side)
    return {"frames": len(given), "given": float(np.mean(given)), "right_of_given": sum(right) / sum(given)}


def erased(data: DataSet, bundle: Bundle, shape_prior: ShapePrior, before: Predictions) -> dict[str, object]:
    """How often a structure is reported visible after it was taken out; the frames lose one each, in turn."""
    lost = {image.name: victim(data, number, image) for number, image in enumerate(data.images)}
    candidates_of_set = CandidatesOfSet.gather(
        data, bundle, prepare=lambda image, pixels: erase(pixels, data.boxes_of(image)[lost[image.name]], SEED)
    )
    arms = {"before": before, "without": candidates_of_set.taken(None), "with": candidates_of_set.taken(shape_prior)}
    columns = np.array([STRUCTURES.index(structure) for structure in lost.values()])
    rows = np.arange(len(columns))
    seen = {name: (arm.scores >= arm.operating_points)[rows, columns] for name, arm in arms.items()}
    weights = frame_weights(rows)
    raised = int((arms["with"].scores > arms["without"].scores).sum())
    boxes = [data.boxes_of(image)[lost[image.name]].xyxy for image in data.images]
    there = [overlap(*pair) > 0 for pair in zip(arms["with"].boxes[rows, columns], np.array(boxes), strict=True)]
    return {
        "visible": {name: asdict(figure(weights @ hits / weights.sum(axis=1))) for name, hits in seen.items()},
        "structures": {
            structure: {
                "frames": int((columns == index).sum()),
                **{name: round(float(hits[columns == index].mean()), 4) for name, hits in seen.items()},
            }
            for index, structure in enumerate(STRUCTURES)
        },
        "with_where_it_was": round(float(np.array(there)[seen["with"]].mean()), 4),
        "scores_raised": raised,
    }


def victim(data: DataSet, number: int, image: ImageRow) -> Structure:
    """The structure that a frame loses: the rotation's, or the next that it has."""
    order = [STRUCTURES[(number + step) % len(STRUCTURES)] for step in range(len(STRUCTURES))]
    return next(structure for structure in order if structure in data.boxes_of(image))


def other_plane(bundle: Bundle, shape_prior: ShapePrior) -> dict[str, object]:
    """False structures a frame on axial heads; nothing where the images are absent."""
    paths = [path for path in sorted(HC18.rglob("*.png")) if is_development(path.name)]
    if not paths:
        return {}
    counts: dict[str, int] = {}
    detector = Detector(bundle)
    candidate_count = [
        (first_frame(path), detector.network.candidates(first_frame(path).pixels, CANDIDATES)) for path in paths
    ]
    for name, chosen in (("without", None), ("with", shape_prior)):
        detector.shape_prior = chosen
        points = detector.manifest.operating_points
        found = [detector.detections(detector.best(one), frame.width, frame.height) for frame, one in candidate_count]
        counts[name] = sum(each.score >= points[each.structure] for detections in found for each in detections)
    seen = uses_by_hash(bundle) or {}
    trained = sum(pixels_sha256(frame.pixels) in seen for frame, _ in candidate_count)
    return {"frames": len(paths), "trained_on": trained, "false_structures": counts}


def milliseconds(candidates_of_set: CandidatesOfSet, bundle: Bundle, shape_prior: ShapePrior) -> float:
    """Median time to choose, one frame after the other."""
    detector, times = Detector(bundle), []
    detector.shape_prior = shape_prior
    for candidates in candidates_of_set.candidates:
        begun = time.perf_counter()
        detector.best(candidates)
        times.append(1000 * (time.perf_counter() - begun))
    return round(float(np.median(times)), 2)


if __name__ == "__main__":
    main()
