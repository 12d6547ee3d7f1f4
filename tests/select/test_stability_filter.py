"""A feature stays if it comes out alike in every source, and the ratings are those of training frames."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from errors_raised import raised
from nonet.errors import LeakError, SettingsError
from nonet.select import Ratings, RemovalReason, agreement
from nonet.select.stability_filter import StabilityFilter

FEATURES = 6
FRAMES = tuple(f"frame-{number}" for number in range(60))


def rated(noise: list[float], raters: int, subjects: int = 40, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    heads = rng.normal(size=(subjects, 1, FEATURES))
    return heads + rng.normal(size=(subjects, raters, FEATURES)) * noise


def training_rows() -> np.ndarray:
    return np.random.default_rng(9).normal(size=(60, FEATURES))


def both(reviewers: np.ndarray, machines: np.ndarray) -> dict[str, Ratings]:
    return {"reviewers": Ratings(reviewers, FRAMES[: len(reviewers)]), "machines": Ratings(machines)}


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=getattr(check, "func", check).__name__)
        for estimator, check in estimator_checks_generator(StabilityFilter(sources=()))
    ],
)
def test_scikit_learn_contract(estimator: StabilityFilter, check: object) -> None:
    check(estimator)


def test_both_sources_must_hold() -> None:
    reviewers = rated([0.1, 0.1, 3, 3, 0.1, 0.1], raters=3)
    machines = rated([0.1, 3, 0.1, 3, 0.1, 0.1], raters=9)
    stable = StabilityFilter().fit(training_rows(), ratings=both(reviewers, machines), frames=FRAMES)
    assert stable.get_support().tolist() == [True, False, False, False, True, True]
    assert stable.reason_[1:4] == (RemovalReason.UNSTABLE,) * 3
    assert stable.icc_.shape == stable.low_.shape == stable.high_.shape == (2, FEATURES)
    assert (stable.icc_ >= 0.75).tolist() == [[True, True, False, False, True, True], [True, False] * 2 + [True] * 2]
    assert stable.transform(training_rows()).shape == (60, 3)


def test_the_point_estimate_decides_and_not_the_interval() -> None:
    ratings = {"machines": Ratings(rated([0.5] * FEATURES, raters=3, subjects=12))}
    first = StabilityFilter(sources=("machines",)).fit(training_rows(), ratings=ratings)
    edge = float(first.icc_[0, 0])
    for threshold, kept in ((edge, True), (np.nextafter(edge, 2), False)):
        again = StabilityFilter(sources=("machines",), threshold=threshold).fit(training_rows(), ratings=ratings)
        assert again.get_support()[0] == kept
    assert first.low_[0, 0] < edge


def test_missing_and_constant_columns_leave_with_their_reason() -> None:
    rows, reviewers, machines = training_rows(), rated([0.1] * FEATURES, 3), rated([0.1] * FEATURES, 9)
    rows[:7, 0] = np.nan
    rows[:6, 1] = np.nan
    rows[:, 2] = 7
    reviewers[:, :, 3] = 7
    machines[:5, 0, 4] = np.nan
    stable = StabilityFilter().fit(rows, ratings=both(reviewers, machines), frames=FRAMES)
    assert stable.reason_ == (
        RemovalReason.MISSING,
        None,
        RemovalReason.CONSTANT,
        RemovalReason.CONSTANT,
        RemovalReason.MISSING,
        None,
    )
    assert np.isnan(stable.icc_[0, 3])
    assert stable.agreement_["reviewers"].reasons[3] is RemovalReason.CONSTANT


def test_few_subjects_are_no_measure_of_stability() -> None:
    ratings = both(rated([0.1] * FEATURES, 3), rated([0.1] * FEATURES, 9, subjects=9))
    stable = StabilityFilter(min_subjects=10).fit(training_rows(), ratings=ratings, frames=FRAMES)
    assert set(stable.reason_) == {RemovalReason.FEW_SUBJECTS}


def test_ratings_of_a_frame_outside_the_fold_are_a_leak() -> None:
    ratings = both(rated([0.1] * FEATURES, 3), rated([0.1] * FEATURES, 9))
    fold = FRAMES[1:]
    with raised(LeakError, found="frame-0"):
        StabilityFilter().fit(training_rows(), ratings=ratings, frames=fold)
    with pytest.raises(LeakError):
        StabilityFilter().fit(training_rows(), ratings=ratings)
    within = {source: one.within(fold) for source, one in ratings.items()}
    stable = StabilityFilter().fit(training_rows(), ratings=within, frames=fold)
    assert stable.agreement_["reviewers"].subjects.tolist() == [39] * FEATURES
    assert stable.agreement_["machines"].subjects.tolist() == [40] * FEATURES


@pytest.mark.parametrize("sources", [(), ("reviewers",), ("reviewers", "machines", "centres")])
def test_a_source_that_is_missing_or_unexpected_is_refused(sources: tuple[str, ...]) -> None:
    ratings = both(rated([0.1] * FEATURES, 3), rated([0.1] * FEATURES, 9))
    with raised(SettingsError, found="reviewers, machines"):
        StabilityFilter(sources=sources).fit(training_rows(), ratings=ratings, frames=FRAMES)


def test_ratings_of_other_features_are_refused() -> None:
    ratings = {"machines": Ratings(np.zeros((12, 3, FEATURES + 1)))}
    with raised(SettingsError, found="7 from machines, 6 columns"):
        StabilityFilter(sources=("machines",)).fit(training_rows(), ratings=ratings)


@pytest.mark.parametrize(("shape", "frames"), [((4, 3), None), ((4, 1, 3), None), ((4, 2, 3), FRAMES[:3])])
def test_ratings_have_subjects_raters_and_features(shape: tuple[int, ...], frames: tuple[str, ...] | None) -> None:
    with pytest.raises(SettingsError):
        Ratings(np.zeros(shape), frames)


def test_devices_are_held_against_the_original_one_by_one() -> None:
    """The median pair decides, and no pair may fall below a least: features 0 to 3 are all well, one device off by
    two deviations, three of four off, and noise."""
    rng = np.random.default_rng(0)
    original = rng.normal(size=(60, 1, 4))
    copies = original + rng.normal(0, 0.05, size=(60, 4, 4))
    copies[:, 0, 1] += 2
    copies[:, :3, 2] += 1.2
    copies[:, :, 3] = rng.normal(size=(60, 4))
    ratings = Ratings(np.concatenate([original, copies], axis=1), against_first=True)
    stable = StabilityFilter(sources=("devices",), threshold=0.75, least_pair=0.5)
    stable.fit(original[:, 0], ratings={"devices": ratings})
    assert stable.get_support().tolist() == [True, False, False, False]
    assert stable.icc_[0, 1] > 0.95
    assert stable.least_pair_[0, 1] < 0.5
    pairs = [agreement(ratings.values[:, [0, other]]).icc for other in range(1, 5)]
    np.testing.assert_allclose(stable.icc_[0], np.median(pairs, axis=0))
    np.testing.assert_allclose(stable.least_pair_[0], np.min(pairs, axis=0))
    lenient = StabilityFilter(sources=("devices",), threshold=0.75, least_pair=-1.0)
    assert lenient.fit(original[:, 0], ratings={"devices": ratings}).get_support().tolist() == [
        True,
        True,
        False,
        False,
    ]
