"""An edit changes what it should by what it should, nothing else, and in the same way whatever the amount."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from errors_raised import raised
from nonet.anatomy import Structure
from nonet.detect.head_frame import HeadFrame
from nonet.errors import SettingsError
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import PROTOCOLS
from nonet.reading import Box
from nonet.simulate import STUDY_DEVICES, Simulated, same_head
from nonet.simulate.edits.bands import edit_bands
from nonet.simulate.edits.edit import EDITED, Edited, edit

SIZES_MM = {(one.structure, one.variable): one.sizes for one in edit_bands().bands}
GAPS = {
    Structure.NUCHAL_TRANSLUCENCY: ("nt_mm", (0.9, 4.4), (1.5, 2.9, 4.2)),
    Structure.FOURTH_VENTRICLE: ("fourth_ventricle_mm", (0.5, 2.6), (2.2, 1.2, 0.8)),
    Structure.CISTERNA_MAGNA: ("cisterna_magna_mm", (0.5, 3.6), (1.6, 0.9, 3.2)),
}
FIRST = 100
START = {"echo": 1.0, "gap": 0.0}


@cache
def frame(number: int = 0) -> Simulated:
    """A head without callipers on one of the machines; the first has room below its neck."""
    return same_head(FIRST + number, (STUDY_DEVICES[number % len(STUDY_DEVICES)],))[0]


def start_of(made: Simulated, structure: Structure, variable: str) -> float:
    if variable in START:
        return START[variable]
    if structure is Structure.MIDBRAIN:
        return made.boxes[structure].height
    if structure is Structure.NASAL_BONE:
        return made.truth["nasal_bone_mm"] / made.mm_per_px
    return made.shown[GAPS[structure][0]] / made.mm_per_px


def ends_of(made: Simulated, structure: Structure, variable: str) -> tuple[float, float]:
    unit = 1.0 if variable == "echo" else 1 / made.mm_per_px
    low, high = SIZES_MM[structure, variable]
    return low * unit, high * unit


def edited(made: Simulated, structure: Structure, variable: str, share: float | None, seed: int = 0) -> Edited:
    """An edit to a share of the range of sizes; a sham copy where there is none."""
    start, (low, high) = start_of(made, structure, variable), ends_of(made, structure, variable)
    target = start if share is None else low + share * (high - low)
    return edit(
        made.pixels,
        made.boxes,
        structure,
        start,
        target,
        seed,
        sizes=(min(low, start), max(high, start)),
        variable=variable,
    )


@pytest.mark.parametrize(("structure", "variable"), EDITED)
def test_nothing_outside_the_support_changes(structure: Structure, variable: str) -> None:
    made = frame()
    before = made.pixels.copy()
    supports = []
    for share in (None, 0.1, 0.9):
        found = edited(made, structure, variable, share)
        assert found.pixels.dtype == np.uint8 and found.pixels.shape == made.pixels.shape
        assert np.array_equal(found.pixels[~found.support], made.pixels[~found.support])
        assert (found.pixels[found.support] != made.pixels[found.support]).mean() > 0.3
        supports.append(found.support)
    assert np.array_equal(supports[0], supports[1]) and np.array_equal(supports[0], supports[2])
    assert 0 < supports[0].mean() < 0.35
    assert np.array_equal(made.pixels, before)


@pytest.mark.parametrize(("structure", "variable"), EDITED)
def test_every_amount_has_the_energy_of_every_other(structure: Structure, variable: str) -> None:
    found = [edited(frame(), structure, variable, share) for share in (None, 0.02, 0.3, 0.6, 0.98)]
    energies = np.array([one.warp.energy for one in found])
    assert energies.min() > 0
    assert energies == pytest.approx(np.full(5, energies[0]), rel=0.02)


@pytest.mark.parametrize(("structure", "variable"), EDITED)
def test_the_same_edit_gives_the_same_bytes(structure: Structure, variable: str) -> None:
    one, again = (edited(frame(), structure, variable, 0.2) for _ in range(2))
    assert np.array_equal(one.pixels, again.pixels) and one.boxes == again.boxes
    assert not np.array_equal(one.pixels, edited(frame(), structure, variable, 0.2, seed=1).pixels)
    assert not np.array_equal(one.pixels, edited(frame(), structure, variable, 0.25).pixels)


@pytest.mark.parametrize("structure", GAPS, ids=lambda one: one.value)
@pytest.mark.slow
def test_an_independent_ruler_measures_the_target(structure: Structure) -> None:
    name, ends, targets = GAPS[structure]
    errors, changes, refused = [], [], 0
    for number in range(12):
        made = frame(number)
        if structure not in made.boxes:
            continue
        unit = 1 / made.mm_per_px
        start = made.shown[name] * unit
        sizes = (min(ends[0] * unit, start), max(ends[1] * unit, start))
        try:
            shams = edit(made.pixels, made.boxes, structure, start, start, 0, sizes=sizes)
            found = [edit(made.pixels, made.boxes, structure, start, one * unit, 0, sizes=sizes) for one in targets]
        except SettingsError:
            refused += 1
            continue
        before = ruler(shams, structure)
        after = [ruler(one, structure) for one in found]
        errors.append([one / unit - target for one, target in zip(after, targets, strict=True)])
        changes.append([(one - before - edit.amount) / unit for one, edit in zip(after, found, strict=True)])
    assert refused <= 5
    assert np.abs(np.nanmedian(errors, axis=0)).max() < 0.2
    assert np.nanmedian(np.abs(errors), axis=0).max() < 0.3
    assert np.nanmedian(np.abs(changes), axis=0).max() < 0.2


def ruler(found: Edited, structure: Structure) -> float:
    """What the ruler of a reading finds, pixels."""
    picture = HeadPicture(found.pixels, None, HeadFrame(0, 0, 1))
    span = PROTOCOLS[structure][0].measure(picture, found.boxes)
    return np.nan if isinstance(span, str) else span.length


@pytest.mark.slow
def test_a_bone_is_measured_shorter_by_what_it_was_shortened() -> None:
    ratios = []
    for number in range(10):
        made = frame(number)
        if Structure.NASAL_BONE not in made.boxes:
            continue
        start = 0.75 * made.boxes[Structure.NASAL_BONE].width
        sizes = (0.4 * start, 1.4 * start)
        found = [
            edit(made.pixels, made.boxes, Structure.NASAL_BONE, start, share * start, 0, sizes=sizes)
            for share in (1.0, 0.6)
        ]
        before, after = (ruler(one, Structure.NASAL_BONE) for one in found)
        ratios.append(after / before)
    assert np.nanmedian(ratios) == pytest.approx(0.6, abs=0.12)


def test_the_box_is_the_image_of_the_box() -> None:
    made = frame()
    for structure, variable in EDITED:
        sham = edited(made, structure, variable, None)
        for one, box in made.boxes.items():
            assert sham.boxes[one].xyxy == pytest.approx(box.xyxy, abs=0.01)
    structure = Structure.FOURTH_VENTRICLE
    start = start_of(made, structure, "antero_posterior")
    thin = edited(made, structure, "antero_posterior", 0.1)
    change = thin.boxes[structure].height - made.boxes[structure].height
    assert change == pytest.approx(thin.amount, abs=0.35 * abs(thin.amount))
    assert thin.amount < -0.2 * start
    assert thin.boxes[Structure.NASAL_BONE] == made.boxes[Structure.NASAL_BONE]
    small = edited(made, Structure.MIDBRAIN, "extent", 0.0)
    ratio = small.boxes[Structure.MIDBRAIN].height / made.boxes[Structure.MIDBRAIN].height
    assert ratio == pytest.approx(1 + small.amount / made.boxes[Structure.MIDBRAIN].height, abs=0.05)


@pytest.mark.slow
def test_a_wide_cisterna_magna_leaves_the_fourth_ventricle_as_it_is() -> None:
    cisterna, ventricle, changes = Structure.CISTERNA_MAGNA, Structure.FOURTH_VENTRICLE, []
    for number in range(12):
        made = frame(number)
        if {cisterna, ventricle} - made.boxes.keys():
            continue
        try:
            sham, wide = (edited(made, cisterna, "width", share) for share in (None, 0.95))
        except SettingsError:
            continue
        changes.append((ruler(wide, ventricle) - ruler(sham, ventricle)) * made.mm_per_px)
    assert len(changes) >= 6
    assert np.nanmedian(np.abs(changes)) < 0.15


def test_a_faint_bone_is_fainter_and_a_gap_is_dark() -> None:
    made = frame()
    greys = {}
    for name, structure in (("echo", Structure.NASAL_BONE), ("gap", Structure.PALATE)):
        box = made.boxes[structure]
        rows, columns = slice(int(box.y1), int(box.y2)), slice(int(box.x1), int(box.x2))
        greys[name] = [edited(made, structure, name, share).pixels[rows, columns] for share in (None, 0.1, 0.9)]
    sham, faint, _ = greys["echo"]
    assert np.median(faint) < 0.85 * np.median(sham)
    sham, slight, wide = (one.astype(float) for one in greys["gap"])
    assert sham.mean() > slight.mean() > wide.mean()


@pytest.mark.slow
def test_the_finest_detail_carries_no_grade() -> None:
    """High-pass power where the same content was: what an edit adds or takes does not go with the amount."""
    for structure, variable, limit in (
        (Structure.FOURTH_VENTRICLE, "antero_posterior", 0.06),
        (Structure.CISTERNA_MAGNA, "width", 0.06),
        (Structure.PALATE, "gap", 0.06),
        (Structure.MIDBRAIN, "extent", 0.15),
        (Structure.NASAL_BONE, "length", 0.2),
    ):
        rows = []
        for number in range(30):
            made = frame(number)
            if structure not in made.boxes:
                continue
            shares = (None, 0.3, 0.03) if structure is not Structure.PALATE else (None, 0.3, 0.9)
            rows.append([added_detail(made, edited(made, structure, variable, share)) for share in shares])
        difference = np.array(rows)[:, 1:] - np.array(rows)[:, :1]
        assert len(rows) >= 20
        noise = 2 * difference.std(axis=0, ddof=1) / np.sqrt(len(rows))
        assert (np.abs(difference.mean(axis=0)) < np.maximum(noise, limit)).all(), (structure, difference.mean(axis=0))


def added_detail(made: Simulated, found: Edited) -> float:
    """Median logarithm of high-pass power in the support, less that of the same content before."""
    warp, side = found.warp, found.warp.came.shape[1:]
    part = slice(warp.top, warp.top + side[0]), slice(warp.left, warp.left + side[1])
    before, after = (
        ndimage.gaussian_filter(high_pass(pixels)[part] ** 2, 2.0) for pixels in (made.pixels, found.pixels)
    )
    lay = ndimage.map_coordinates(before, np.indices(side) + warp.came, order=1, mode="nearest")
    zone = found.support[part]
    return float(np.median(np.log(after[zone] + 0.05) - np.log(lay[zone] + 0.05)))


def high_pass(pixels: np.ndarray) -> np.ndarray:
    grey = pixels.astype(np.float64)
    return np.asarray(grey - ndimage.gaussian_filter(grey, 1.2))


def test_what_cannot_be_edited_is_refused() -> None:
    made = frame()
    pixels, boxes, ventricle = made.pixels, made.boxes, Structure.FOURTH_VENTRICLE
    with raised(SettingsError, found="thalami"):
        edit(pixels, boxes, Structure.THALAMI, 10, 12, 0, sizes=(8, 20))
    with raised(SettingsError, found="fourth ventricle length"):
        edit(pixels, boxes, ventricle, 10, 12, 0, sizes=(8, 20), variable="length")
    with raised(SettingsError, found="none of the fourth ventricle"):
        edit(pixels, {}, ventricle, 10, 12, 0, sizes=(8, 20))
    for start, target, sizes in (
        (10, 0, (8, 20)),
        (10, -3, (8, 20)),
        (0, 10, (8, 20)),
        (10, float("nan"), (8, 20)),
        (10, 12, (20, 8)),
    ):
        with raised(SettingsError, found=f"{start}, "):
            edit(pixels, boxes, ventricle, start, target, 0, sizes=sizes)
    with raised(SettingsError, found="outside 8 to 20"):
        edit(pixels, boxes, ventricle, 10, 25, 0, sizes=(8, 20))
    for structure, _ in EDITED:
        with raised(SettingsError, found="a box"):
            edit(pixels, {structure: Box(600, 400, 4000, 420)}, structure, 10, 12, 0, sizes=(8, 20))
    with raised(SettingsError, found="a change by up to"):
        edit(pixels, boxes, Structure.NUCHAL_TRANSLUCENCY, 15, 20, 0, sizes=(15, 600))
