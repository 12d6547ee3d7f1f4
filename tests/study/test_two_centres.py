"""A study of two simulated centres, a machine each, from a plan to a bundle that reads: killed once, then whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from two_centres import CUT_SHORT, HEADS, SHIPPING, make_two_centres, write_plan

from nonet.anatomy import Grade, GradeBasis, Structure
from nonet.bundle import Bundle
from nonet.bundle.frames_seen import uses_by_hash
from nonet.datasets import read_folds
from nonet.evaluate.grading import grading_figures, read_rows
from nonet.evaluate.grading.grading_figures import N_TOO_SMALL
from nonet.grade import Grader, GraderSpec
from nonet.reader import Reader
from nonet.study.figures import KEYS, pooled

KINDS = ("tab_transformer", "logistic_regression", "boosting")
PLACES = {"internal", "without north", "without south", "all"}


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-c", "from nonet.cli import main; main()", *map(str, words)]


def run_command(*words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(*words), check=False, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def kill_while_extracting(words: list[str], run: Path) -> None:
    """Start a study and kill it, with all its processes, when the first batch of frames is done."""
    started = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while not extracted(run):
        assert started.poll() is None
        time.sleep(0.1)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()


@dataclass(frozen=True)
class Interrupted:
    """How a study ended that was interrupted: its exit code, the seconds that it took, and what it said."""

    code: int
    seconds: float
    said: str


def interrupt_while_extracting(words: list[str], run: Path) -> Interrupted:
    """Start a study and interrupt it when one more batch of frames is done, as Ctrl-C does."""
    before = len(extracted(run))
    started = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # it is ignored in a job in the background
    )  # fmt: skip
    while len(extracted(run)) == before:
        assert started.poll() is None
        time.sleep(0.05)
    begun = time.perf_counter()
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    return Interrupted(started.returncode, time.perf_counter() - begun, said)


def extracted(run: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in run.glob("stages/features/*/*.parquet")}


def stages(run: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in run.glob("stages/*/*.json")} | extracted(run)


def figures(run: Path) -> dict[str, object]:
    return json.loads((run / "figures.json").read_text())


pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Study:
    """A study that was killed, interrupted and then finished: its data, its run folder, and what had survived."""

    data: Path
    run: Path
    plan: Path
    survived: dict[Path, int]
    interrupted: Interrupted


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("two-centres")
    data, run = folder / "data", folder / "run"
    make_two_centres(data)
    plan = write_plan(data, "bone", ", ".join(f'"{kind}"' for kind in KINDS), SHIPPING)
    words = command("study", "run", plan, "--data", data, "--run", run)
    kill_while_extracting(words, run)
    interrupted = interrupt_while_extracting(words, run)
    survived = extracted(run)
    run_command("study", "run", plan, "--data", data, "--run", run)
    return Study(data, run, plan, survived, interrupted)


def test_an_interrupt_stops_a_study_at_once_and_says_how_to_go_on(study: Study) -> None:
    assert study.interrupted.code == 130, study.interrupted.said
    assert study.interrupted.seconds < 10
    assert "goes on from there" in study.interrupted.said
    assert "Traceback" not in study.interrupted.said


def test_what_a_kill_left_is_not_computed_again(study: Study) -> None:
    assert study.survived.items() <= extracted(study.run).items()


def test_a_broken_image_is_excluded_by_name(study: Study) -> None:
    check_what_was_excluded(figures(study.run))


def test_every_experiment_has_its_figures(study: Study) -> None:
    check_every_experiment(figures(study.run))


def test_figures_follow_from_predictions(study: Study) -> None:
    check_figures_follow_from_predictions(study.run, figures(study.run))


def test_tables_and_models_are_there(study: Study) -> None:
    check_tables_and_models(study.run)


def test_nothing_is_done_twice(study: Study) -> None:
    check_nothing_is_done_twice(study.plan, study.data, study.run)


def test_the_bundle_says_what_it_rests_on(study: Study) -> None:
    check_the_bundle_says_what_it_rests_on(study.run / "bundle")


def test_the_bundle_reads(study: Study) -> None:
    check_the_bundle_reads(study.run / "bundle", study.data)


def test_the_bundle_of_a_fold_has_not_seen_its_frames(study: Study) -> None:
    check_the_bundle_of_a_fold_has_not_seen_its_frames(study.run)


def test_the_bundle_is_evaluated(study: Study) -> None:
    check_the_bundle_is_evaluated(study.run / "bundle", study.data)


def test_shuffled_labels_are_at_chance(study: Study, tmp_path: Path) -> None:
    run = Path(shutil.copytree(study.run, tmp_path / "run"))
    check_shuffled_labels_are_at_chance(study.data, run)


def check_what_was_excluded(reported: dict[str, object]) -> None:
    name = f"head-{CUT_SHORT:02d}.png"
    assert [one["image"] for one in reported["left_out"]] == [name]
    assert reported["flow"]["frames"] == HEADS - 1
    assert reported["runs"] == 3


def check_every_experiment(reported: dict[str, object]) -> None:
    cells = {(one["scheme"], one["arm"], one["kind"]): one for one in reported["cells"]}
    assert len(cells) == len(PLACES) * (9 + 2)
    assert {scheme for scheme, _, _ in cells} == PLACES
    assert len(reported["differences"]["arms"]) == 9 * (len(PLACES) - 1)
    best = max(
        one["auc"]["value"] for (scheme, arm, _), one in cells.items() if (scheme, arm) == ("internal", "fusion")
    )
    assert best > 0.8
    assert cells["internal", "zoom alone", "logistic_regression"]["auc"]["value"] < 0.7
    for one in cells.values():
        own = one["structures"]["nasal_bone"]
        assert own.get("note") == N_TOO_SMALL or own["caution"]
        assert set(one["centres"]) <= {"north", "south"}


def check_figures_follow_from_predictions(run: Path, reported: dict[str, object]) -> None:
    rows = pooled(read_rows(run / "predictions.csv", "abnormal", KEYS))
    assert len(rows) == len(reported["cells"]) + 11
    for cell in reported["cells"]:
        scheme, *of = cell["scheme"], cell["arm"], cell["kind"]
        repeats = [rows[f"{scheme}, repeat 1", *of]] if scheme == "internal" else []
        again = grading_figures(rows[scheme, *of], 200, repeats=repeats)
        assert again.items() <= cell.items()
        assert cell["repeats"] == 1 + len(repeats)


def check_tables_and_models(run: Path) -> None:
    features, selection = pq.read_table(run / "features.parquet"), pq.read_table(run / "selection.parquet")
    assert features.num_rows == (HEADS - 1) * 9
    assert {"image", "structure", "x1", "score", "stat_mean", "deep_0000"} <= set(features.column_names)
    rows = selection.filter(pc.equal(selection["arm"], "fusion")).to_pylist()
    assert len(rows) == 215 + 1792
    assert {row["structure"] for row in rows} == {"nasal_bone"}
    for row in rows:
        if row["reason"] in ("", "redundant", "not_chosen"):
            assert min(row["icc_reviewers"], row["icc_devices"]) >= 0.75
            assert row["least_pair_devices"] >= 0.5
    model, spec = run / "models/fusion-boosting.onnx", run / "models/fusion-boosting.json"
    assert Grader(model.read_bytes(), GraderSpec.from_json(spec.read_bytes()))
    assert len(list((run / "models").glob("*.onnx"))) == 11


def check_nothing_is_done_twice(plan: Path, data: Path, run: Path) -> None:
    before, predictions = stages(run), (run / "predictions.csv").read_bytes()
    run_command("study", "run", plan, "--data", data, "--run", run)
    assert stages(run) == before
    assert (run / "predictions.csv").read_bytes() == predictions


def check_a_grader_at_chance_is_not_shipped(run: Path, said: str) -> None:
    """Nor do the bundles of the study stay that ran in the folder before."""
    assert "none is shipped" in said
    assert "none is shipped" in (run / "report.html").read_text()
    assert not (run / "bundle").exists()
    assert not (run / "bundles").exists()


def check_the_bundle_says_what_it_rests_on(bundle: Path) -> None:
    """Basis, structures and their figures, in the manifest, on the card, and in the terminal."""
    grader = Bundle(bundle).manifest.graders["labels"]
    assert grader.trained_on[0]["name"] == "Frames of two centres"
    assert grader.basis is GradeBasis.SIMULATION
    assert (grader.structures, grader.at_chance) == ((Structure.NASAL_BONE,), ())
    assert set(grader.metrics) == PLACES - {"all"}, "what it was trained on is no test"
    internal = grader.metrics["internal"]["structures"]["nasal_bone"]
    assert internal["auc"]["low"] > 0.5
    for text in (Bundle(bundle).file("MODEL_CARD.md").decode(), run_command("model", "show", bundle).stdout):
        assert "rest on: trained on simulated heads" in text
        assert "nasal bone" in text
        assert f"{internal['auc']['value']:.3f}" in text


def check_the_bundle_reads(bundle: Path, data: Path) -> None:
    """Only the nasal bone was trained on: a reading says so of the others, and grades it on a standard plane."""
    reader = Reader(Bundle(bundle))
    frames = [reading for head in range(0, 12, 2) for _, reading in reader.read_source(data / f"head-{head:02d}.png")]
    gradings = [(finding.structure, finding.grading) for reading in frames for finding in reading.findings]
    graded = [(structure, one) for structure, one in gradings if one.grade is not Grade.NOT_ASSESSED]
    assert graded
    for structure, one in graded:
        assert structure is Structure.NASAL_BONE
        assert one.basis is GradeBasis.SIMULATION
        assert one.grade in (Grade.NORMAL, Grade.ABNORMAL, Grade.UNDECIDED)
        assert one.conformal_set
    reasons = {(one.reason or "").partition(" (")[0] for _, one in gradings if one.grade is Grade.NOT_ASSESSED}
    assert {"not assessed: no published norm", "not assessed: no labels of this structure"} <= reasons


def check_the_bundle_of_a_fold_has_not_seen_its_frames(run: Path) -> None:
    folds = {row.image: row for row in read_folds(run / "folds.csv")}
    for fold in (0, 1):
        bundle = Bundle(run / "bundles" / f"fold-{fold}")
        seen = uses_by_hash(bundle, bundle.manifest.graders["labels"].frames_seen)
        assert set(seen) == {row.pixels_sha256 for row in folds.values() if row.fold != fold}


def check_the_bundle_is_evaluated(bundle: Path, data: Path) -> None:
    words = ("evaluate", "labels", data, "--labels", data / "bone.csv", "--bundle", bundle, "--json")
    done = run_command(*words, code=1)
    assert f"head-{CUT_SHORT:02d}.png: it cannot be read" in done.stderr
    reported = json.loads(done.stdout)
    assert reported["frames_seen_in_training"] == reported["frames"] == HEADS - 1
    assert set(reported["auc"]) == {"value", "low", "high"}
    assert reported["positive"] == "abnormal"


def check_shuffled_labels_are_at_chance(data: Path, run: Path) -> None:
    """Other labels are other folds, so reviewers are drawn anew; three deviations of an AUC of 47 rows are 0.26."""
    plan, before = write_plan(data, "shuffled", '"logistic_regression"', SHIPPING), extracted(run)
    done = run_command("study", "run", plan, "--data", data, "--run", run)
    assert before.items() <= extracted(run).items()
    check_a_grader_at_chance_is_not_shipped(run, done.stdout)
    internal = [one["auc"]["value"] for one in figures(run)["cells"] if one["scheme"] == "internal"]
    assert internal == pytest.approx(np.full(len(internal), 0.5), abs=0.26)
