"""``nonet evaluate simulated-measurements``: figures of measurements whose truth is exact."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from nonet.anatomy import Structure
from nonet.cli.main import app
from nonet.evaluate.measurements.known_sizes import KNOWN_FIGURES, KnownSize, known_size_figures
from nonet.measure.protocols import MEASURED
from nonet.simulate import TRAINING_DEVICES, TRAINING_SEEDS
from nonet.simulate.measured_heads import TEST_SEEDS, TRUTH, UNSEEN_DEVICES

NUCHAL = (Structure.NUCHAL_TRANSLUCENCY, "thickness")
KEY = "nuchal_translucency.thickness"
OWN = "as it is"


def row(head: int, error: float | None, *, device: str = "A", picture: str = OWN) -> KnownSize:
    if error is None:
        return KnownSize(head, device, picture, *NUCHAL, 1.5, 2.0, None, None, None)
    measured = 1.5 + error
    return KnownSize(head, device, picture, *NUCHAL, 1.5, 2.0, measured, measured - 0.25, measured + 0.25)


def test_figures_are_those_of_what_was_measured() -> None:
    errors = np.array([-0.3, -0.1, 0.0, 0.1, 0.4])
    rows = [row(head, error) for head, error in enumerate(errors)] + [row(5, None)]
    rows += [row(head, 1.0, device="B", picture="zoom 1.5") for head in range(6)]
    found = known_size_figures(rows, OWN, resamples=100)[KEY]
    assert found["n"] == 6
    assert found["share_measured"]["value"] == pytest.approx(5 / 6, abs=1e-4)
    assert found["median_absolute_error_mm"]["value"] == pytest.approx(0.1)
    assert found["bias_mm"]["value"] == pytest.approx(0.0)
    assert found["bias_to_size_mm"]["value"] == pytest.approx(-0.5)
    assert found["median_absolute_error_to_size_mm"]["value"] == pytest.approx(0.5)
    assert found["within_0_2_mm"]["value"] == pytest.approx(0.6)
    assert found["interval_holds"]["value"] == pytest.approx(0.6)
    assert found["bias_mm"]["low"] < 0 < found["bias_mm"]["high"]
    assert found["devices"]["A"]["n"] == 6
    assert found["devices"]["B"]["n"] == 0
    assert found["twins"]["zoom 1.5"]["bias_mm"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_where_nothing_was_measured_there_is_no_figure() -> None:
    found = known_size_figures([row(0, None), row(1, None)], OWN, resamples=20)
    assert found[KEY]["share_measured"]["value"] == 0
    assert found[KEY]["bias_mm"] == {"value": None, "low": None, "high": None}
    assert list(found) == [KEY]


def test_neither_heads_nor_machines_are_those_of_training() -> None:
    assert not set(UNSEEN_DEVICES) & set(TRAINING_DEVICES)
    assert len(UNSEEN_DEVICES) == 4
    assert not range(max(TEST_SEEDS.start, TRAINING_SEEDS.start), min(TEST_SEEDS.stop, TRAINING_SEEDS.stop))


@pytest.mark.slow
def test_the_command_measures_heads_on_every_unseen_machine() -> None:
    done = CliRunner().invoke(
        app, ["evaluate", "simulated-measurements", "--heads", "1", "--twin", "zoom 1.5", "--json"]
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["data"]["devices"] == [device.name for device in UNSEEN_DEVICES]
    assert list(document["measurements"]) == [f"{each[0].value}.{each[1]}" for each in MEASURED if each in TRUTH]
    for found in document["measurements"].values():
        assert set(KNOWN_FIGURES) <= set(found)
        assert list(found["twins"]) == ["zoom 1.5"]
    assert document["measurements"]["fourth_ventricle.antero_posterior"]["median_absolute_error_mm"]["value"] < 0.5


def test_a_twin_that_is_not_known_and_no_heads_are_refused() -> None:
    unknown = CliRunner().invoke(app, ["evaluate", "simulated-measurements", "--twin", "sepia"])
    assert unknown.exit_code == 2
    assert CliRunner().invoke(app, ["evaluate", "simulated-measurements", "--heads", "0"]).exit_code == 2
