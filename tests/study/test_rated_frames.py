"""Unedited frames alone are rated, and a rating counts where its frame's group is trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from test_honesty import frames_of_two_centres, material_of, plan_with

from nonet.anatomy import Structure
from nonet.datasets import DataSet, ImageRow, assign_folds
from nonet.datasets.groups import groups_of
from nonet.features.frame_features import DETECTOR_FEATURES
from nonet.study.rated_frames import candidate_frames, folds_of_groups, rated_frames
from nonet.study.rows import make_ratings
from nonet.study.selection import select_features
from nonet.study.study_features import DEVICES, StudyFeatures

SOURCES, COPIES = 60, 3
RATERS = 4


def image(name: str, source: str | None = None, **words: str) -> ImageRow:
    return ImageRow(name, Path(name), 4, 4, "all", source=source, **words)


def test_where_some_are_copies_the_frames_that_they_are_of_are_rated_without_labels() -> None:
    unedited = [image("a.png"), image("b.png"), image("again.png"), image("broken.png"), image("alone.png")]
    copies = [image("a-1.png", "a.png", device="GE"), image("b-1.png", "b.png"), image("b-2.png", "b.png")]
    data = DataSet("test", (*unedited, *copies), ())
    hashes = {one.name: f"{place:064x}" for place, one in enumerate(data.images) if one.name != "broken.png"}
    hashes["again.png"] = hashes["a.png"]
    labelled = data.keeping(copies)
    candidates = candidate_frames(data, labelled, hashes)
    assert [one.name for one in candidates.images] == ["a.png", "b.png", "alone.png"]
    groups = groups_of([*candidates.images, *copies], hashes)
    rated = rated_frames(candidates, labelled.images, groups)
    assert [(one.name, one.device) for one in rated.images] == [("a.png", "GE"), ("b.png", None)]
    folds = assign_folds(labelled.images, hashes, 2, groups=groups)
    fold = {row.image: row.fold for row in folds}
    of_rated = folds_of_groups(rated.images, folds, groups)
    assert [(row.image, row.fold) for row in of_rated] == [("a.png", fold["a-1.png"]), ("b.png", fold["b-2.png"])]
    plain = data.keeping(unedited[:2])
    assert candidate_frames(plain, plain, hashes) is plain, "without copies the labelled frames are rated"


def test_ratings_of_a_held_out_frame_are_never_used(tmp_path: Path) -> None:
    """The frames are rated, their copies labelled; ratings of the sources that are held out may say anything."""
    values, anatomy, centres = frames_of_two_centres(SOURCES * COPIES)
    rows = material_of(anatomy > 0, values, centres)
    source = np.array([f"source {number // COPIES}.png" for number in range(len(rows))])
    rows = replace(rows, groups=source)
    train = np.flatnonzero(np.isin(source, source[: len(rows) // 2]))
    groups = {name: name for name in source.tolist()}
    plan = plan_with(tmp_path, '"devices"')
    extracted = rated_as(source, rows.names)
    held_out = ~np.isin(extracted.subject, source[train])
    noise = np.random.default_rng(0).normal(size=extracted.values.shape).astype(np.float32)
    chosen = [
        select_features(rows, plan.arms["radiomics"], train, {DEVICES: made[DEVICES]}, plan)
        for made in (
            make_ratings(
                replace(extracted, values=np.where(spoilt[:, None], noise, extracted.values)), [DEVICES], groups
            )
            for spoilt in (np.zeros(len(held_out), bool), held_out, ~held_out)
        )
    ]
    as_they_are, held_out_spoilt, training_spoilt = (one.columns for one in chosen)
    assert "stat_anatomy" in as_they_are
    assert held_out_spoilt == as_they_are
    assert chosen[0].records == chosen[1].records
    assert training_spoilt == (), "ratings of the training frames' sources are what decides"


def rated_as(sources: np.ndarray, names: tuple[str, ...]) -> StudyFeatures:
    """Each source shown by four devices that agree."""
    subjects = np.repeat(np.unique(sources), RATERS)
    own = np.repeat(np.random.default_rng(1).normal(size=(SOURCES, len(names))), RATERS, axis=0)
    values = np.hstack([np.full((len(own), len(DETECTOR_FEATURES)), np.nan), own]).astype(np.float32)
    return StudyFeatures(
        (*DETECTOR_FEATURES, *names),
        subjects,
        np.full(len(subjects), DEVICES),
        np.tile([f"device {number}" for number in range(RATERS)], SOURCES),
        np.full(len(subjects), Structure.THALAMI.value),
        np.zeros((len(subjects), 4), np.float32),
        values,
    )
