"""``nonet evaluate sweeps``: figures of sweeps whose planes are known."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from nonet.cli.main import app
from nonet.evaluate.sweeps import ReadSweep, sweep_figures
from nonet.simulate.measured_heads import UNSEEN_DEVICES

ANGLES = np.linspace(-15, 15, 31)


def sweep(
    seed: int = 0, *, chosen: int | None = 15, device: str = "Fir 3", best: float = 0.9, rise: float = 1.0
) -> ReadSweep:
    """Frames a degree apart; the probability falls from the midline on, or rises with a negative rise."""
    probability = best - rise * 0.05 * np.abs(ANGLES)
    return ReadSweep(seed, device, ANGLES, np.abs(ANGLES) / 2, probability, chosen)


def value(figures: dict[str, object], name: str) -> float | None:
    own = figures[name]
    assert isinstance(own, dict)
    return own["value"]


def test_a_perfect_reader_has_all_pairs_and_all_frames_right() -> None:
    figures = sweep_figures([sweep(seed) for seed in range(4)], resamples=50)
    assert [value(figures, each) for each in ("plane_auc", "plane_auc_within_sweeps", "chosen_among_nearest")] == [
        1,
        1,
        1,
    ]
    assert value(figures, "chosen_angle_deg") == 0
    assert figures["frames"] == {"midline": 4 * 5, "outside": 4 * 14}


def test_one_that_is_always_wrong_has_none() -> None:
    figures = sweep_figures([sweep(rise=-1.0, chosen=0)] * 2, resamples=50)
    assert [value(figures, each) for each in ("plane_auc", "plane_auc_within_sweeps", "chosen_among_nearest")] == [
        0,
        0,
        0,
    ]
    assert value(figures, "chosen_angle_deg") == 15


def test_a_machine_whose_probabilities_are_all_low_counts_over_all_pairs_and_not_within_sweeps() -> None:
    figures = sweep_figures([sweep(device="Fir 3"), sweep(1, device="Ilex 9", best=0.1)], resamples=50)
    assert value(figures, "plane_auc_within_sweeps") == 1
    assert value(figures, "plane_auc") == pytest.approx(0.75, abs=0.02)
    assert {name: value(own, "plane_auc") for name, own in figures["devices"].items()} == {"Fir 3": 1, "Ilex 9": 1}


@pytest.mark.parametrize(("chosen", "right"), [(13, True), (17, True), (12, False), (18, False)])
def test_the_five_nearest_are_right_and_the_sixth_is_not(chosen: int, right: bool) -> None:
    assert sweep(chosen=chosen).is_right() is right


def test_the_five_nearest_are_by_distance_and_not_by_order() -> None:
    one = sweep(chosen=30)
    moved = ReadSweep(1, "Fir 3", one.angle_deg, np.roll(one.distance_mm, 15), one.probability, 30)
    assert moved.rank() == 0


def test_a_sweep_without_a_chosen_frame_is_wrong_and_its_angle_has_no_bound() -> None:
    figures = sweep_figures([sweep(chosen=None), sweep(1)], resamples=50)
    assert value(figures, "chosen_among_nearest") == 0.5
    assert value(figures, "chosen_angle_deg") is None


def test_a_frame_without_a_probability_is_the_least_probable() -> None:
    one = sweep()
    unknown = np.where(np.abs(ANGLES) > 10, np.nan, 0.2)
    figures = sweep_figures([ReadSweep(0, "Fir 3", ANGLES, one.distance_mm, unknown, 15)], resamples=50)
    ties = int(((np.abs(ANGLES) > 8) & (np.abs(ANGLES) <= 10)).sum())
    assert value(figures, "plane_auc") == pytest.approx((14 - ties + ties / 2) / 14)


@pytest.mark.slow
def test_the_command_reads_sweeps_on_machines_that_no_training_saw() -> None:
    done = CliRunner().invoke(app, ["evaluate", "sweeps", "--sweeps", "2", "--frames", "5", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert [one["device"] for one in document["sweeps"]] == [device.name for device in UNSEEN_DEVICES[:2]]
    assert document["n"] == 2
    assert all(len(one["probability"]) == 5 for one in document["sweeps"])
    assert document["plane_auc"]["value"] is None or 0 <= document["plane_auc"]["value"] <= 1


@pytest.mark.parametrize("wrong", [["--sweeps", "0"], ["--frames", "1"], ["--seed", "-1"]], ids=str)
def test_wrong_usage_is_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(app, ["evaluate", "sweeps", *wrong]).exit_code == 2
