"""Which frames a bundle's training has seen, so that what it says of them is not taken for what it says of new ones."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from nonet.bundle import Bundle
from nonet.errors import BundleError, LeakError

__all__ = [
    "FRAMES_SEEN",
    "Use",
    "difference_hashes_seen",
    "first_unseen",
    "frames_seen_csv",
    "hashes_seen",
    "lists_of_seen",
    "refuse_seen",
    "rows_seen",
    "uses_by_hash",
]

FRAMES_SEEN = "frames_seen.csv"
"""The file of a bundle that lists pixel hashes and what training used each frame for."""

_COLUMNS = ("pixels_sha256", "use", "difference_hash")
_DIFFERENCE_HASH_BYTES = 32


class Use(StrEnum):
    """What training used a frame for: to learn from, to choose epoch or operating points, or nothing."""

    TRAINED = "trained"
    CHOSEN_BY = "chosen_by"
    UNSEEN = "unseen"
    UNKNOWN = "unknown"


def lists_of_seen(bundle: Bundle) -> tuple[str, ...]:
    """The files of a bundle that list what the networks which describe frames have seen: detector and embedder."""
    embedder = bundle.manifest.embedder
    return (FRAMES_SEEN, *((embedder.frames_seen,) if embedder else ()))


def uses_by_hash(bundle: Bundle, file: str = FRAMES_SEEN) -> dict[str, Use] | None:
    """The use of each frame that training saw, by `nonet.frame.pixels_sha256`; None if the bundle does not say.

    Parameters
    ----------
    bundle
        An opened bundle.
    file
        The list to read: the detector's, or the one that ``bundle.manifest.embedder`` names.

    Raises
    ------
    BundleError
        If the bundle's list cannot be understood.
    """
    rows = _rows_of(bundle, file)
    return None if rows is None else {sha: use for sha, use, _ in rows}


def hashes_seen(bundle: Bundle, *more: str) -> frozenset[str]:
    """The pixel hashes of all frames that the networks of a bundle saw, and those of more of its lists.

    Parameters
    ----------
    bundle
        An opened bundle.
    more
        Files besides the lists of its networks, such as those of its graders.

    Raises
    ------
    BundleError
        If a list cannot be understood.
    """
    return frozenset(sha for file in (*lists_of_seen(bundle), *more) for sha in uses_by_hash(bundle, file) or {})


def first_unseen(sha: str, seen: Sequence[Collection[str]]) -> tuple[int, bool]:
    """The number of the first bundle that has not seen a frame, and False; 0 and True where all have seen it."""
    number = next((number for number, hashes in enumerate(seen) if sha not in hashes), None)
    return (0, True) if number is None else (number, False)


def difference_hashes_seen(bundle: Bundle, file: str = FRAMES_SEEN) -> tuple[str, ...]:
    """The difference hash of each frame that training saw, by which near copies are found.

    Empty where the bundle lists none, as those that were written before format 2 do.

    Raises
    ------
    BundleError
        If the bundle's list cannot be understood.
    """
    return tuple(near for _, _, near in _rows_of(bundle, file) or () if near)


def rows_seen(bundle: Bundle, file: str) -> list[tuple[str, Use, str]]:
    """Pixel hash, use and difference hash of each frame of a bundle's list; none if it holds no such list."""
    return _rows_of(bundle, file) or []


def _rows_of(bundle: Bundle, file: str) -> list[tuple[str, Use, str]] | None:
    """Pixel hash, use and difference hash of each frame, the last empty where the list has none."""
    if file not in bundle.manifest.files:
        return None
    try:
        rows = csv.DictReader(bundle.file(file).decode().splitlines())
        return [(row["pixels_sha256"], Use(row["use"]), _difference_hash(row.get(_COLUMNS[2]))) for row in rows]
    except (ValueError, KeyError, csv.Error) as problem:
        raise BundleError(
            f"A bundle's {file} has columns pixels_sha256 and use",
            found=f"{type(problem).__name__}: {problem}",
            remedy="Export the bundle again with this version of Nonet",
        ) from problem


def _difference_hash(word: str | None) -> str:
    """A hash as it is written, or nothing."""
    if word and len(bytes.fromhex(word)) != _DIFFERENCE_HASH_BYTES:
        raise ValueError(f"a difference hash of {len(word)} digits")
    return word or ""


def frames_seen_csv(rows: Iterable[tuple[str, Use, str]]) -> str:
    """The list as a bundle holds it, from pixel hash, use and difference hash of each frame, in their order."""
    lines = [",".join(_COLUMNS), *(",".join(row) for row in sorted(rows))]
    return "\n".join(lines) + "\n"


def refuse_seen(hashes: Mapping[str, str], seen: Collection[str]) -> None:
    """Let only frames pass that a model has not seen, whatever it used them for.

    Parameters
    ----------
    hashes
        `nonet.frame.pixels_sha256` by image name.
    seen
        Hashes of the frames that training saw, as `uses_by_hash` gives them.

    Raises
    ------
    LeakError
        If a frame was seen.
    """
    leaks = [image for image, sha in hashes.items() if sha in seen]
    if leaks:
        raise LeakError(
            "A model describes only frames that its training has not seen",
            found=f"{len(leaks)} of {len(hashes)} frames were seen, {leaks[0]} among them",
            remedy="Choose another split, or a model that was trained without them",
        )
