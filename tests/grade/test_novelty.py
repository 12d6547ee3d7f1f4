"""What lies far out is told from what does not, at the error rate that is stated; a batch drifts or does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nonet.errors import BundleError
from nonet.grade import FeatureRows, Grader, GraderSpec
from nonet.grade.drift import drift_of
from nonet.grade.novelty import Novelty, distances
from nonet.train.graders import GraderKind, TrainedGrader, finish_grader, search


def rows(count: int, seed: int, shift: float = 0.0) -> FeatureRows:
    values = np.random.default_rng(seed).normal(shift, 1, (count, 30))
    return FeatureRows(tuple(f"f{place}" for place in range(30)), values)


@pytest.fixture(scope="module")
def made() -> TrainedGrader:
    features = rows(300, 0)
    answers = ["no" if row[0] < 0 else "yes" for row in features.values]
    found = search(GraderKind.LOGISTIC_REGRESSION, features, answers, budget=2)
    return finish_grader(found, answers)


def test_of_new_rows_from_the_same_source_the_stated_share_is_warned_of(made: TrainedGrader) -> None:
    shares = Grader(made.model, made.spec).as_far_out(rows(4000, 1))
    assert shares is not None
    for stated in (0.01, 0.05, 0.2):
        assert (shares <= stated).mean() == pytest.approx(stated, abs=0.01 + 0.4 * stated)


def test_rows_of_another_source_lie_far_out(made: TrainedGrader) -> None:
    shares = Grader(made.model, made.spec).as_far_out(rows(100, 2, shift=1.5))
    assert shares is not None
    assert (shares < 0.01).mean() > 0.9


def test_a_row_farther_out_never_has_a_larger_share() -> None:
    novelty = Novelty.fit(np.array([1.0, 2.0, 3.0, 1.5]), np.array([0, 0, 1, 1]))
    assert novelty.held_out == ((1.0, 2.0), (1.5, 3.0))
    shares = novelty.as_far_out(np.array([[0.0, 1.0, 1.7, 2.0, 9.0]] * 2))
    assert shares.tolist() == [1.0, 1.0, 0.6, 0.6, 0.2]


def test_a_sites_rows_stand_for_all_members() -> None:
    site = Novelty.of_site(np.array([2.0, 1.0, 3.0]))
    assert site.held_out == ((1.0, 2.0, 3.0),)
    assert site.as_far_out(np.array([[1.0, 9.0], [2.0, 9.0]])).tolist() == [0.75, 0.25]


def test_the_distance_is_the_root_mean_square_of_the_numeric_columns() -> None:
    inputs = np.array([[3.0, 4.0, 7.0], [0.0, 0.0, 7.0]])
    assert distances(inputs, 2).tolist() == pytest.approx([np.sqrt(12.5), 0.0])
    assert distances(inputs, 0).tolist() == [0.0, 0.0]


def test_an_older_grader_does_not_know_and_a_wrong_one_is_refused(made: TrainedGrader) -> None:
    text = made.spec.to_json().encode()
    older = GraderSpec.from_json(text.replace(b'"novelty"', b'"was"'))
    assert Grader(made.model, older).as_far_out(rows(3, 3)) is None
    assert GraderSpec.from_json(text) == made.spec
    assert made.spec.novelty is not None
    for wrong in (made.spec.novelty.held_out[:-1], ((float("1e400"),), *made.spec.novelty.held_out[1:])):
        described = replace(made.spec, novelty=Novelty(wrong))
        with pytest.raises((BundleError, ValueError)):
            GraderSpec.from_json(described.to_json().encode())


def test_a_batch_drifts_where_far_more_lie_outside_than_chance_allows() -> None:
    rng = np.random.default_rng(0)
    like = [drift_of(rng.uniform(0, 1, 100).tolist()) for _ in range(200)]
    assert sum(one.drifted for one in like if one) <= 2
    unlike = drift_of(rng.uniform(0, 0.2, 100).tolist())
    assert unlike is not None
    assert unlike.drifted
    assert "of 100 frames" in unlike.words
    assert "5 expected" in unlike.words
    assert drift_of([0.0] * 19) is None
