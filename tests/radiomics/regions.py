"""Images and masks for property tests, and regions made of them."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nonet.radiomics import RadiomicsSettings
from nonet.radiomics.region import RegionOfInterest

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@st.composite
def images(draw: st.DrawFn, largest: int = 14, brightest: int = 255) -> Grey:
    """Grey images of any shape up to a side, from flat to noisy."""
    height, width = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    seed, spread = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0, 1, 3, 20, brightest]))
    return np.random.default_rng(seed).integers(0, min(spread, brightest) + 1, (height, width), dtype=np.uint8)


@st.composite
def masked_images(draw: st.DrawFn, largest: int = 14) -> tuple[Grey, Mask]:
    """An image and a mask on it with at least one pixel: full, ragged or sparse."""
    image = draw(images(largest))
    share, seed = draw(st.sampled_from([1.0, 0.8, 0.5, 0.2])), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    mask = rng.random(image.shape) < share
    mask.flat[rng.integers(mask.size)] = True
    return image, mask


def region_of(image: Grey, mask: Mask, settings: RadiomicsSettings | None = None) -> RegionOfInterest:
    """The region of a mask, its window being the whole image."""
    return RegionOfInterest(
        image, tuple(slice(0, length) for length in image.shape), mask, settings or RadiomicsSettings()
    )
