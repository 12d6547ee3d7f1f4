"""The two baselines that stand beside the TabTransformer: logistic regression and gradient boosting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BLOCKS",
    "BY_WORD",
    "COMPONENTS",
    "NUMBERS",
    "WORDS",
    "BlockScaling",
    "ByWord",
    "boosting",
    "logistic_regression",
]

NUMBERS, WORDS = "numbers", "words"
"""Names of the two parts of a baseline's columns: as they are, and a column for each word."""

BLOCKS, BY_WORD, COMPONENTS = "blocks", "by word", "components"
"""Names of the steps of a logistic regression that come between its columns and its weights, if it has them."""

_MOST_STEPS = 2_000


class ByWord(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Gives every word weights of its own: each number once for each word, 0 in the rows of other words.

    Parameters
    ----------
    numbers
        How many of the columns are numbers; the others are 1 in the rows of their word, else 0.
    """

    def __init__(self, numbers: int) -> None:
        self.numbers = numbers

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: N803
        """Nothing is fitted."""
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """``float64[N, numbers * words + words]``: word after word its numbers, then the words themselves."""
        values = np.asarray(X, np.float64)
        numbers, words = values[:, : self.numbers], values[:, self.numbers :]
        crossed = [numbers * word[:, None] for word in words.T]
        return np.hstack([*crossed, words])


class BlockScaling(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Gives every block of columns the same sum of squares, however many columns it has.

    Under a ridge penalty 36 columns beside 1,000 hardly count, whatever they say: block scaling lets each source of
    features weigh alike (Westerhuis, Kourti and MacGregor 1998, doi
    10.1002/(SICI)1099-128X(199809/10)12:5<301::AID-CEM515>3.0.CO;2-S).

    Parameters
    ----------
    blocks
        The block of each of the first columns, which are standardised; those after them stay as they are.
    """

    def __init__(self, blocks: Sequence[str]) -> None:
        self.blocks = blocks

    @property
    def factors(self) -> NDArray[np.float64]:
        """What each of the first columns is multiplied by; their mean square is 1."""
        _, block, sizes = np.unique(np.asarray(self.blocks), return_inverse=True, return_counts=True)
        factors: NDArray[np.float64] = np.sqrt(len(self.blocks) / (len(sizes) * sizes[block]))
        return factors

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: N803
        """Nothing is fitted."""
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """``float64[N, width]``."""
        values = np.array(X, np.float64)
        values[:, : len(self.blocks)] *= self.factors
        return values


def logistic_regression(
    categorical: Sequence[int],
    width: int,
    *,
    blocks: Sequence[str] = (),
    by_word: float = 1,
    components: float | None = None,
    **settings: Any,  # noqa: ANN401
) -> Pipeline:
    """Multinomial logistic regression with a ridge penalty, words as one column each.

    Parameters
    ----------
    categorical
        Places of the columns that hold codes of words.
    width
        Number of columns.
    blocks
        The block of each column of numbers, where blocks are to count alike.
    by_word
        1 for weights of its own for every word, which is one model a structure; 0 for one model for all, in which a
        word shifts the answer and changes no weight.
    components
        Share of the variance whose principal components take the place of the columns; by default the columns stay.
    settings
        Of scikit-learn's ``LogisticRegression``.
    """
    pipeline = _after_words(LogisticRegression(max_iter=_MOST_STEPS, **settings), categorical, width)
    if components is not None:
        pipeline.steps.insert(1, (COMPONENTS, PCA(components, svd_solver="full")))
    if by_word and categorical:
        pipeline.steps.insert(1, (BY_WORD, ByWord(width - len(categorical))))
    if blocks:
        pipeline.steps.insert(1, (BLOCKS, BlockScaling(blocks)))
    return pipeline


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
