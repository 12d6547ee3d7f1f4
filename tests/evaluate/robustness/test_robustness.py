"""``nonet evaluate robustness``: figures of twins beside those of the frames as they are, in pairs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.cli.main import app
from nonet.datasets import DataSet, ImageRow, Plane, load
from nonet.errors import DatasetError
from nonet.evaluate.robustness import Twin, robustness_figures, run_twins
from nonet.evaluate.robustness.run_twins import OWN, FrameTwins, PictureReading, TwinRun
from nonet.evaluate.robustness.twins import TwinFamily
from nonet.simulate import simulate
from nonet.simulate.png_export import write_boxes, write_png


def run(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["evaluate", "robustness", *map(str, words)], env={"COLUMNS": "120"})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout if code != 2 else done.output


IDENTITY = Twin("the same", TwinFamily.GREY, lambda pixels, _: pixels, lambda box, _: box)
DARK = Twin("dark", TwinFamily.GREY, lambda pixels, _: pixels // 40, lambda box, _: box)


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heads")
    named = [(f"{n}.png", simulate(9_000_200 + n)) for n in range(3)]
    for name, frame in named:
        write_png(folder / name, frame)
    write_boxes(folder / "boxes.json", named)
    return folder


@pytest.mark.slow
def test_the_same_picture_loses_nothing_and_a_black_one_all(heads: Path) -> None:
    data = load(heads)
    found = run_twins(data.images, [DEFAULT_BUNDLE], [IDENTITY, DARK])
    figures = robustness_figures(found, data, Bundle(DEFAULT_BUNDLE), [IDENTITY, DARK], resamples=50)
    same, dark = figures["twins"]
    assert figures[OWN]["ap50"]["value"] > 0.8
    assert set(same["change"]) == {"ap50", "ap50_95"}
    for one in same["change"].values():
        assert (one["value"], one["low"], one["high"]) == (0, 0, 0)
    assert dark["change"]["ap50"]["high"] < -0.3
    assert dark["ap50"]["value"] - figures[OWN]["ap50"]["value"] == pytest.approx(dark["change"]["ap50"]["value"])


def test_a_label_in_doubt_is_changed_and_not_reversed() -> None:
    """Of four standard frames the twins are called standard, undecided, non-standard and standard."""
    both, non_standard, standard = (np.array(each) for each in ([True, True], [True, False], [False, True]))
    twins = [(0.9, standard), (0.6, both), (0.2, non_standard), (0.8, standard)]
    frames = []
    for number, (probability, kept) in enumerate(twins):
        readings = {
            OWN: PictureReading((), np.array([0.1, 0.9]), standard),
            IDENTITY.name: PictureReading((), np.array([1 - probability, probability]), kept),
        }
        frames.append(FrameTwins(f"{number}.png", (240, 320), f"{number:064x}", f"{number:016x}", 0, False, readings))
    images = tuple(ImageRow(f"{n}.png", Path(f"{n}.png"), 320, 240, "all", plane=Plane.STANDARD) for n in range(4))
    found = TwinRun(tuple(frames), (), ("non-standard", "standard"), "standard")
    figures = robustness_figures(found, DataSet("test", images, ()), Bundle(DEFAULT_BUNDLE), [IDENTITY], resamples=20)
    assert figures["twins"][0]["label_changed"]["value"] == 0.5
    assert figures["twins"][0]["label_reversed"]["value"] == 0.25
    assert figures[OWN]["label_reversed"]["value"] == 0


def test_planes_and_boxes_of_the_published_folder(published_folder: Path) -> None:
    words = (published_folder, "--split", "internal-test", "--twin", "zoom 0.68", "--twin", "mirror")
    reported = json.loads(run(*words, "--json"))
    assert reported["frames"] == 3
    assert reported["frames_seen_in_training"] == 0
    assert [one["twin"] for one in reported["twins"]] == ["zoom 0.68", "mirror"]
    figures = {"ap50", "ap50_95", "plane_auc", "sensitivity", "specificity", "label_changed", "label_reversed"}
    figures |= {"coverage, standard", "coverage, non-standard"}
    assert set(reported[OWN]) == figures
    assert reported[OWN]["label_changed"]["value"] == 0
    for one in reported["twins"]:
        assert set(one) == {"twin", "family", "change", *figures}
        assert 0 <= one["label_reversed"]["value"] <= one["label_changed"]["value"] <= 1
    assert "mirror" in run(*words[:3], "--twin", "mirror")


def test_a_broken_file_is_left_out_by_name(published_folder: Path) -> None:
    broken = published_folder / "External Test Set" / "Standard" / "1529.png"
    broken.write_bytes((published_folder / "External Test Set" / "Standard" / "1528.png").read_bytes()[:1_000])
    words = ("--split", "external-test", "--twin", "mirror", "--json")
    reported = json.loads(run(published_folder, *words, code=1))
    assert [one["image"] for one in reported["left_out"]] == ["1529.png"]
    assert reported["frames"] == 2


def test_what_is_asked_wrongly_is_said(published_folder: Path, tmp_path: Path) -> None:
    assert "families are zoom, grey, texture, geometry" in " ".join(
        run(published_folder, "--twin", "fog", code=2).split()
    )
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError):
        run(tmp_path / "empty")


def test_of_several_bundles_that_have_not_seen_a_frame_the_first_reads_it(
    published_folder: Path, tmp_path: Path
) -> None:
    data = load(published_folder).split("internal-test")
    whole = run_twins(data.images, [DEFAULT_BUNDLE], [])
    copy = tmp_path / "other"
    shutil.copytree(DEFAULT_BUNDLE, copy)
    both = run_twins(data.images, [copy, DEFAULT_BUNDLE], [])
    assert [one.bundle for one in both.frames] == [0] * 3
    assert not any(one.seen for one in both.frames)
    for one, other in zip(whole.frames, both.frames, strict=True):
        np.testing.assert_array_equal(one.readings[OWN].probabilities, other.readings[OWN].probabilities)


def test_only_so_many_frames_are_always_the_same(published_folder: Path) -> None:
    words = (published_folder, "--split", "internal-test", "--twin", "mirror", "--frames", "2", "--json")
    assert json.loads(run(*words))["frames"] == 2
    assert run(*words) == run(*words)
