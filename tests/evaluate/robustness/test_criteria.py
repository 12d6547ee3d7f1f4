"""``nonet evaluate criteria``: the criterion that a twin is made to fail is the one that fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nonet.bundle import DEFAULT_BUNDLE
from nonet.cli.main import app
from nonet.datasets import load
from nonet.datasets.data_set import Plane
from nonet.errors import DatasetError
from nonet.evaluate.robustness.criteria import CRITERION_TWINS, criteria_figures, run_criteria
from nonet.evaluate.robustness.run_twins import OWN
from nonet.reading import Criterion
from nonet.simulate import simulate
from nonet.simulate.png_export import write_boxes, write_png

SET2 = Path(__file__).parents[4] / "shared" / "data" / "fetus-framework"


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heads")
    named = [(f"{n}.png", simulate(9_000_200 + n)) for n in range(3)]
    for name, frame in named:
        write_png(folder / name, frame)
    write_boxes(folder / "boxes.json", named)
    (folder / named[2][0]).write_bytes((folder / named[2][0]).read_bytes()[:3_000])
    return folder


@pytest.mark.slow
def test_shares_of_frames_and_of_twins_and_a_broken_file(heads: Path) -> None:
    data = load(heads)
    images = tuple(replace(image, plane=Plane.STANDARD) for image in data.images)
    run = run_criteria(replace(data, images=images), DEFAULT_BUNDLE)
    figures = criteria_figures(run, resamples=50)
    assert [one.image for one in run.unreadable] == [image.name for image in images if image not in run.images]
    assert len(run.images) + len(run.unreadable) == len(images)
    assert [one["twin"] for one in figures["twins"]] == [twin.name for twin in CRITERION_TWINS]
    for one in (figures[OWN], *figures["twins"]):
        assert all(0 <= one[each.value]["value"] <= 1 for each in Criterion)
    named = {one["twin"]: one for one in figures["twins"]}
    assert named["zoom 0.6 on black"]["magnification"]["value"] == 1
    assert named["blur 1.5 px"]["frames"] == len(run.images)


def test_frames_that_are_not_filed_as_standard_are_refused(heads: Path) -> None:
    with pytest.raises(DatasetError, match="standard"):
        run_criteria(load(heads), DEFAULT_BUNDLE)
    done = CliRunner().invoke(app, ["evaluate", "criteria", str(heads)])
    assert done.exit_code != 0


@pytest.mark.slow
@pytest.mark.skipif(not SET2.exists(), reason="the Fetus Framework data are not here")
@pytest.mark.parametrize("more", [["--json"], []])
def test_the_command_prints_figures_of_real_frames(more: list[str]) -> None:
    words = ["evaluate", "criteria", str(SET2), "--split", "set2", "--frames", "2", *more]
    done = CliRunner().invoke(app, words, env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    if more:
        document = json.loads(done.stdout)
        assert document["frames"] == 2
        assert document["limits"]["frames"] > 700
        assert len(document["twins"]) == len(CRITERION_TWINS)
    else:
        assert "magnification" in done.stdout
        assert "2 standard frames of set2" in done.stdout
