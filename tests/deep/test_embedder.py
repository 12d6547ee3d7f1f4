"""Boxes become 1,792 numbers each, the same ones whatever else is asked for."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.deep import Embedder
from nonet.errors import BundleError, RegionError
from nonet.reading import Box
from nonet.simulate import simulate

SIMULATED = simulate(3)
BOXES = list(SIMULATED.boxes.values())


@pytest.fixture
def embedder(bundle_folder: Path) -> Embedder:
    return Embedder(Bundle(bundle_folder))


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    return SIMULATED.pixels


def test_every_box_becomes_as_many_numbers_as_have_names(embedder: Embedder, pixels: NDArray[np.uint8]) -> None:
    features = embedder.embed(pixels, BOXES)
    assert features.shape == (len(BOXES), 1792)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert len(set(embedder.names)) == 1792
    assert embedder.names[-1] == "deep_1791"


def test_a_row_does_not_depend_on_the_other_boxes(embedder: Embedder, pixels: NDArray[np.uint8]) -> None:
    together = embedder.embed(pixels, [*BOXES, *reversed(BOXES), BOXES[0]])
    alone = [embedder.embed(pixels, [box])[0] for box in BOXES]
    np.testing.assert_array_equal(together[: len(BOXES)], alone)
    np.testing.assert_array_equal(together[len(BOXES) : -1], alone[::-1])


def test_another_process_would_get_the_same_numbers(bundle_folder: Path, pixels: NDArray[np.uint8]) -> None:
    one, other = (Embedder(Bundle(bundle_folder)).embed(pixels, BOXES) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_gain_and_offset_hardly_matter(embedder: Embedder, pixels: NDArray[np.uint8]) -> None:
    darker = (pixels * 0.5 + 20).astype(np.uint8)
    one, other = embedder.embed(pixels, BOXES[:1]), embedder.embed(darker, BOXES[:1])
    apart = embedder.embed(pixels, BOXES[1:2])
    assert np.abs(one - other).mean() < 0.1 * np.abs(one - apart).mean()


def test_no_box_is_no_row(embedder: Embedder, pixels: NDArray[np.uint8]) -> None:
    assert embedder.embed(pixels, []).shape == (0, 1792)


def test_a_black_frame_has_finite_features(embedder: Embedder) -> None:
    assert np.isfinite(embedder.embed(np.zeros((100, 100), np.uint8), [Box(10, 10, 50, 50)])).all()


def test_a_box_beside_the_frame_is_refused(embedder: Embedder, pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(RegionError):
        embedder.embed(pixels, [Box(1e6, 0, 2e6, 10)])


def test_a_bundle_without_an_embedder_is_refused_by_name() -> None:
    bundle = Bundle(DEFAULT_BUNDLE)
    if bundle.manifest.embedder is not None:
        pytest.skip("the shipped bundle holds an embedder")
    with pytest.raises(BundleError, match="holds an embedder"):
        Embedder(bundle)
