"""Settings are one frozen object, refused where they mean nothing, with a hash that never changes by itself."""

import dataclasses
import subprocess
import sys

import pytest

from nonet.errors import SettingsError
from nonet.radiomics import Aggregation, FixedBinNumber, FixedBinSize, RadiomicsSettings

OTHERS = [
    RadiomicsSettings(FixedBinNumber(16)),
    RadiomicsSettings(FixedBinSize(32)),
    RadiomicsSettings(intensity_range=(0, 255)),
    RadiomicsSettings(glcm_distance=2),
    RadiomicsSettings(ngtdm_distance=2),
    RadiomicsSettings(ngldm_distance=2),
    RadiomicsSettings(ngldm_coarseness=1),
    RadiomicsSettings(peak_radius=3),
    RadiomicsSettings(aggregations=(Aggregation.MERGED,)),
]


def test_every_choice_changes_the_hash() -> None:
    assert len({RadiomicsSettings().sha256, *(other.sha256 for other in OTHERS)}) == 1 + len(OTHERS)


def test_the_hash_is_that_of_other_processes() -> None:
    code = "from nonet.radiomics import RadiomicsSettings; print(RadiomicsSettings().sha256)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == RadiomicsSettings().sha256


def test_equal_choices_have_equal_hashes_however_written() -> None:
    assert RadiomicsSettings(FixedBinSize(8), intensity_range=(0, 200)).sha256 == (
        RadiomicsSettings(FixedBinSize(8.0), intensity_range=(0.0, 200.0)).sha256
    )


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RadiomicsSettings().glcm_distance = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    "refused",
    [
        lambda: FixedBinNumber(1),
        lambda: FixedBinNumber(100_000),
        lambda: FixedBinSize(0),
        lambda: FixedBinSize(float("nan")),
        lambda: RadiomicsSettings(glcm_distance=0),
        lambda: RadiomicsSettings(ngldm_coarseness=-1),
        lambda: RadiomicsSettings(peak_radius=float("nan")),
        lambda: RadiomicsSettings(intensity_range=(5, 5)),
        lambda: RadiomicsSettings(aggregations=()),
        lambda: RadiomicsSettings(aggregations=(Aggregation.MERGED, Aggregation.MERGED)),
    ],
)
def test_choices_without_a_meaning_are_refused(refused: object) -> None:
    with pytest.raises(SettingsError):
        refused()  # type: ignore[operator]
