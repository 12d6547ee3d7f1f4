"""What is said of the machine styles' strength is what the benchmark measured."""

import json
from pathlib import Path

import pytest

from nonet.simulate.edits.restyle import MACHINE_STYLES

RESULT = json.loads((Path(__file__).parents[2] / "benchmarks/results/device-styles.json").read_text())


def test_every_style_was_measured() -> None:
    assert list(RESULT["styles"]) == [style.name for style in MACHINE_STYLES]


@pytest.mark.parametrize("number", ["grey_p50", "grey_p90", "speckle", "lateral", "axial"])
def test_styles_lie_further_apart_than_the_medians_of_layouts_and_less_far_than_their_frames(number: str) -> None:
    between, within = RESULT["spread_between_layouts"][number], RESULT["spread_within_layouts"][number]
    assert between < RESULT["spread_between_styles"][number] < within
