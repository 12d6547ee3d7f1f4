"""One structure's features pass stability, redundancy and LASSO in this order, and each leaves for its own reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from errors_raised import raised
from nonet.errors import LeakError, SettingsError, TrainingError
from nonet.select import FeatureRecord, Ratings, RemovalReason, agreement
from nonet.select.fit_selection import Selection, SelectionSettings, fit_selection
from nonet.select.frequency import complementary_halves
from nonet.select.lasso import LassoSelector
from nonet.select.penalty_rule import PenaltyRule
from nonet.select.selection_record import left_by_reason

NOISE = 8
NAMES = (
    "steadier by machines",
    "steadier by reviewers",
    "copy",
    "informative",
    "with gaps",
    "missing",
    "constant",
    *(f"noise {number}" for number in range(NOISE)),
)
REASONS = {
    "steadier by machines": RemovalReason.UNSTABLE,
    "steadier by reviewers": RemovalReason.UNSTABLE,
    "copy": RemovalReason.REDUNDANT,
    "informative": None,
    "with gaps": None,
    "missing": RemovalReason.MISSING,
    "constant": RemovalReason.CONSTANT,
}
FRAMES = tuple(f"frame-{number:03}" for number in range(160))
PATIENTS = np.arange(160) // 2


@dataclass(frozen=True)
class Structure:
    """Training rows of one structure, two frames a patient, and the same features rated again."""

    rows: np.ndarray
    answers: np.ndarray
    ratings: dict[str, Ratings]

    def select(self, **settings: object) -> Selection:
        return fit_selection(
            self.rows,
            self.answers,
            NAMES,
            self.ratings,
            frames=FRAMES,
            groups=PATIENTS,
            settings=SelectionSettings(**{"resamples": 0, **settings}),
        )


def structure(seed: int) -> Structure:
    """Everything but the noise tells the classes apart; what else is wrong with a column is its name."""
    rng = np.random.default_rng(seed)
    standard = PATIENTS % 2 == 0
    clear, other = rng.normal(size=(2, 160)) + 1.2 * standard
    rows = np.column_stack(
        [
            clear + 0.1 * rng.normal(size=160),
            clear + 0.1 * rng.normal(size=160),
            -5 * (clear + 0.2 * rng.normal(size=160)),
            clear,
            other,
            clear,
            np.full(160, 0.3),
            rng.normal(size=(160, NOISE)),
        ]
    )
    rows[::20, 4] = np.nan
    rows[::5, 5] = np.inf
    reviewers, machines = np.full((2, len(NAMES)), 0.15)
    reviewers[:3], machines[:3] = [0.01, 2.0, 1.5], [2.0, 0.01, 1.5]
    reviewers[6] = machines[6] = 0
    boxed = np.where(np.isfinite(rows[:60]), rows[:60], 0)[:, None]
    heads = rng.normal(size=(40, 1, len(NAMES))) * rows.std(axis=0, where=np.isfinite(rows), keepdims=True)
    heads[:, :, 6] = 0.3
    return Structure(
        rows,
        np.where(standard, "standard", "non-standard"),
        {
            "reviewers": Ratings(boxed + reviewers * rng.normal(size=(60, 3, len(NAMES))), FRAMES[:60]),
            "machines": Ratings(heads + machines * rng.normal(size=(40, 5, len(NAMES)))),
        },
    )


def by_name(selection: Selection) -> dict[str, FeatureRecord]:
    return {column.name: column for column in selection.record}


def shuffled(material: Structure, seed: int) -> Structure:
    """Classes dealt anew, patient by patient."""
    of_patient = np.random.default_rng(seed).permutation(material.answers[::2])
    return Structure(material.rows, of_patient[PATIENTS], material.ratings)


@pytest.fixture(scope="module")
def material() -> Structure:
    return structure(seed=1)


@pytest.fixture(scope="module")
def selection(material: Structure) -> Selection:
    return material.select(resamples=20)


def test_each_feature_leaves_for_its_planted_reason(selection: Selection) -> None:
    assert tuple(column.name for column in selection.record) == NAMES
    reasons = {column.name: column.reason for column in selection.record}
    assert {name: reasons[name] for name in REASONS} == REASONS
    noise = [reasons[f"noise {number}"] for number in range(NOISE)]
    assert set(noise) <= {RemovalReason.NOT_CHOSEN, None}
    assert noise.count(None) <= 3


def test_what_is_chosen_is_in_the_order_of_the_columns(selection: Selection) -> None:
    chosen = [name for name in NAMES if by_name(selection)[name].reason is None]
    assert list(selection.names) == chosen
    assert chosen[:2] == ["informative", "with gaps"]


def test_a_redundant_feature_names_its_rival_and_how_they_go_together(
    material: Structure, selection: Selection
) -> None:
    """The copy comes first, but the other agrees better; that which is steadier still in one source has left before."""
    copy = by_name(selection)["copy"]
    assert copy.rival == "informative"
    assert copy.correlation == pytest.approx(np.corrcoef(material.rows[:, 2], material.rows[:, 3])[0, 1], abs=5e-5)
    assert copy.correlation < -0.9
    assert all(column.rival is column.correlation is None for column in selection.record if column.name != "copy")


def test_the_steadier_of_two_copies_stays_whichever_comes_first(material: Structure) -> None:
    order = [NAMES.index(name) for name in ("informative", "copy", "noise 0")]
    for columns in (order, order[::-1]):
        found = fit_selection(
            material.rows[:, columns],
            material.answers,
            [NAMES[column] for column in columns],
            {source: one.take(columns) for source, one in material.ratings.items()},
            frames=FRAMES,
            settings=SelectionSettings(resamples=0),
        )
        assert by_name(found)["copy"].rival == "informative"


def test_the_record_has_each_agreement_with_its_interval(material: Structure, selection: Selection) -> None:
    for source, one in material.ratings.items():
        expected = agreement(one.values)
        for place, column in enumerate(selection.record):
            if column.name == "constant":
                assert column.icc[source] is None
            else:
                three = (expected.icc[place], expected.low[place], expected.high[place])
                assert column.icc[source] == pytest.approx(three, abs=5e-5)
    unstable = by_name(selection)["steadier by machines"].icc
    assert unstable["machines"][0] < 0.75 < unstable["reviewers"][0]


def test_frequencies_are_of_redundancy_and_lasso_on_halves(selection: Selection) -> None:
    found = {column.name: column.frequency for column in selection.record}
    assert [name for name, share in found.items() if share is None] == [
        name
        for name, reason in REASONS.items()
        if reason in {RemovalReason.UNSTABLE, RemovalReason.MISSING, RemovalReason.CONSTANT}
    ]
    assert found["informative"] == found["with gaps"] == 1
    assert found["copy"] == 0
    noise = [found[f"noise {number}"] for number in range(NOISE)]
    assert max(noise) < 1
    assert all(0 <= share * 20 == round(share * 20) for share in noise)


def test_without_resamples_there_are_no_frequencies_and_the_same_choice(
    material: Structure, selection: Selection
) -> None:
    without = material.select(resamples=0)
    assert {column.frequency for column in without.record} == {None}
    assert without.names == selection.names


def test_rows_are_left_as_they_were(material: Structure) -> None:
    before = material.rows.copy()
    material.select()
    np.testing.assert_array_equal(material.rows, before)


def naming_patients() -> tuple[np.ndarray, np.ndarray]:
    """Features that are each patient's own and tell nothing of other patients; eight rows of each."""
    rng = np.random.default_rng(2)
    patients = np.repeat(np.arange(24), 8)
    return rng.normal(size=(24, 15))[patients] + 0.05 * rng.normal(size=(192, 15)), patients


