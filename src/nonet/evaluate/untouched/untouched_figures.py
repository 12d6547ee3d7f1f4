"""Figures of a grader on untouched frames, with intervals, as JSON values and as a table."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table
from scipy import stats

from nonet.anatomy import Grade, Structure
from nonet.evaluate.bootstrap import RESAMPLES, SEED, frame_weights
from nonet.evaluate.figure_json import figure_json, figure_words
from nonet.evaluate.grading import UNKNOWN
from nonet.evaluate.robustness.resampled import figures_json, group_numbers, share
from nonet.evaluate.untouched.run_untouched import OWN, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.evaluate.untouched.run_untouched import FrameCalls, UntouchedRun
    from nonet.reading import BundleReference

__all__ = ["untouched_figures", "untouched_json", "untouched_table"]

_CALLS = (Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL, Grade.UNDECIDED, Grade.NOT_ASSESSED)
_LEAST_FOR_RANKS = 5
_NT = Structure.NUCHAL_TRANSLUCENCY

Rows = list[tuple[int, Call]]
"""The number of a frame, and what is said in one picture of it."""


def untouched_figures(
    run: UntouchedRun, printed: Mapping[str, float] | None = None, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Any]:
    """Per structure: the share of visible ones called each grade, by device and by zoom, and agreement with copies.

    A call is the grade of a reading of a standard plane; ``abnormal_most_probable`` and ``agreement_most_probable`` go
    by the most probable class instead. Agreement is the share of frames whose call is that of their copy edited
    without a change, and, under ``elsewhere``, that of copies in which another structure was made abnormal. Intervals
    are by bootstrap over patients where they are known, else frames.

    Parameters
    ----------
    run
        The frames.
    printed
        Millimetres of the nuchal translucency by image name: P(abnormal) and the height of the box are held against
        them by rank correlation, partialled for the pixel size.
    """
    groups = group_numbers(
        [frame.image for frame in run.frames], {frame.image.name: frame.hashes for frame in run.frames}
    )
    weights = frame_weights(groups, resamples, seed)
    document: dict[str, Any] = {
        "frames": len(run.frames),
        "structures": {one.value: _of_structure(run.frames, (one,), weights) for one in run.structures},
        "pooled": _of_structure(run.frames, run.structures, weights),
    }
    if printed:
        document["nuchal_print"] = _against_print(run.frames, printed, resamples, seed)
    return document


def _of_structure(
    frames: Sequence[FrameCalls], structures: Sequence[Structure], weights: NDArray[np.int32]
) -> dict[str, Any]:
    own = _rows(frames, structures, lambda frame: frame.pictures[OWN])
    devices = [frame.image.device or UNKNOWN for frame in frames]
    by_device = {
        device: [row for row in own if devices[row[0]] == device] for device in sorted({*devices}, key=str.casefold)
    }
    zooms = {
        name: _rows(frames, structures, lambda frame, name=name: frame.pictures[name])  # type: ignore[misc]
        for name in (frames[0].pictures if frames else ())
        if name != OWN
    }
    pairs = [
        (number, frame.pictures[OWN][one], frame.shams[one])
        for number, frame in enumerate(frames)
        for one in structures
        if one in frame.pictures[OWN] and one in frame.shams
    ]
    moved = [
        (number, frame.pictures[OWN][one], calls[one])
        for number, frame in enumerate(frames)
        for calls in frame.elsewhere
        for one in structures
        if one in frame.pictures[OWN] and one in calls
    ]
    return {
        "n": len(own),
        **_shares(own, weights),
        "devices": {name: {"n": len(rows), **_shares(rows, weights)} for name, rows in by_device.items()},
        "zooms": {name: {"n": len(rows), **_shares(rows, weights)} for name, rows in zooms.items()},
        "sham": _agreement(pairs, weights),
        "elsewhere": _agreement(moved, weights) | _shares([(number, call) for number, _, call in moved], weights),
    }


def _agreement(pairs: Sequence[tuple[int, Call, Call]], weights: NDArray[np.int32]) -> dict[str, Any]:
    """How often a structure has the same call in two pictures of one frame."""
    return {
        "n": len(pairs),
        "agreement": _share([(number, one.grade == other.grade) for number, one, other in pairs], weights),
        "agreement_most_probable": _share(
            [(number, one.most_probable == other.most_probable) for number, one, other in pairs], weights
        ),
    }


def _rows(
    frames: Sequence[FrameCalls],
    structures: Sequence[Structure],
    picture: Callable[[FrameCalls], Mapping[Structure, Call]],
) -> Rows:
    return [
        (number, calls[one])
        for number, frame in enumerate(frames)
        for calls in (picture(frame),)
        for one in structures
        if one in calls
    ]


def _shares(rows: Rows, weights: NDArray[np.int32]) -> dict[str, Any]:
    return {
        **{call.value: _share([(number, one.grade == call) for number, one in rows], weights) for call in _CALLS},
        "abnormal_most_probable": _share(
            [(number, one.most_probable == Grade.ABNORMAL) for number, one in rows], weights
        ),
    }


def _share(rows: Iterable[tuple[int, bool]], weights: NDArray[np.int32]) -> dict[str, float | None]:
    """The share of rows that are true, each drawn as often as its frame is."""
    numbers, true = [], []
    for number, one in rows:
        numbers.append(number)
        true.append(one)
    if not numbers:
        return {"value": None, "low": None, "high": None}
    drawn = share(np.array(true), np.ones(len(true), np.bool_), weights[:, numbers])
    return figure_json(drawn)


def _against_print(
    frames: Sequence[FrameCalls], printed: Mapping[str, float], resamples: int, seed: int
) -> dict[str, Any]:
    """Rank correlation of P(abnormal) with the print, partialled for mm per pixel, beside that of the box's height."""
    used = [
        frame
        for frame in frames
        if frame.image.name in printed and frame.image.mm_per_px and _NT in frame.pictures[OWN]
    ]
    document: dict[str, Any] = {
        "n": len(used),
        "frames_seen_by_networks": sum(frame.seen[1] for frame in used),
    }
    if len(used) < _LEAST_FOR_RANKS:
        return {**document, "note": "n too small"}
    calls = [frame.pictures[OWN][_NT] for frame in used]
    values = np.array(
        [
            (printed[frame.image.name], float(frame.image.mm_per_px or np.nan), call.abnormal, call.height_px)
            for frame, call in zip(used, calls, strict=True)
        ]
    )
    groups = group_numbers([frame.image for frame in used], {frame.image.name: frame.hashes for frame in used})
    drawn = [np.repeat(values, weight, axis=0) for weight in frame_weights(groups, resamples, seed)]
    grader = np.array([_partial_rank(one[:, 2], one[:, 0], one[:, 1]) for one in drawn])
    height = np.array([_partial_rank(one[:, 3], one[:, 0], one[:, 1]) for one in drawn])
    plain = np.array([_rank(one[:, 2], one[:, 0]) for one in drawn])
    return document | figures_json(
        {"spearman": plain, "partial": grader, "box_height": height, "difference": grader - height}
    )


