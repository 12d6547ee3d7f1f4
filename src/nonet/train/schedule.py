"""How the learning rate rises and falls over a stretch of training."""

from __future__ import annotations

import math

__all__ = ["learning_rate"]


def learning_rate(done: float, *, peak: float, final: float, warmup: float) -> float:
    """The rate once the share ``done`` of the steps is past: a line up to ``peak``, then half a cosine to ``final``.

    Parameters
    ----------
    done
        0 to 1.
    peak, final
        The highest rate and the last.
    warmup
        The share of the steps in which the rate rises.
    """
    if done < warmup:
        return peak * (done / warmup + 0.01)
    share = (done - warmup) / (1 - warmup)
    return final + (peak - final) * 0.5 * (1 + math.cos(math.pi * share))