def test_features_that_only_name_the_patient_are_not_chosen() -> None:
    rows, patients = naming_patients()
    names, settings = "abcdefghijklmno", SelectionSettings(sources=(), resamples=0)
    assert len(fit_selection(rows, patients % 2, names, {}, groups=patients, settings=settings).names) <= 1
    assert len(fit_selection(rows, patients % 2, names, {}, settings=settings).names) >= 8


def test_frames_are_the_groups_if_there_are_no_others() -> None:
    rows, patients = naming_patients()
    frames = [f"frame-{patient:02}" for patient in patients]
    names, settings = "abcdefghijklmno", SelectionSettings(sources=(), resamples=2)
    by_frame = fit_selection(rows, patients % 2, names, {}, frames=frames, settings=settings)
    assert by_frame == fit_selection(rows, patients % 2, names, {}, groups=patients, settings=settings)
    assert len(by_frame.names) <= 1


@pytest.mark.parametrize("seed", [4, 6, 9])
def test_frequencies_are_those_counted_by_hand_on_halves_of_the_patients(seed: int) -> None:
    """One seed divides the inner folds that give the penalty and the halves that it is tried on."""
    rng = np.random.default_rng(seed)
    patients = np.arange(120) // 4
    answers = patients % 2
    rows = rng.normal(size=(120, 12)) + 0.5 * answers[:, None] * (np.arange(12) < 4)
    settings = SelectionSettings(sources=(), folds=3, resamples=20, seed=seed)
    found = fit_selection(rows, answers, "abcdefghijkl", {}, groups=patients, settings=settings)
    lasso = LassoSelector(folds=3, random_state=seed).fit(rows, answers, patients)
    at_the_same_penalty = LassoSelector(penalties=tuple(lasso.penalties_), random_state=seed)
    halves = complementary_halves(answers, patients, 10, seed)
    expected = np.mean([at_the_same_penalty.fit(rows[half], answers[half]).get_support() for half in halves], axis=0)
    assert [column.frequency for column in found.record] == expected.tolist()
    assert [column.reason is None for column in found.record] == lasso.get_support().tolist()


