"""Tracks: less flicker on a still, no lag behind a head that moves, gaps left as gaps, one wrong box ignored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from loop_readings import HEIGHT, WIDTH, loop_reading
from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.cine.tracks import BoxRow, tracks_of
from nonet.detect.shape_prior import ShapePrior
from nonet.reading import Box, Finding, Reading

SIZE = WIDTH, HEIGHT
BONE = STRUCTURES.index(Structure.NASAL_BONE)


@pytest.fixture(scope="module")
def prior() -> ShapePrior:
    bundle = Bundle(DEFAULT_BUNDLE)
    assert bundle.manifest.arrangement
    return ShapePrior.from_json(bundle.file(bundle.manifest.arrangement))


def noisy(frames: int, drift: float = 0.0) -> list[Reading]:
    rng = np.random.default_rng(0)
    return [loop_reading(n, frames, noise=rng, drift=drift) for n in range(frames)]


def edges(readings: list[Reading], prior: ShapePrior | None, measured: list[bool] | None = None) -> np.ndarray:
    """``float64[T, 9, 4]`` of tracks that have no gap."""
    rows = [BoxRow(one) for one in readings]
    own = measured or [True] * len(rows)
    found = tracks_of(rows, own, [1] * len(rows), prior, SIZE)
    return np.array([[box.box for box in track.boxes] for track in found]).transpose(1, 0, 2)


@pytest.mark.parametrize("with_prior", [True, False])
def test_boxes_on_a_still_flicker_at_most_a_quarter_as_much(prior: ShapePrior, with_prior: bool) -> None:
    readings = noisy(30)
    raw = np.array([[found.box.xyxy for found in one.findings if found.box] for one in readings])
    smooth = edges(readings, prior if with_prior else None)
    assert np.mean(smooth.std(axis=0)) <= 0.25 * np.mean(raw.std(axis=0))


def test_a_head_that_moves_is_followed(prior: ShapePrior) -> None:
    drift = 2.0
    truth = np.array([[f.box.xyxy for f in loop_reading(n, 30, drift=drift).findings if f.box] for n in range(30)])
    raw = np.array([[f.box.xyxy for f in one.findings if f.box] for one in noisy(30, drift)])
    smooth = edges(noisy(30, drift), prior)
    assert np.sqrt(np.mean((smooth - truth) ** 2)) < 0.6 * np.sqrt(np.mean((raw - truth) ** 2))


def test_a_jerk_of_the_head_is_followed_at_once(prior: ShapePrior) -> None:
    jerked = [
        replace(one, findings=tuple(_moved(found, 25.0 if number >= 15 else 0.0) for found in one.findings))
        for number, one in enumerate(noisy(30))
    ]
    x = edges(jerked, prior)[:, :, 0].mean(axis=1)
    assert x[14] - x[0] == pytest.approx(0, abs=3)
    assert x[15] - x[0] == pytest.approx(25, abs=3)


def _moved(found: Finding, by: float) -> Finding:
    assert found.box is not None
    return replace(found, box=Box(found.box.x1 + by, found.box.y1, found.box.x2 + by, found.box.y2))


def test_a_gap_is_a_gap(prior: ShapePrior) -> None:
    readings = noisy(20)
    for number in range(8, 12):
        findings = list(readings[number].findings)
        findings[BONE] = replace(findings[BONE], visible=False, box=None)
        readings[number] = replace(readings[number], findings=tuple(findings))
    tracks = tracks_of([BoxRow(one) for one in readings], [True] * 20, [1] * 20, prior, SIZE)
    assert [box.number for box in tracks[BONE].boxes] == [*range(8), *range(12, 20)]
    assert [(run[0].number, run[-1].number) for run in tracks[BONE].runs()] == [(0, 7), (12, 19)]
    assert len(tracks[0].boxes) == 20


def test_one_box_elsewhere_moves_none(prior: ShapePrior) -> None:
    readings = noisy(21)
    findings = list(readings[10].findings)
    box = findings[BONE].box
    assert box is not None
    findings[BONE] = replace(findings[BONE], box=Box(box.x1 - 90, box.y1 + 60, box.x2 - 90, box.y2 + 60))
    calm = edges(readings, prior)
    readings[10] = replace(readings[10], findings=tuple(findings))
    thrown = edges(readings, prior)
    others = [row for row in range(9) if row != BONE]
    assert np.abs(thrown[:, others] - calm[:, others]).max() < 1.0
    assert np.abs(thrown[8, BONE] - calm[8, BONE]).max() < 4.0


def test_a_copied_frame_is_placed_between_the_frames_around_it(prior: ShapePrior) -> None:
    readings = [loop_reading(n, 9, drift=3.0) for n in range(9)]
    for number in (4, 5):
        readings[number] = replace(readings[3], source=readings[number].source)
    measured = [number not in (4, 5) for number in range(9)]
    smooth = edges(readings, prior, measured)
    x = smooth[:, 0, 0]
    assert x[3] < x[4] < x[5] < x[6]


def test_a_structure_that_is_never_seen_has_an_empty_track(prior: ShapePrior) -> None:
    readings = [loop_reading(n, 5, visible=STRUCTURES[:4]) for n in range(5)]
    tracks = tracks_of([BoxRow(one) for one in readings], [True] * 5, [1] * 5, prior, SIZE)
    assert [len(track.boxes) for track in tracks] == [5] * 4 + [0] * 5


def test_a_loop_in_which_nothing_is_seen_has_no_boxes(prior: ShapePrior) -> None:
    readings = [loop_reading(n, 5, visible=()) for n in range(5)]
    tracks = tracks_of([BoxRow(one) for one in readings], [True] * 5, [1] * 5, prior, SIZE)
    assert not any(track.boxes for track in tracks)


def test_a_long_loop_is_smoothed_in_parts_that_fit_together(prior: ShapePrior) -> None:
    smooth = edges(noisy(300), prior)
    steps = np.abs(np.diff(smooth, axis=0)).max(axis=(1, 2))
    assert steps[255] < 0.5
    assert np.isfinite(smooth).all()
