"""The physics of the scan: beam, speckle, orientation of interfaces, shadow, fluid."""

from dataclasses import replace

import numpy as np
import pytest

from nonet.simulate.devices import TRAINING_DEVICES
from nonet.simulate.head.curves import oval
from nonet.simulate.head.pose import draw_pose
from nonet.simulate.head.scene import Grain, Interface, Scene, Tissue
from nonet.simulate.scanner.beam import spread
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.interfaces import lay_strokes
from nonet.simulate.scanner.scan import ScanSeeds, scan
from nonet.simulate.scanner.speckle import Speckle
from nonet.simulate.scanner.tissue import lay_tissues

DEVICE = TRAINING_DEVICES[0]
SEED = np.random.SeedSequence(1)
SEEDS = ScanSeeds.of(SEED)


@pytest.fixture(scope="module")
def grid() -> PolarGrid:
    return PolarGrid.covering(draw_pose(np.random.default_rng(0), DEVICE, 65.0), DEVICE)


@pytest.fixture(scope="module")
def everywhere() -> Tissue:
    return Tissue(np.array([(-20.0, -30.0), (70.0, -30.0), (70.0, 80.0), (-20.0, 80.0)]), 0.0, Grain.NONE)


def interface(start: tuple[float, float], end: tuple[float, float], **settings: float) -> Interface:
    return Interface(np.array([start, end], dtype=float), 20.0, **settings)


def test_the_beam_keeps_the_mean_level_of_speckle_at_every_depth(grid: PolarGrid) -> None:
    field = Speckle(SEED, 0.0).look(grid.shape)
    power = (np.abs(spread(field, DEVICE, grid)) ** 2)[20:-20, 30:-30].mean(axis=1)
    assert np.median(power) == pytest.approx(2.0, rel=0.1)
    assert power[:60].mean() == pytest.approx(power[-60:].mean(), rel=0.3)


def test_the_beam_is_narrowest_at_its_focus(grid: PolarGrid) -> None:
    near = replace(DEVICE, focus_mm=float(grid.depths_mm[40]), focus_range_mm=15.0)
    points = np.zeros(grid.shape, dtype=np.complex64)
    middle = grid.shape[1] // 2
    for depth in (40, grid.shape[0] - 40):
        points[depth, middle] = 1.0
    image = np.abs(spread(points, near, grid))
    widths = [(image[depth] > image[depth].max() / 2).sum() * grid.radii[depth] for depth in (40, grid.shape[0] - 40)]
    assert widths[1] > 1.5 * widths[0]


def test_the_beams_width_is_the_devices_full_width_at_half_maximum(grid: PolarGrid) -> None:
    point = np.zeros(grid.shape, dtype=np.complex64)
    depth, line = int(np.argmin(np.abs(grid.depths_mm - DEVICE.focus_mm))), grid.shape[1] // 2
    point[depth, line] = 1.0
    profile = np.abs(spread(point, DEVICE, grid))[depth]
    width = (profile > profile.max() / 2).sum() * grid.line_angle * grid.radii[depth]
    assert width == pytest.approx(DEVICE.beam_mm, abs=2 * grid.pitch_mm)


def test_speckle_of_two_phases_is_correlated_by_the_cosine_of_their_difference() -> None:
    shape = (200, 200)
    first, second = (Speckle(SEED, phase).look(shape) for phase in (0.0, 0.5))
    correlation = np.corrcoef(first.real.ravel(), second.real.ravel())[0, 1]
    assert correlation == pytest.approx(np.cos(0.5), abs=0.02)


def test_an_interface_across_the_beam_is_brighter_than_one_along_it(grid: PolarGrid) -> None:
    across = lay_strokes([interface((22, 25), (28, 25))], grid, np.random.default_rng(0)).echoes(0.0)
    along = lay_strokes([interface((25, 22), (25, 28))], grid, np.random.default_rng(0)).echoes(0.0)
    assert np.abs(across).max() > 10 * np.abs(along).max()


def test_what_lies_behind_bone_is_in_its_shadow(grid: PolarGrid, everywhere: Tissue) -> None:
    bone = interface((22, 15), (28, 15), loss_db=20.0, taper=0.05)
    grey = scan(Scene([everywhere], [bone]), DEVICE, grid, SEEDS)
    line, depth = (int(value) for value in grid.indices(np.array([25.0, 25.0])))
    behind, beside = grey[depth - 30 : depth + 30, line - 8 : line + 8], grey[depth - 30 : depth + 30, 20:60]
    assert behind.mean() < 0.6 * beside.mean()


def test_a_tissue_is_painted_where_its_outline_says_and_over_what_was_there(
    grid: PolarGrid, everywhere: Tissue
) -> None:
    cyst = Tissue(oval(25.0, 20.0, 4.0, 3.0), -30.0)
    level = lay_tissues(Scene([everywhere, cyst]), grid, np.random.default_rng(0)).level_db
    line, depth = (int(value) for value in grid.indices(np.array([25.0, 20.0])))
    assert level[depth, line] == -30.0
    assert level[depth, line - 60] == 0.0


def test_a_soft_edge_passes_gradually_from_one_level_to_the_other(grid: PolarGrid, everywhere: Tissue) -> None:
    cyst = Tissue(oval(25.0, 20.0, 4.0, 3.0), -30.0, soft_mm=0.6)
    level = lay_tissues(Scene([everywhere, cyst]), grid, np.random.default_rng(0)).level_db
    between = (level < -5.0) & (level > -25.0)
    assert between.sum() > 200


def test_scanning_does_not_use_up_its_seeds(grid: PolarGrid, everywhere: Tissue) -> None:
    scene = Scene([everywhere], [interface((22, 15), (28, 15))])
    assert np.array_equal(scan(scene, DEVICE, grid, SEEDS), scan(scene, DEVICE, grid, SEEDS))
