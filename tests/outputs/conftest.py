"""One generated frame and its reading, for the tests of this room."""

import numpy as np
import pytest
from example_readings import make_reading, noise
from numpy.typing import NDArray

from nonet.reading import Reading


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    return noise(width=680, height=490)


@pytest.fixture
def reading() -> Reading:
    return make_reading()