def _rank(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if len(one) < _LEAST_FOR_RANKS or np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.nan
    return float(stats.spearmanr(one, other).statistic)


def _partial_rank(one: NDArray[np.float64], other: NDArray[np.float64], held: NDArray[np.float64]) -> float:
    """Spearman's correlation with a third variable held (the partial correlation of ranks)."""
    both, first, second = _rank(one, other), _rank(one, held), _rank(other, held)
    if np.isnan([first, second]).any():
        return both
    left = (1 - first**2) * (1 - second**2)
    return float((both - first * second) / np.sqrt(left)) if left > 0 else np.nan


def untouched_json(
    figures: Mapping[str, Any], run: UntouchedRun, bundles: Sequence[BundleReference], form: str, split: str
) -> str:
    """Indented JSON that ends in a newline: the figures, by which bundles, and the protocol."""
    document = {
        **figures,
        "frames_seen_by_graders": sum(one.seen[0] for one in run.frames),
        "frames_seen_by_networks": sum(one.seen[1] for one in run.frames),
        "left_out": [one.to_json() for one in run.unreadable],
        "data": {"form": form, "split": split},
        "bundles": [asdict(one) for one in bundles],
        "protocol": {
            "rows": "visible structures of standard frames that nobody edited, plane quality not asked",
            "call": "the one class in the conformal set, undecided where it holds several, not assessed where none",
            "most_probable": "the class of the highest probability, whatever else the set holds",
            "sham": "the same call as in the copy that went through the machinery of an edit without a change",
            "elsewhere": "structures that nobody edited, in copies where another was edited to abnormal",
            "interval": "95 % percentile bootstrap over patients where they are known, or else frames",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def untouched_table(figures: Mapping[str, Any], split: str) -> Table:
    """A row a structure: shares called abnormal, borderline and undecided, and agreement with copies."""
    title = f"{figures['frames']} untouched frames of {split}; the grader is not asked about planes"
    table = Table("structure", title=title, box=None, pad_edge=False)
    for column in (
        "n",
        "abnormal",
        "borderline",
        "undecided",
        "worst zoom, abnormal",
        "as the sham copy",
        "as beside an edit",
    ):
        table.add_column(column, justify="right")
    for name, one in {**figures["structures"], "all": figures["pooled"]}.items():
        worst = max((zoom["abnormal"] for zoom in one["zooms"].values()), key=_of, default=None)
        table.add_row(
            name.replace("_", " "),
            str(one["n"]),
            *(figure_words(one[call]) for call in ("abnormal", "borderline", "undecided")),
            figure_words(worst),
            figure_words(one["sham"]["agreement"]),
            figure_words(one["elsewhere"]["agreement"]),
        )
    return table


def _of(one: Mapping[str, float | None]) -> float:
    return -1.0 if one["value"] is None else one["value"]
