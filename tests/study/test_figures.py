"""Holm's procedure, and the cell that ships."""

from __future__ import annotations

import pytest

from nonet.study.figures import holm
from nonet.study.publish.run_folder import best_experiment


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_neither_training_rows_nor_an_external_split_choose_the_cell() -> None:
    reported = [
        ("internal", "deep", 0.9),
        ("internal", "fusion", 0.8),
        ("all", "fusion", 1.0),
        ("external", "fusion", 1.0),
    ]
    figures = [
        {"scheme": scheme, "arm": arm, "kind": "boosting", "auc": {"value": auc}} for scheme, arm, auc in reported
    ]
    assert best_experiment(figures, ["deep", "fusion"]) == ("deep", "boosting")
