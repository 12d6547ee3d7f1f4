"""``nonet evaluate repeatability``: how far the measurements of a frame spread over its changed pictures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from errors_raised import raised
from nonet.anatomy import Structure
from nonet.bundle import DEFAULT_BUNDLE
from nonet.cli.main import app
from nonet.datasets.data_set import ImageRow
from nonet.errors import DatasetError
from nonet.evaluate.measurements.printed_readings import NEEDED
from nonet.evaluate.measurements.repeats import FrameRepeats, repeat_figures
from nonet.evaluate.measurements.run_repeats import JITTERED, run_repeats
from nonet.simulate import simulate
from nonet.simulate.edits.marked_twin import marked_twins
from nonet.simulate.png_export import write_png

NUCHAL = (Structure.NUCHAL_TRANSLUCENCY, "thickness")
KEY = "nuchal_translucency.thickness"


def frame(name: str, own: float | None, zooms: tuple[float, ...], gains: tuple[float, ...] = ()) -> FrameRepeats:
    repeats = {"zoom": {NUCHAL: zooms} if zooms else {}, "gain": {NUCHAL: gains} if gains else {}}
    return FrameRepeats(name, {} if own is None else {NUCHAL: own}, repeats, {"zoom": 2, "gain": 2})


def test_the_spread_is_that_of_each_frame() -> None:
    frames = [frame("a", 1.0, (1.2, 0.8), (1.0,)), frame("b", 2.0, (2.0, 2.0), (2.2,)), frame("c", None, (3.0,))]
    found = repeat_figures(frames, resamples=50)[KEY]
    variances = [np.var([1.0, 1.2, 0.8, 1.0], ddof=1), np.var([2.0, 2.0, 2.0, 2.2], ddof=1)]
    assert found["n"] == 2
    assert found["sd_mm"]["value"] == pytest.approx(np.sqrt(np.mean(variances)), abs=1e-4)
    assert found["median_sd_mm"]["value"] == pytest.approx(np.median(np.sqrt(variances)), abs=1e-4)
    assert found["median_mm"]["value"] == pytest.approx(1.5)
    assert found["kinds"]["zoom"]["sd_mm"]["value"] == pytest.approx(np.sqrt(0.04 / 2), abs=1e-4)
    assert found["kinds"]["gain"]["n"] == 2
    assert found["kinds"]["zoom"]["share_measured"]["value"] == 1
    assert found["share_measured"]["value"] == pytest.approx(3 / 4)


def test_a_frame_that_was_measured_once_has_no_spread_and_counts_as_not_measured_again() -> None:
    found = repeat_figures([frame("a", 1.0, ())], resamples=20)
    assert found[KEY]["n"] == 1
    assert found[KEY]["sd_mm"]["value"] is None
    assert found[KEY]["share_measured"]["value"] == 0


def test_the_marks_of_another_machine_are_drawn_over_a_frame() -> None:
    pixels = simulate(9_000_302).pixels
    for twin in marked_twins():
        marked = twin.pixels(pixels, np.random.default_rng(0))
        assert marked.shape == pixels.shape
        assert 0.001 < (marked != pixels).mean() < 0.3


@pytest.mark.slow
def test_the_command_measures_frames_again(tmp_path: Path) -> None:
    made = simulate(9_000_301)
    write_png(tmp_path / "head.png", made)
    (tmp_path / "broken.png").write_bytes((tmp_path / "head.png").read_bytes()[:2_000])
    with (tmp_path / "frames.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NEEDED)
        for name in ("head.png", "broken.png"):
            writer.writerow((name, f"{made.mm_per_px:.5f}", "ruler_dot10", "", f"{made.truth['nt_mm']:.2f}"))
    done = CliRunner().invoke(app, ["evaluate", "repeatability", str(tmp_path), "--json"])
    assert done.exit_code == 1, done.output
    document = json.loads(done.stdout)
    assert document["data"]["frames"] == 1
    found = document["measurements"][KEY]
    assert list(found["kinds"]) == [JITTERED, "other overlays", "zoom", "gain"]
    assert 0 <= found["sd_mm"]["value"] < 1


def test_images_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    images = [(ImageRow("x.png", tmp_path / "x.png", 4, 4, "all"), 0.1)]
    with raised(DatasetError, found="none of 1"):
        run_repeats(images, DEFAULT_BUNDLE, {})
