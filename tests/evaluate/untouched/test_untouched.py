"""Calls on untouched frames: shares, sham agreement, the print; and the command on a small set."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from errors_raised import raised
from label_bundles import labels_bundle
from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import ImageRow, load
from nonet.errors import DatasetError
from nonet.evaluate.untouched import FrameCalls, UntouchedRun, run_untouched, untouched_figures
from nonet.evaluate.untouched.edited_copies import read_copies
from nonet.evaluate.untouched.run_untouched import OWN, Call
from nonet.simulate import same_head
from nonet.simulate.devices import STUDY_DEVICES
from nonet.simulate.edits.edited_set import write_edited_set
from nonet.simulate.png_export import write_boxes, write_png

NT, BONE = Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE
NONET = [sys.executable, "-c", "from nonet.cli import main; main()"]


def frame(number: int, grade: str, sham: str | None, abnormal: float = 0.1, height: float = 20.0) -> FrameCalls:
    image = ImageRow(f"{number}.png", Path(f"{number}.png"), 100, 80, "all", device="GE", mm_per_px=0.1)
    near = f"{number:064x}"
    call = Call(grade, "abnormal" if grade == "undecided" else grade, abnormal, height)
    shams = {} if sham is None else {NT: Call(sham, "normal" if sham == "undecided" else sham, abnormal, height)}
    rng = np.random.default_rng(number)
    return FrameCalls(image, (near, rng.bytes(32).hex()), 0, (False, False), {OWN: {NT: call}}, shams)


def test_shares_count_the_visible_and_agreement_is_of_the_same_call() -> None:
    calls = [("normal", "normal"), ("abnormal", "normal"), ("undecided", "undecided"), ("normal", None)]
    run = UntouchedRun(tuple(frame(number, *pair) for number, pair in enumerate(calls)), (), (NT, BONE))
    figures = untouched_figures(run, resamples=200)
    own = figures["structures"][NT.value]
    assert (own["n"], own["abnormal"]["value"], own["undecided"]["value"]) == (4, 0.25, 0.25)
    assert own["sham"]["n"] == 3
    assert own["sham"]["agreement"]["value"] == pytest.approx(2 / 3)
    assert own["abnormal_most_probable"]["value"] == 0.5
    assert own["sham"]["agreement_most_probable"]["value"] == pytest.approx(1 / 3)
    assert figures["structures"][BONE.value]["n"] == 0
    assert figures["structures"][BONE.value]["abnormal"]["value"] is None


def test_a_structure_should_be_called_alike_where_another_was_made_abnormal() -> None:
    first, second = frame(0, "normal", None), frame(1, "normal", None)
    beside = (
        {NT: first.pictures[OWN][NT]},
        {NT: Call("abnormal", "abnormal", 0.9, 20.0), BONE: first.pictures[OWN][NT]},
    )
    run = UntouchedRun((replace(first, elsewhere=beside), replace(second, elsewhere=({},))), (), (NT, BONE))
    found = untouched_figures(run, resamples=200)["structures"]
    assert (found[NT.value]["elsewhere"]["n"], found[BONE.value]["elsewhere"]["n"]) == (2, 0)
    assert found[NT.value]["elsewhere"]["agreement"]["value"] == 0.5
    assert found[NT.value]["elsewhere"]["abnormal"]["value"] == 0.5


def test_copies_are_known_by_the_table_of_sizes(edited: Path) -> None:
    copies = read_copies(edited)
    assert copies.shams
    assert copies.abnormal
    assert not copies.shams.keys() & copies.abnormal.keys()


def test_the_print_is_followed_by_a_probability_that_rises_with_it_and_by_no_other() -> None:
    rng = np.random.default_rng(5)
    printed = {f"{number}.png": float(mm) for number, mm in enumerate(rng.uniform(1, 3, 40))}
    sizes = rng.uniform(0.06, 0.12, 40)
    frames = []
    for number in range(40):
        made = frame(number, "normal", None, printed[f"{number}.png"] / 4, float(rng.uniform(10, 40)))
        image = replace(made.image, mm_per_px=float(sizes[number]))
        frames.append(FrameCalls(image, made.hashes, 0, (False, False), made.pictures, {}))
    found = untouched_figures(UntouchedRun(tuple(frames), (), (NT,)), printed, resamples=200)["nuchal_print"]
    assert found["n"] == 40
    assert found["partial"]["value"] > 0.95
    assert abs(found["box_height"]["value"]) < 0.5
    assert found["difference"]["low"] > 0


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One simulated frame and its edited copies."""
    folder = tmp_path_factory.mktemp("frames")
    made = [("0.png", same_head(102, (STUDY_DEVICES[1],))[0])]
    write_png(folder / "0.png", made[0][1])
    write_boxes(folder / "boxes.json", made)
    write_edited_set(load(folder), folder / "set")
    return folder / "set"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    labels_bundle(folder, STRUCTURES)
    return folder


@pytest.mark.slow
def test_the_command_grades_untouched_frames_and_their_sham_copies(edited: Path, bundle: Path) -> None:
    command = [*NONET, "evaluate", "untouched", str(edited), "--bundle", str(bundle), "--no-zooms", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["frames"] == 1
    assert found["pooled"]["n"] >= 6
    assert found["pooled"]["sham"]["n"] >= 3
    assert found["pooled"]["elsewhere"]["n"] >= 3
    assert sum(found["pooled"][call]["value"] for call in ("normal", "borderline", "abnormal", "undecided")) <= 1


def test_a_set_without_untouched_frames_is_refused(edited: Path, bundle: Path) -> None:
    data = load(edited)
    copies = data.keeping(image for image in data.images if image.source)
    with raised(DatasetError, found="none"):
        run_untouched(copies, [bundle], read_copies(edited))
