"""A bundle that tells where structures may lie: its readings give the face's side and name what is misplaced."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.detect import Detector
from nonet.detect.shape_prior import SHAPE_PRIOR_FILE, ShapePrior
from nonet.frame import Frame, Source
from nonet.reader import Reader
from nonet.simulate import EXAMPLE_SEEDS, Facing, simulate
from nonet.simulate.head.structure_positions import layout_prior


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle with the arrangement of the simulator's heads."""
    folder = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path_factory.mktemp("arranged") / "bundle"))
    prior = layout_prior()
    places = (4 * np.arange(9)[:, None] + np.arange(2)).ravel()
    spread = prior.factor[:, places]
    shape_prior = ShapePrior(prior.mean[places], spread.T @ spread + 1e-3 * np.eye(18), 8.0, 1.0, 0.5, 707)
    (folder / SHAPE_PRIOR_FILE).write_text(shape_prior.to_json())
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][SHAPE_PRIOR_FILE] = hashlib.sha256((folder / SHAPE_PRIOR_FILE).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({**manifest, "arrangement": SHAPE_PRIOR_FILE}))
    return folder


def plain(folder: Path) -> Detector:
    detector = Detector(Bundle(folder))
    detector.shape_prior = None
    return detector


@pytest.mark.parametrize("seed", EXAMPLE_SEEDS[50:52])
def test_the_reading_gives_the_side_that_was_drawn(folder: Path, seed: int) -> None:
    drawn = simulate(seed)
    reading = Reader(Bundle(folder)).read_frame(Frame(drawn.pixels, Source("PNG", "0" * 64)))
    assert reading.face is not None
    assert (reading.face == "left") == (drawn.facing is Facing.LEFT)


def test_no_structure_scores_higher_for_it(folder: Path) -> None:
    pixels = simulate(EXAMPLE_SEEDS[50]).pixels
    arranged, strongest = Detector(Bundle(folder)), plain(folder)
    with_prior = arranged.best(arranged.network.candidates(pixels, arranged.candidate_count)).scores
    without = strongest.best(strongest.network.candidates(pixels, strongest.candidate_count)).scores
    assert (with_prior <= without[:, :1] + 1e-6).all()


def test_an_empty_frame_has_no_side(folder: Path) -> None:
    reading = Reader(Bundle(folder)).read_frame(Frame(np.zeros((480, 640), np.uint8), Source("PNG", "0" * 64)))
    assert reading.face is None
    assert not any("lies where" in warning for warning in reading.warnings)
