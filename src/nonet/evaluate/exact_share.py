"""The exact interval of a share of independent items: a bootstrap of all or none has no width."""

from __future__ import annotations

from scipy import stats

__all__ = ["exact_share"]

_TAIL = 0.025
_DIGITS = 5


def exact_share(count: int, of: int) -> dict[str, float]:
    """A share as ``value``, the ends of its exact 95 % interval (Clopper and Pearson, 1934) as ``low`` and ``high``.

    Parameters
    ----------
    count, of
        How many of how many, which are one or more.
    """
    low = float(stats.beta.ppf(_TAIL, count, of - count + 1)) if count else 0.0
    high = float(stats.beta.ppf(1 - _TAIL, count + 1, of - count)) if count < of else 1.0
    return {"value": round(count / of, _DIGITS), "low": round(low, _DIGITS), "high": round(high, _DIGITS)}
