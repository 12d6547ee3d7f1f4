"""Settings are one frozen object, refused where they mean nothing, with a hash that never changes by itself."""

import dataclasses
import subprocess
import sys

import pytest

from nonet.errors import SettingsError
from nonet.radiomics import Aggregation, FixedBinNumber, FixedBinSize, Settings

OTHERS = [
    Settings(FixedBinNumber(16)),
    Settings(FixedBinSize(32)),
    Settings(intensity_range=(0, 255)),
    Settings(glcm_distance=2),
    Settings(ngtdm_distance=2),
    Settings(ngldm_distance=2),
    Settings(ngldm_coarseness=1),
    Settings(peak_radius=3),
    Settings(aggregations=(Aggregation.MERGED,)),
]


def test_every_choice_changes_the_hash() -> None:
    assert len({Settings().sha256, *(other.sha256 for other in OTHERS)}) == 1 + len(OTHERS)


def test_the_hash_is_that_of_other_processes() -> None:
    code = "from nonet.radiomics import Settings; print(Settings().sha256)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == Settings().sha256


def test_equal_choices_have_equal_hashes_however_written() -> None:
    assert Settings(FixedBinSize(8), intensity_range=(0, 200)).sha256 == (
        Settings(FixedBinSize(8.0), intensity_range=(0.0, 200.0)).sha256
    )


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().glcm_distance = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    "refused",
    [
        lambda: FixedBinNumber(1),
        lambda: FixedBinNumber(100_000),
        lambda: FixedBinSize(0),
        lambda: FixedBinSize(float("nan")),
        lambda: Settings(glcm_distance=0),
        lambda: Settings(ngldm_coarseness=-1),
        lambda: Settings(peak_radius=float("nan")),
        lambda: Settings(intensity_range=(5, 5)),
        lambda: Settings(aggregations=()),
        lambda: Settings(aggregations=(Aggregation.MERGED, Aggregation.MERGED)),
    ],
)
def test_choices_without_a_meaning_are_refused(refused: object) -> None:
    with pytest.raises(SettingsError):
        refused()  # type: ignore[operator]
