"""TabTransformer as a scikit-learn classifier."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from nonet.train.graders.tab_transformer.fit_network import Schedule, fit_network, inner_slice, one_thread_seeded
from nonet.train.graders.tab_transformer.tab_transformer_network import NetworkShape, TabTransformerNetwork
from nonet.train.graders.tab_transformer.token_columns import describe_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import RandomState
    from numpy.typing import ArrayLike, NDArray

__all__ = ["TabTransformerClassifier"]


class TabTransformerClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """TabTransformer for two or more classes (Huang et al. 2020, arXiv 2012.06678).

    Columns should be standardised and complete; see `nonet.grade.preprocessing`. The same rows,
    parameters and ``random_state`` give the same network, whatever the number of threads.

    Parameters
    ----------
    categorical
        Places of the columns that hold codes of words.
    binned
        How many continuous columns become tokens too, cut at their quantiles: those that part the classes
        best. 0 gives the paper's network.
    bins
        Into how many bins each of them is cut.
    width, heads, depth
        Length of a token, attention heads (a divisor of the width), Transformer layers.
    hidden
        Units of the perceptron's layers.
    dropout
        Share of units dropped in training.
    rate, weight_decay
        Of AdamW.
    batch, epochs, patience
        Rows of a step; most epochs; epochs without a better inner slice before it stops.
    inner_share
        Share of the rows that is set aside to say when to stop; of fewer than 20 rows none is.
    class_weight
        What a row of each class counts in the loss: None, ``"balanced"`` or a weight by class.
    random_state
        Seed, or a generator to draw one from.

    Attributes
    ----------
    classes_
        The classes, sorted.
    network_
        The network, in double precision.
    columns_
        What it took the columns for.
    n_features_in_
        Number of columns.
    n_epochs_
        Epochs until the best one.
    inner_loss_
        Log loss of the inner slice after them; None without a slice.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> rows, species = load_iris(return_X_y=True)
    >>> classifier = TabTransformerClassifier(random_state=0).fit((rows - rows.mean(0)) / rows.std(0), species)
    >>> classifier.predict_proba(rows[:2]).shape
    (2, 3)
    """

    classes_: NDArray[Any]
    n_features_in_: int

    def __init__(
        self,
        *,
        categorical: Sequence[int] = (),
        binned: int = 32,
        bins: int = 8,
        width: int = 16,
        heads: int = 4,
        depth: int = 2,
        hidden: tuple[int, ...] = (64, 32),
        dropout: float = 0.3,
        rate: float = 1e-3,
        weight_decay: float = 0.1,
        batch: int = 64,
        epochs: int = 100,
        patience: int = 12,
        inner_share: float = 0.15,
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: int | RandomState | None = 0,
    ) -> None:
        self.categorical = categorical
        self.binned = binned
        self.bins = bins
        self.width = width
        self.heads = heads
        self.depth = depth
        self.hidden = hidden
        self.dropout = dropout
        self.rate = rate
        self.weight_decay = weight_decay
        self.batch = batch
        self.epochs = epochs
        self.patience = patience
        self.inner_share = inner_share
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit to rows and their classes.

        Parameters
        ----------
        X
            ``[N, D]``, finite numbers.
        y
            ``[N]``, classes of any sortable kind, at least two of them.
        groups
            ``[N]``; rows of one group are set aside together or not at all.

        Raises
        ------
        ValueError
            If the rows are not finite, or of one class, or a parameter has no meaning.
        """
        rows, answers = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(answers)
        self._check_parameters()
        self.classes_, labels = np.unique(answers, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"TabTransformerClassifier needs two classes or more, got 1 class: {self.classes_[0]!r}")
        weights = compute_class_weight(self.class_weight, classes=self.classes_, y=answers)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        aside = inner_slice(labels, _numbers(groups, rows), self.inner_share, np.random.default_rng(seed))
        self.columns_ = describe_columns(rows[~aside], labels[~aside], self.categorical, self.binned, self.bins)
        shape = NetworkShape(self.width, self.heads, self.depth, tuple(self.hidden), self.dropout)
        schedule = Schedule(self.rate, self.weight_decay, self.batch, self.epochs, self.patience)
        with one_thread_seeded(seed):
            network = TabTransformerNetwork(self.columns_, len(self.classes_), shape)
            self.n_epochs_, self.inner_loss_ = fit_network(network, (rows, labels), weights, aside, schedule)
        self.network_ = deepcopy(network).double()
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """Probabilities ``float64[N, K]`` of the classes, in the order of ``classes_``."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        with torch.no_grad(), one_thread_seeded(0):
            shares: NDArray[np.float64] = self.network_(torch.from_numpy(rows).double()).softmax(1).numpy()
        return shares

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """The most probable class of each row."""
        shares = self.predict_proba(X)
        predicted: NDArray[Any] = self.classes_[shares.argmax(axis=1)]
        return predicted

    def _check_parameters(self) -> None:
        if self.width % self.heads or self.width < 2:
            raise ValueError(f"width must be a multiple of heads, got {self.width} and {self.heads}")
        if not all(0 <= place < self.n_features_in_ for place in self.categorical):
            raise ValueError(f"categorical holds places of the {self.n_features_in_} columns, got {self.categorical}")
        if not 0 <= self.inner_share < 1 or not 0 <= self.dropout < 1:
            raise ValueError(f"inner_share and dropout are from 0 to 1, got {self.inner_share} and {self.dropout}")
        if min(self.bins - 1, self.batch, self.epochs, self.patience) < 1 or min(self.binned, self.depth) < 0:
            raise ValueError("bins must be at least 2; batch, epochs and patience at least 1; binned and depth not < 0")


def _numbers(groups: ArrayLike | None, rows: NDArray[np.float32]) -> NDArray[np.intp]:
    """A number for each row's group; each row its own without groups."""
    if groups is None:
        return np.arange(len(rows))
    check_consistent_length(rows, groups)
    numbers: NDArray[np.intp] = np.unique(np.asarray(groups), return_inverse=True)[1]
    return numbers
