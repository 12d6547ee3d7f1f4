"""A predictions file holds everything that the figures need, and a damaged one is refused."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nonet.datasets import DataSet
from nonet.errors import DatasetError
from nonet.evaluate import Predictions, Use, evaluate_detection, evaluation_json, read_predictions, write_predictions


def test_figures_derived_from_the_file_are_those_derived_from_the_detector(
    data: DataSet, perfect: Predictions, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    noisy = Predictions(
        perfect.images,
        perfect.boxes + rng.normal(0, 3, perfect.boxes.shape),
        rng.random((30, 9)),
        rng.random((30, 9)),
        (*perfect.uses[:29], Use.TRAINED),
        perfect.bundle,
        rng.random((30, 9)),
        rng.random((30, 9, 4)) * 20,
    )
    write_predictions(noisy, tmp_path / "p.csv")
    again = read_predictions(tmp_path / "p.csv")
    np.testing.assert_array_equal(again.boxes, noisy.boxes)
    np.testing.assert_array_equal(again.scores, noisy.scores)
    assert again.uses == noisy.uses
    assert evaluation_json(evaluate_detection(data, again, resamples=50), "test", "all") == evaluation_json(
        evaluate_detection(data, noisy, resamples=50), "test", "all"
    )


DAMAGES = {
    "a column gone": lambda rows: [{k: v for k, v in row.items() if k != "score"} for row in rows],
    "a score beyond 1": lambda rows: [{**rows[0], "score": "1.5"}, *rows[1:]],
    "a score that is no number": lambda rows: [{**rows[0], "score": "nan"}, *rows[1:]],
    "an unknown structure": lambda rows: [{**rows[0], "structure": "brain"}, *rows[1:]],
    "inverted corners": lambda rows: [{**rows[0], "x1": "900"}, *rows[1:]],
    "two bundles": lambda rows: [{**rows[0], "bundle_sha256": "0"}, *rows[1:]],
    "a band that is no length": lambda rows: [{**rows[0], "band_x1": "-3"}, *rows[1:]],
    "a structure twice": lambda rows: [rows[0], *rows],
    "a structure lacking": lambda rows: rows[1:],
    "an unknown use": lambda rows: [{**rows[0], "use": "maybe"}, *rows[1:]],
    "no rows": lambda rows: [],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(perfect: Predictions, tmp_path: Path, damage: str) -> None:
    write_predictions(perfect, tmp_path / "p.csv")
    with (tmp_path / "p.csv").open(newline="") as file:
        rows = DAMAGES[damage](list(csv.DictReader(file)))
    with (tmp_path / "p.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0] if rows else ["image"])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DatasetError):
        read_predictions(tmp_path / "p.csv")
