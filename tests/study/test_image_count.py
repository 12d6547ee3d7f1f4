"""The images in a study's flow are the image files of its split: each is a row, or excluded with a reason."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from nonet.datasets import load
from nonet.datasets.image_files import image_files
from nonet.datasets.tasks import Task, label_rows
from nonet.study.eligibility import eligible_rows

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared/data/fetus-framework"
STUDIES = sorted((ROOT / "benchmarks/results/studies").glob("*/figures.json"))
OF_SET2 = [file for file in STUDIES if tomllib.loads(file.with_name("study.toml").read_text()).get("split") == "set2"]


@pytest.mark.parametrize("split", ["set1", "set2", "external-test"])
@pytest.mark.parametrize("broken", [False, True])
def test_every_file_of_a_split_is_a_row_or_excluded(published_folder: Path, split: str, broken: bool) -> None:
    if broken:
        for folder in ("Set1-Training&Validation Sets CNN/Standard", "External Test Set/Standard"):
            (published_folder / folder / "1599.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    data = load(published_folder).split(split)
    labelled = label_rows(Task.PLANE, data)
    eligible = eligible_rows(labelled, {image.name: image.name for image in labelled.data.images})
    words = {"set1": "Set1", "set2": "Set2", "external-test": "External"}
    files = [path for path in image_files(published_folder) if words[split] in str(path.relative_to(published_folder))]
    counted = len(eligible.data.images) + len({one.image for one in eligible.excluded})
    assert counted == len({path.name for path in files})
    assert {one.split for one in eligible.excluded} <= {split}


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.parent.name)
def test_a_published_flow_counts_each_image_once(file: Path) -> None:
    flow = json.loads(file.read_text())["flow"]
    assert flow["images"] == flow["frames"] + sum(flow["left_out"].values())


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize("file", OF_SET2, ids=lambda file: file.parent.name)
def test_the_published_flow_of_set2_has_the_files_of_set2(file: Path) -> None:
    data = load(DATA).split("set2")
    assert json.loads(file.read_text())["flow"]["images"] == len(data.images) + len(data.excluded) == 560
