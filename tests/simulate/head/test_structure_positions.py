"""The layout prior: heads drawn from it lie as the boxes it was fitted to, and anyone can fit it again."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.simulate.head.fetal_head import draw_head
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.head.structure_positions import LAYOUT_FILE, draw_layout, head_unit_mm, layout_prior

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data/fetus-framework"
CRL = 65.0


@pytest.fixture(scope="module")
def heads() -> list[Sketch]:
    return [draw_head(np.random.default_rng(seed), CRL, frozenset()) for seed in range(120)]


def drawn_box(head: Sketch, structure: Structure) -> NDArray[np.float64]:
    """Centre x, centre y, width, height in mm of the outline as drawn."""
    low, high = head.outlines[structure].min(axis=0), head.outlines[structure].max(axis=0)
    return np.concatenate(((low + high) / 2, high - low))


def test_the_head_unit_is_that_of_the_data_at_its_middle_and_grows_with_the_fetus() -> None:
    assert head_unit_mm(CRL) == pytest.approx(layout_prior().unit_mm)
    assert head_unit_mm(45.0) < head_unit_mm(CRL) < head_unit_mm(84.0)


def test_draws_have_the_mean_of_the_prior() -> None:
    prior, unit = layout_prior(), head_unit_mm(CRL)
    draws = [draw_layout(np.random.default_rng(seed), CRL) for seed in range(400)]
    mean = prior.mean.reshape(len(STRUCTURES), 4)
    for index, structure in enumerate(STRUCTURES):
        median = np.median([draw[structure] for draw in draws], axis=0) / unit
        assert median[:2] == pytest.approx(mean[index, :2], abs=0.08)
        assert np.log(median[2:]) == pytest.approx(mean[index, 2:], abs=0.08)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_what_is_drawn_keeps_to_the_boxes_of_real_frames(structure: Structure, heads: list[Sketch]) -> None:
    unit = head_unit_mm(CRL)
    mean = layout_prior().mean.reshape(len(STRUCTURES), 4)[STRUCTURES.index(structure)]
    middle = np.median([drawn_box(head, structure) for head in heads], axis=0) / unit
    assert middle[:2] == pytest.approx(mean[:2], abs=0.12)
    slack = 0.35 if structure is Structure.FOURTH_VENTRICLE else 0.15
    assert np.log(middle[2:]) == pytest.approx(mean[2:], abs=slack)


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_the_committed_table_is_what_the_command_fits(tmp_path: Path) -> None:
    written = tmp_path / "structure_positions.json"
    subprocess.run([sys.executable, "tools/fit_structure_positions.py", DATA, "-o", written], cwd=ROOT, check=True)
    again, committed = json.loads(written.read_text()), json.loads(LAYOUT_FILE.read_text())
    assert again.keys() == committed.keys()
    assert again["images"] == committed["images"]
    assert again["mean"] == pytest.approx(committed["mean"], abs=2e-4)
    ours, theirs = (np.array(table["factor"]) for table in (again, committed))
    assert ours.T @ ours == pytest.approx(theirs.T @ theirs, abs=2e-3)
