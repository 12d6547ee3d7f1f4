"""On how many frames a ruler is read, and how often wrongly, with intervals, as JSON values and in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, SEED, frame_weights
from nonet.evaluate.exact_share import exact_share
from nonet.evaluate.robustness.resampled import figures_json, group_numbers, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.evaluate.ruler.run_ruler import RulerRun, TriedRuler

__all__ = ["WRONG", "ruler_figures", "ruler_json", "ruler_words"]

WRONG = 0.03
"""A pixel size that differs by a larger share from the known one is wrong."""
_NO_LAYOUT = "not known"


def ruler_figures(run: RulerRun, *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Any]:
    """The figures of the frames whose ruler is known, and how many others a ruler was read on.

    ``read`` is the share of frames with a ruler on which one was read, ``wrong`` the share of those read that differ by
    more than 3 % from a sure pixel size. Intervals are percentiles of a bootstrap over patients where they are known,
    else over frames.
    """
    shown = [one for one in run.tried if one.known is not None]
    others = [one for one in run.tried if one.known is None]
    read, sure, wrong = _masks(shown)
    groups = group_numbers([one.image for one in shown], {one.image.name: one.hashes for one in shown})
    weights = frame_weights(groups, resamples, seed)
    everyone = np.ones_like(read)
    errors = [abs(error) for one in shown if (error := _error(one)) is not None and one.known and one.known.is_sure]
    return {
        "n": len(shown),
        **figures_json({"read": share(read, everyone, weights), "wrong": share(wrong, read & sure, weights)}),
        "n_read": int(read.sum()),
        "n_judged": int((read & sure).sum()),
        "n_wrong": int(wrong.sum()),
        "wrong_at_most": _at_most(int(wrong.sum()), int((read & sure).sum())),
        "median_relative_error": round(float(np.median(errors)), 5) if errors else None,
        "greatest_relative_error": round(float(np.max(errors)), 5) if errors else None,
        "by_layout": _by_layout(shown),
        "no_known_ruler": {"n": len(others), "n_read": sum(one.mm_per_px is not None for one in others)},
    }


def _at_most(count: int, of: int) -> float:
    return exact_share(count, of)["high"] if of else 1.0


def _masks(shown: Sequence[TriedRuler]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    read = np.array([one.mm_per_px is not None for one in shown])
    sure = np.array([one.known is not None and one.known.is_sure for one in shown])
    far = np.array([abs(_error(one) or 0.0) > WRONG for one in shown])
    return read, sure, read & sure & far


def _by_layout(shown: Sequence[TriedRuler]) -> dict[str, dict[str, int]]:
    layouts = sorted({one.image.layout or _NO_LAYOUT for one in shown})
    rows = {}
    for layout in layouts:
        read, _, wrong = _masks([one for one in shown if (one.image.layout or _NO_LAYOUT) == layout])
        rows[layout] = {"n": len(read), "n_read": int(read.sum()), "n_wrong": int(wrong.sum())}
    return rows


def _error(one: TriedRuler) -> float | None:
    if one.mm_per_px is None or one.known is None:
        return None
    return one.mm_per_px / one.known.mm_per_px - 1


def ruler_json(figures: dict[str, Any], form: str, split: str) -> str:
    """Indented JSON that ends in a newline: the figures and the protocol."""
    document = {
        **figures,
        "data": {"form": form, "split": split},
        "protocol": {
            "wrong": f"more than {WRONG:.0%} from the pixel size in the table; weak ones do not judge",
            "wrong_at_most": "upper end of the exact 95 % interval (Clopper and Pearson), frames taken as independent",
            "interval": "95 % percentile bootstrap over patients where they are known, or else frames",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def ruler_words(figures: dict[str, Any], split: str) -> str:
    """The figures as lines of text."""
    lines = [
        f"{figures['n']} frames of {split} show a ruler whose pixel size is known",
        f"{'read':24}{_share(figures['read'])}",
        f"{f'wrong by over {WRONG:.0%}':24}{_share(figures['wrong'])}",
        f"{'':24}{figures['n_wrong']} of {figures['n_judged']} read, at most {figures['wrong_at_most']:.3f}",
    ]
    if figures["median_relative_error"] is not None:
        median, greatest = figures["median_relative_error"], figures["greatest_relative_error"]
        lines.append(f"{'error':24}median {median:.2%}, greatest {greatest:.2%}")
    for layout, row in figures["by_layout"].items():
        lines.append(f"  {layout:22}{row['n_read']} of {row['n']} read, {row['n_wrong']} wrong")
    others = figures["no_known_ruler"]
    lines.append(f"{others['n']} frames more have no known ruler; one was read on {others['n_read']}")
    return "\n".join(lines) + "\n"


def _share(one: dict[str, float | None]) -> str:
    if one["value"] is None:
        return "-"
    low, high = ("-" if one[end] is None else f"{one[end]:.3f}" for end in ("low", "high"))
    return f"{one['value']:.3f} ({low} to {high})"
