"""IBSI-1's digital phantom: every feature that has a consensus value in an aggregation of ours lies within it.

Textures are those of the four slices, averaged, with six grey levels. Everything else is measured on
the phantom as the three-dimensional body that it is.
"""

import math
import sys
from functools import cache

import numpy as np
import pytest
from radiomics_references import phantom, rows

from nonet.radiomics import FAMILIES, FixedBinSize, RadiomicsSettings, columns, extract
from nonet.radiomics.region import RegionOfInterest

VOXEL_MM = 2
SETTINGS = RadiomicsSettings(bins=FixedBinSize(1), peak_radius=RadiomicsSettings().peak_radius / VOXEL_MM)
OF_THE_BODY = ("morph", "loc", "stat", "ih", "ivh")
POWER_OF_LENGTH = {
    "morph_volume_mesh": 3,
    "morph_volume_voxel_counting": 3,
    "morph_surface_area_mesh": 2,
    "morph_surface_to_volume_ratio": -1,
    "morph_centre_of_mass_shift": 1,
    "morph_maximum_3d_diameter": 1,
    "morph_major_axis_length": 1,
    "morph_minor_axis_length": 1,
    "morph_least_axis_length": 1,
    "morph_integrated_intensity": 3,
}
OURS = {"": None, "2d": None, "2d_avg": "2d_averaged", "2d_s_mrg": "2d_slice_merged"}


@cache
def measured() -> dict[str, float]:
    """Every feature by name, lengths in millimetres."""
    image, mask = phantom()
    body = RegionOfInterest(image, tuple(slice(0, length) for length in mask.shape), mask, SETTINGS)
    slices = [extract(image[z], mask[z], SETTINGS).values for z in range(len(image))]
    values = dict(zip([column.name for column in columns(SETTINGS)], np.mean(slices, axis=0), strict=True))
    with np.errstate(all="ignore"):
        for family in FAMILIES:
            if family.key in OF_THE_BODY:
                names = [column.name for column in family.columns(SETTINGS)]
                values.update(zip(names, family.values([body])[0], strict=True))
    return {name: value * VOXEL_MM ** POWER_OF_LENGTH.get(name, 0) for name, value in values.items()}


def consensus() -> dict[tuple[str, str | None], tuple[float, float]]:
    """Value and half-width by IBSI id and aggregation; the half-width holds the rounding of the value."""
    found = {}
    for row in rows("ibsi/reference_values.csv"):
        if row["dataset"] == "digital_phantom" and row["aggregation"] in OURS:
            value = float(row["value"])
            rounding = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 2) * (1 + 1e-9)
            found[row["ibsi_id"], OURS[row["aggregation"]]] = value, float(row["tolerance"]) + rounding
    return found


def test_every_consensus_value_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = measured(), consensus()
    covered = [column for column in columns(SETTINGS) if (column.ibsi_id, column.aggregation) in theirs]
    outside = {}
    for column in covered:
        value, half_width = theirs[column.ibsi_id, column.aggregation]
        if not abs(ours[column.name] - value) <= half_width:
            outside[column.name] = ours[column.name], value
    with capsys.disabled():
        met = len(covered) - len(outside)
        sys.stdout.write(f"\nIBSI digital phantom: {met} of {len(covered)} consensus values met\n")
    assert not outside
    assert len(covered) == 210


def test_the_five_without_consensus_are_known() -> None:
    theirs = consensus()
    without = {column.name for column in columns(SETTINGS) if (column.ibsi_id, column.aggregation) not in theirs}
    assert without == {
        "morph_volume_density_ombb",
        "morph_area_density_ombb",
        "morph_volume_density_mvee",
        "morph_area_density_mvee",
        "ivh_area_under_curve",
    }
    assert measured()["ivh_area_under_curve"] == pytest.approx(0.32, abs=0.005)  # IBSI 1.0's value
