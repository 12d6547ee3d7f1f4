"""Sets of an ensemble cover as often as they say, by the very classifiers that ship."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from nonet.grade.cross_conformal import CrossConformal

FOLDS, CLASSES = 5, 3


def draw(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.choice(CLASSES, rows, p=[0.6, 0.25, 0.15])
    return rng.normal(size=(rows, 12)) + 1.2 * np.eye(12)[labels], labels


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_every_class_is_covered_at_its_level_by_classifiers_that_have_learnt_the_noise(level: float) -> None:
    """Twelve columns and 240 rows, hardly any penalty: thresholds of one fit would not hold for another."""
    rng = np.random.default_rng(1)
    covered = np.zeros(CLASSES)
    draws = 30
    for _ in range(draws):
        x, y = draw(rng, 240)
        fresh, truth = draw(rng, 2000)
        held, member = np.zeros((len(y), CLASSES)), np.zeros(len(y), np.intp)
        apart = []
        for number, (train, test) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y)):
            classifier = LogisticRegression(C=1e3, max_iter=1000).fit(x[train], y[train])
            held[test], member[test] = classifier.predict_proba(x[test]), number
            apart.append(classifier.predict_proba(fresh))
        sets = CrossConformal.fit(held, y, member, level).sets(np.stack(apart))
        kept = sets[np.arange(len(truth)), truth]
        covered += [kept[truth == place].mean() / draws for place in range(CLASSES)]
    assert covered == pytest.approx(level, abs=0.03)


def test_a_class_with_too_few_rows_can_never_be_ruled_out() -> None:
    held = np.tile([0.99, 0.01], (40, 1))
    labels = np.array([0] * 21 + [1] * 19)
    members = np.arange(40) % 2
    sure = np.array([[[1.0, 0.0]], [[1.0, 0.0]]])
    assert CrossConformal.fit(held, labels, members, 0.9).sets(sure).tolist() == [[True, False]]
    assert CrossConformal.fit(held, labels, members, 0.96).sets(sure).tolist() == [[True, True]]


def test_a_row_like_no_class_has_an_empty_set() -> None:
    held = np.repeat([[0.95, 0.05], [0.05, 0.95]], 30, axis=0)
    labels = np.repeat([0, 1], 30)
    sets = CrossConformal.fit(held, labels, np.arange(60) % 3, 0.9).sets(np.full((3, 1, 2), 0.5))
    assert sets.tolist() == [[False, False]]


def test_the_same_members_drawn_again_change_nothing() -> None:
    rng = np.random.default_rng(3)
    held = rng.dirichlet([1, 1], 60)
    labels, members = np.arange(60) % 2, np.arange(60) % 3
    fresh = rng.dirichlet([1, 1], (3, 200))
    once = CrossConformal.fit(held, labels, members, 0.9)
    twice = CrossConformal.fit(np.tile(held, (2, 1)), np.tile(labels, 2), np.append(members, members + 3), 0.9, draws=2)
    assert (once.sets(fresh) == twice.sets(np.concatenate([fresh, fresh]))).all()
