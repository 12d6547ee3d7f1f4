"""The two baselines that stand beside the TabTransformer: logistic regression and gradient boosting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NUMBERS", "WORDS", "boosting", "logistic_regression"]

NUMBERS, WORDS = "numbers", "words"
"""Names of the two parts of a baseline's columns: as they are, and a column for each word."""

_MOST_STEPS = 2_000


def logistic_regression(categorical: Sequence[int], width: int, **settings: Any) -> Pipeline:  # noqa: ANN401
    """Multinomial logistic regression with a ridge penalty, words as one column each.

    Parameters
    ----------
    categorical
        Places of the columns that hold codes of words.
    width
        Number of columns.
    settings
        Of scikit-learn's ``LogisticRegression``.
    """
    return _after_words(LogisticRegression(max_iter=_MOST_STEPS, **settings), categorical, width)


def boosting(categorical: Sequence[int], width: int, **settings: Any) -> Pipeline:  # noqa: ANN401
    """Histogram gradient boosting of trees, words as one column each; the number of trees is a setting.

    Parameters
    ----------
    categorical
        Places of the columns that hold codes of words.
    width
        Number of columns.
    settings
        Of scikit-learn's ``HistGradientBoostingClassifier``.
    """
    return _after_words(HistGradientBoostingClassifier(early_stopping=False, **settings), categorical, width)


def _after_words(model: Any, categorical: Sequence[int], width: int) -> Pipeline:  # noqa: ANN401
    numbers = [place for place in range(width) if place not in set(categorical)]
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([(NUMBERS, "passthrough", numbers), (WORDS, words, list(categorical))])
    return Pipeline([("columns", columns), ("model", model)])