def test_shuffled_classes_choose_little(material: Structure) -> None:
    counts = [len(shuffled(material, seed).select().names) for seed in range(10)]
    assert np.mean(counts) <= 1
    assert counts.count(0) >= 6


def test_when_no_feature_tells_the_classes_apart_each_was_not_chosen() -> None:
    rng = np.random.default_rng(3)
    settings = SelectionSettings(sources=(), resamples=2)
    found = fit_selection(rng.normal(size=(80, 3)), np.arange(80) % 2, "abc", {}, settings=settings)
    assert found.names == ()
    assert left_by_reason(found.record)[RemovalReason.NOT_CHOSEN] == 3


def test_nothing_stable_is_an_empty_selection(material: Structure) -> None:
    found = material.select(least_icc=1.01, resamples=20)
    assert found.names == ()
    assert {column.reason for column in found.record} == {
        RemovalReason.UNSTABLE,
        RemovalReason.MISSING,
        RemovalReason.CONSTANT,
    }


def test_a_feature_that_is_constant_on_a_half_is_not_chosen_there() -> None:
    """Only one patient has the finding."""
    rows = np.zeros((40, 1))
    rows[3] = 1
    settings = SelectionSettings(sources=(), resamples=4)
    found = fit_selection(rows, np.arange(40) % 2, ["finding"], {}, settings=settings)
    assert found.record[0].reason is RemovalReason.NOT_CHOSEN
    assert found.record[0].frequency <= 0.5


@pytest.mark.parametrize(
    ("setting", "name", "reason"),
    [
        ({"least_icc": 0.1}, "steadier by reviewers", RemovalReason.REDUNDANT),
        ({"most_missing": 0.01}, "with gaps", RemovalReason.MISSING),
        ({"min_subjects": 41}, "informative", RemovalReason.FEW_SUBJECTS),
        ({"most_correlation": 0.999}, "copy", None),
    ],
)
def test_each_threshold_reaches_its_filter(
    material: Structure, setting: dict[str, float], name: str, reason: RemovalReason | None
) -> None:
    assert by_name(material.select(**setting))[name].reason is reason


def test_the_settings_are_those_of_the_published_pipeline_unless_others_are_given() -> None:
    settings = SelectionSettings()
    assert settings.sources == ("reviewers", "machines")
    assert (settings.least_icc, settings.most_correlation) == (0.75, 0.9)


def test_ratings_of_other_frames_are_a_leak(material: Structure) -> None:
    fold = slice(1, None)
    rows, answers = material.rows[fold], material.answers[fold]
    with raised(LeakError, found="frame-000"):
        fit_selection(rows, answers, NAMES, material.ratings, frames=FRAMES[fold])
    with pytest.raises(LeakError):
        fit_selection(material.rows, material.answers, NAMES, material.ratings, groups=PATIENTS)
    within = {source: one.within(FRAMES[fold]) for source, one in material.ratings.items()}
    settings = SelectionSettings(resamples=0)
    found = fit_selection(rows, answers, NAMES, within, frames=FRAMES[fold], settings=settings)
    assert "informative" in found.names


@pytest.mark.parametrize("names", [NAMES[1:], (*NAMES[1:], NAMES[1])])
def test_each_column_has_a_name_of_its_own(material: Structure, names: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError):
        fit_selection(material.rows, material.answers, names, material.ratings, frames=FRAMES)


def test_both_sources_are_needed(material: Structure) -> None:
    with raised(SettingsError, found="machines"):
        fit_selection(material.rows, material.answers, NAMES, {"machines": material.ratings["machines"]})


def test_an_odd_number_of_resamples_is_refused(material: Structure) -> None:
    with raised(TrainingError, found="3"):
        material.select(resamples=3)


def test_one_class_is_refused(material: Structure) -> None:
    with pytest.raises(ValueError, match="one class"):
        Structure(material.rows, np.full(160, "standard"), material.ratings).select()


def test_a_source_that_is_reported_removes_nothing(material: Structure) -> None:
    gated = material.select()
    reported = material.select(sources=("reviewers",), reported=("machines",))
    by_name = {column.name: column for column in reported.record}
    unstable_by_machines = [
        column.name
        for column in gated.record
        if column.reason is RemovalReason.UNSTABLE and (column.icc["reviewers"] or (0,))[0] >= 0.75
    ]
    assert unstable_by_machines
    assert all(by_name[name].reason is not RemovalReason.UNSTABLE for name in unstable_by_machines)
    assert all("machines" in column.reported and "machines" not in column.icc for column in reported.record)


def test_without_lasso_everything_stable_and_not_redundant_is_chosen(material: Structure) -> None:
    every = material.select(rule=PenaltyRule.NONE)
    assert RemovalReason.NOT_CHOSEN not in {column.reason for column in every.record}
    assert set(material.select().names) < set(every.names)
