"""``nonet evaluate plane``, ``visibility`` and ``labels`` on the published folder as it is downloaded."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from errors_raised import raised
from label_bundles import ungrading_bundle
from nonet.anatomy import STRUCTURES
from nonet.cli.main import app
from nonet.errors import BundleError, DatasetError
from nonet.evaluate.grading import grading_figures, read_rows

FOUR = ("auc", "accuracy", "sensitivity", "specificity")


def run(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["evaluate", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.mark.parametrize("split", ["internal-test", "external-test"])
def test_plane_quality_of_a_published_test_set(published_folder: Path, split: str) -> None:
    reported = json.loads(run("plane", published_folder, "--split", split, "--json"))
    for name in FOUR:
        assert set(reported[name]) == {"value", "low", "high"}
    assert reported["classes"] == ["non-standard", "standard"]
    assert (reported["positive"], reported["overlays"], reported["task"]) == ("standard", "mask", "plane")
    assert reported["frames"] == {"internal-test": 3, "external-test": 2}[split]
    assert reported["frames_seen_in_training"] == 0
    assert reported["data"] == {"form": "Fetus Framework", "split": split}


def test_predictive_values_at_a_stated_prevalence(published_folder: Path) -> None:
    words = ("plane", published_folder, "--split", "set2", "--prevalence", "0.25")
    reported = json.loads(run(*words, "--json"))["at_prevalence"]
    assert reported["prevalence"] == 0.25
    assert set(reported["ppv"]) == {"value", "low", "high"}
    assert "Where 25 % are standard: PPV" in run(*words)
    assert "at_prevalence" not in json.loads(run(*words[:-2], "--json"))


def test_the_figures_follow_from_the_predictions_that_it_writes(published_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    reported = json.loads(run("plane", published_folder, "--split", "set2", "--json", "--predictions", file))
    ((_, rows),) = read_rows(file, "standard")
    again = json.loads(json.dumps(grading_figures(rows)))
    assert again["confusion"] == reported["confusion"]
    assert again["auc"] == reported["auc"]


def test_a_file_that_cannot_be_read_is_left_out_by_name_and_the_others_are_evaluated(published_folder: Path) -> None:
    broken = published_folder / "External Test Set" / "Standard" / "1529.png"
    whole = (published_folder / "External Test Set" / "Standard" / "1528.png").read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    reported = json.loads(run("plane", published_folder, "--split", "external-test", "--json", code=1))
    assert reported["frames"] == 2
    (left_out,) = reported["left_out"]
    assert left_out["image"] == "1529.png"
    assert "truncated" in left_out["reason"]


def test_visibility_is_the_detectors_own_where_the_bundle_has_no_grader_of_it(published_folder: Path) -> None:
    reported = json.loads(run("visibility", published_folder, "--split", "internal-test", "--json"))
    assert reported["grader"] == "the detector's own probability of being visible"
    assert reported["rows"] == 2 * len(STRUCTURES)
    assert set(reported["structures"]) == {structure.value for structure in STRUCTURES}
    assert {one["note"] for one in reported["structures"].values()} == {"n too small"}


def test_a_table_for_people_shows_the_same(published_folder: Path) -> None:
    words = run("plane", published_folder, "--split", "external-test", "--overlays", "keep")
    assert "external-test: 2 frames" in words
    assert "Sensitivity is of standard" in words


def test_labels_need_a_bundle_that_knows_them(published_folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("image", "structure", "label"), ("812.png", "NT", "thick"), ("1060.png", "NT", "thin")]
        )
    ungrading = ungrading_bundle(tmp_path / "bundle")
    with raised(BundleError, found="none for 'labels'"):
        run("labels", published_folder, "--labels", table, "--bundle", ungrading.folder)
    with raised(DatasetError, found="thick"):
        run("labels", published_folder, "--labels", table)
    table.write_text("image,structure\n812.png,NT\n")
    with raised(DatasetError, found=r"labels\.csv: no column label"):
        run("labels", published_folder, "--labels", table)
