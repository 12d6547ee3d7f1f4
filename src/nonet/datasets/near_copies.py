"""Images that are copies of one another but for a pixel, a compression or a crop: found by a difference hash.

`nonet.frames.difference_hash` has 256 bits. Of the 1,369 different images of the Fetus Framework data no two are nearer
than 55 bits; a copy with a pixel changed differs in 0 or 1, one stored as JPEG of quality 60 in 15 at most, one cropped
by ten pixels in 14 to 45. A zoomed copy is not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.difference_hash import COPY_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["SUSPECT_BITS", "NearCopy", "near_copies", "near_to"]

SUSPECT_BITS = 45
"""Up to so many, they may be: somebody should look."""

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class NearCopy:
    """Two images and in how many of 256 bits their hashes differ."""

    one: str
    other: str
    bits: int

    @property
    def certain(self) -> bool:
        """Whether the two count as one image."""
        return self.bits <= COPY_BITS


def near_copies(hashes: Mapping[str, str], most: int = SUSPECT_BITS) -> list[NearCopy]:
    """Every two images whose hashes differ in ``most`` bits or fewer, the nearest first.

    Parameters
    ----------
    hashes
        `difference_hash` by image name. The cost grows as the square of their number: 1,400 take 10 ms.
    most
        Bits.
    """
    names = list(hashes)
    words = _words(list(hashes.values()))
    found = [
        NearCopy(names[first], names[second], bits)
        for first, second, bits in _near_pairs(words, words, most)
        if first < second
    ]
    return sorted(found, key=lambda pair: (pair.bits, pair.one, pair.other))


def near_to(hashes: Mapping[str, str], others: Sequence[str]) -> list[tuple[str, int]]:
    """The images that count as one of others, by their hashes, with the least number of bits."""
    names = list(hashes)
    least: dict[str, int] = {}
    for place, _, bits in _near_pairs(_words(list(hashes.values())), _words(others), COPY_BITS):
        least[names[place]] = min(bits, least.get(names[place], bits))
    return sorted(least.items(), key=lambda one: (one[1], one[0]))


def _near_pairs(
    some: NDArray[np.uint64], others: NDArray[np.uint64], most: int = SUSPECT_BITS
) -> Iterator[tuple[int, int, int]]:
    """Places in both and bits of every two hashes ``uint64[N, 4]`` that differ in ``most`` bits or fewer."""
    for start in range(0, len(some), _CHUNK):
        apart = np.bitwise_count(some[start : start + _CHUNK, None] ^ others[None]).sum(axis=2, dtype=np.int64)
        for first, second in np.argwhere(apart <= most).tolist():
            yield start + first, second, int(apart[first, second])


def _words(hashes: Sequence[str]) -> NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(hashes)), np.uint64).reshape(-1, 4)
