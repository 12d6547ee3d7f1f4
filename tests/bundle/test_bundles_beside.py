"""The bundles beside the shipped one, in the repository's folder, open and read."""

from __future__ import annotations

from pathlib import Path

import pytest

import nonet
from nonet.bundle import Bundle

ROOT = Path(__file__).parents[2]
BUNDLES = sorted(path.parent for path in (ROOT / "bundles").glob("*/manifest.json"))
MOST_MIB = 30


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: folder.name)
def test_a_bundle_beside_finds_the_structures_of_an_example(folder: Path) -> None:
    bundle = Bundle(folder)
    for name in bundle.manifest.files:
        bundle.file(name)
    [reading] = nonet.read(ROOT / "examples/cedar-left.png", bundle=folder)
    assert sum(finding.box is not None for finding in reading.findings) >= 7
    assert reading.bundle.name == bundle.manifest.name


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: folder.name)
def test_a_bundle_beside_is_small_and_in_no_wheel(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.iterdir()) < MOST_MIB * 2**20
    assert not folder.is_relative_to(ROOT / "src")


def test_there_are_some() -> None:
    assert BUNDLES
