"""A bundle with a small grader of labels, trained on the detector's numbers of one head and changes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from nonet.anatomy import STRUCTURES, GradeBasis, Structure
from nonet.bundle import Bundle, GraderManifest, Unit
from nonet.bundle.write import write_files
from nonet.features.frame_features import FrameFeatureExtractor, FrameFeatures
from nonet.features.parts import FeaturePart
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.grade import FeatureRows
from nonet.simulate import EXAMPLE_SEEDS, simulate
from nonet.simulate.simulated import Simulated
from nonet.train.graders import GraderKind, TrainedGrader, finish_grader, search

__all__ = ["GRADES", "graded_head", "head_frame", "labels_bundle", "ungrading_bundle"]

GRADES = ("normal", "borderline", "abnormal")
_ROWS = 540
_SEED = EXAMPLE_SEEDS[74]


@cache
def graded_head() -> Simulated:
    """The head that the graders of these bundles are made about."""
    return simulate(_SEED)


def head_frame() -> Frame:
    """Its frame, with its pixel size."""
    head = graded_head()
    spacing = Spacing(head.mm_per_px, head.mm_per_px, SpacingSource.USER)
    return Frame(head.pixels, Source("PNG", "0" * 64), spacing=spacing)


@cache
def _features() -> FrameFeatures:
    return FrameFeatureExtractor(Bundle(), {FeaturePart.DETECTOR}).of_frame(head_frame())


@cache
def _trained(grade: str) -> TrainedGrader:
    """A grader by which every structure of the head as it is has one grade, and others as its score changes."""
    rng = np.random.default_rng(0)
    features = _features()
    places = np.arange(_ROWS) % len(STRUCTURES)
    values = features.values[places] + rng.normal(0, 0.01, (_ROWS, len(features.names)))
    change = rng.uniform(-6, 6, _ROWS)
    values[:, features.names.index("score")] += change
    order = {"normal": (0, 1, 2), "abnormal": (2, 1, 0)}[grade]
    labels = [GRADES[order[place]] for place in np.digitize(change, (2, 4)).tolist()]
    words = tuple(STRUCTURES[place].value for place in places.tolist())
    rows = FeatureRows(features.names, values, {"structure": words})
    groups = np.arange(_ROWS)
    found = search(GraderKind.LOGISTIC_REGRESSION, rows, labels, groups, budget=1, fixed={"C": 100.0})
    return finish_grader(found, labels, groups)


def labels_bundle(
    folder: Path,
    structures: tuple[Structure, ...] | None,
    basis: GradeBasis | None = GradeBasis.EDITS,
    at_chance: tuple[Structure, ...] = (),
    grade: str = "normal",
) -> Bundle:
    """The shipped bundle with a grader of labels besides, by which the head's structures have one grade."""
    shipped, trained = Bundle(), _trained(grade)
    manifest = GraderManifest(
        task="labels",
        unit=Unit.STRUCTURE,
        family="logistic_regression",
        file="labels.onnx",
        description="labels.json",
        parts=("detector",),
        positive="abnormal",
        frames_seen="labels_frames_seen.csv",
        trained_on=({"name": "one simulated head", "frames": 1},),
        metrics={"internal": {"rows": _ROWS, "structures": {}}},
        basis=basis,
        structures=structures,
        at_chance=at_chance,
    )
    files = {name: shipped.file(name) for name in shipped.manifest.files} | {
        "labels.onnx": trained.model,
        "labels.json": trained.spec.to_json().encode(),
        "labels_frames_seen.csv": b"pixels_sha256,use,difference_hash\n",
    }
    write_files(folder, files, replace(shipped.manifest, graders={**shipped.manifest.graders, "labels": manifest}))
    return Bundle(folder)


def ungrading_bundle(folder: Path) -> Bundle:
    """The shipped bundle without its grader of labels."""
    shipped = Bundle()
    files = {name: shipped.file(name) for name in shipped.manifest.files if not name.startswith("labels")}
    graders = {task: grader for task, grader in shipped.manifest.graders.items() if task != "labels"}
    write_files(folder, files, replace(shipped.manifest, graders=graders))
    return Bundle(folder)
