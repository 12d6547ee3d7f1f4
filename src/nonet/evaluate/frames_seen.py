"""Which frames a bundle's training has seen, so that a figure on them is not taken for one on new frames."""

from __future__ import annotations

import csv
from enum import StrEnum

from nonet.bundle import Bundle
from nonet.errors import BundleError

__all__ = ["FRAMES_SEEN", "Use", "uses_by_hash"]

FRAMES_SEEN = "frames_seen.csv"
"""The file of a bundle that lists pixel hashes and what training used each frame for."""


class Use(StrEnum):
    """What training used a frame for: to learn from, to choose epoch or operating points, or nothing."""

    TRAINED = "trained"
    CHOSEN_BY = "chosen_by"
    UNSEEN = "unseen"
    UNKNOWN = "unknown"


def uses_by_hash(bundle: Bundle) -> dict[str, Use] | None:
    """The use of each frame that training saw, by `nonet.frame.pixels_sha256`; None if the bundle does not say.

    Raises
    ------
    BundleError
        If the bundle's list cannot be understood.
    """
    if FRAMES_SEEN not in bundle.manifest.files:
        return None
    try:
        rows = csv.DictReader(bundle.file(FRAMES_SEEN).decode().splitlines())
        return {row["pixels_sha256"]: Use(row["use"]) for row in rows}
    except (ValueError, KeyError, csv.Error) as problem:
        raise BundleError(
            f"A bundle's {FRAMES_SEEN} has columns pixels_sha256 and use",
            found=f"{type(problem).__name__}: {problem}",
            remedy="Export the bundle again with this version of Nonet",
        ) from problem
