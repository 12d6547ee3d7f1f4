"""What the page shows is what the figures and the predictions say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from html_reading import Reader, before, rows, section
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score, roc_curve

from nonet.evaluate.grading import read_rows
from nonet.study.figures import KEYS, pooled
from nonet.study.report.calibration_plot import reliability
from nonet.study.report.roc import roc

if TYPE_CHECKING:
    from conftest import Made

KINDS = {"tab_transformer": "TabTransformer", "logistic_regression": "logistic regression", "boosting": "boosting"}


def cell_of(figures: dict[str, Any], scheme: str, arm: str, kind: str) -> dict[str, Any]:
    return next(one for one in figures["cells"] if (one["scheme"], one["arm"], one["kind"]) == (scheme, arm, kind))


def best_of(figures: dict[str, Any], scheme: str) -> dict[str, Any]:
    return cell_of(figures, scheme, figures["best"]["arm"], figures["best"]["kind"])


def shown(one: dict[str, float]) -> str:
    return f"{one['value']:.3f} {one['low']:.3f}–{one['high']:.3f}"


def test_the_top_shows_the_best_grader_and_what_made_the_figures(made: Made) -> None:
    words = before(made.page, "<main>")
    auc = best_of(made.figures, "internal")["auc"]
    assert f"{auc['value']:.3f} ({auc['low']:.3f}–{auc['high']:.3f})" in words
    assert made.figures["best"]["arm"] in words
    assert KINDS[made.figures["best"]["kind"]] in words
    for said in ("research use. Not a diagnosis", made.figures["plan_sha256"], made.figures["bundle"]["sha256"]):
        assert said in words
    assert f"Runs of this folder that were started {made.figures['runs']}" in words


def test_every_grader_has_its_row_in_the_comparison(of_frames: Made) -> None:
    figures = of_frames.figures
    reported = [row for row in rows(section(of_frames.page, "comparison").split("<details")[0]) if len(row) > 10]
    cells = [(arm, kind) for arm in ("radiomics", "deep", "fusion") for kind in KINDS]
    cells += [(name, "logistic_regression") for name in ("nine scores", "layout alone", "zoom alone")]
    for (arm, kind), row in zip(cells, reported[1:], strict=True):
        best = [arm, kind] == list(figures["best"].values())
        assert f"{KINDS[kind]} best" in row if best else KINDS[kind] in row
        assert (arm == row[0]) == (kind == "tab_transformer" or (arm, kind) in cells[9:])
        wanted = [
            cell_of(figures, scheme, arm, kind)[measure]
            for scheme in ("internal", "without GE", "without Philips", "external", "all")
            for measure in ("auc", "accuracy", "sensitivity", "specificity")[: 4 if "ternal" in scheme else 1]
        ]
        assert row[-len(wanted) :] == [shown(one) for one in wanted]


def test_figures_of_training_rows_are_called_that(made: Made) -> None:
    words = Reader(section(made.page, "comparison")).text
    assert "training rows" in words
    assert "no sign of how good it is" in words


def test_differences_are_reported_whichever_way_they_fall(of_frames: Made) -> None:
    reported = rows(section(of_frames.page, "differences"))
    every = [one for family in of_frames.figures["differences"].values() for one in family]
    tested = [
        scheme for scheme in dict.fromkeys(one["scheme"] for one in of_frames.figures["cells"]) if scheme != "all"
    ]
    assert len(every) == (9 + 9 + 27) * len(tested)
    assert {one["scheme"] for one in every} == set(tested)
    for one in every:
        against = f"{one['against'][0]}, {KINDS[one['against'][1]]}"
        grader = f"{one['cell'][0]}, {KINDS[one['cell'][1]]}"
        (row,) = [row for row in reported if row[:3] == [grader, against, one["scheme"]]]
        assert float(row[3].replace("−", "-")) == pytest.approx(one["auc"]["value"], abs=6e-4)
        assert row[-1] == ("< 0.001" if one["p_holm"] < 0.001 else f"{one['p_holm']:.3f}")


def test_too_many_comparisons_for_the_resamples_are_admitted(of_frames: Made) -> None:
    assert "read the intervals" in Reader(section(of_frames.page, "differences")).text


def test_the_flow_counts_images_answers_and_divisions(made: Made) -> None:
    flow = made.figures["flow"]
    words = Reader(section(made.page, "flow")).text
    assert f"{flow['images']} images" in words
    assert "2 left out" in words
    for name, count in flow["answers"].items():
        assert f"{count} {name}" in words
    for one in flow["divisions"]:
        if one["scheme"] != "all":
            assert f"{one['division']}: {one['train']} for training, {one['test']} for testing" in words


def test_confusions_are_those_of_the_figures(made: Made) -> None:
    reported = rows(section(made.page, "confusion"))
    for answer, said in best_of(made.figures, "internal")["confusion"].items():
        total = sum(said.values())
        assert [answer, *(f"{count} {100 * count / total:.1f} %" for count in said.values())] in reported


def test_conformal_sets_are_those_of_the_figures(made: Made) -> None:
    conformal = best_of(made.figures, "internal")["conformal"]
    wanted = [shown(one) for one in conformal["coverage"].values()]
    wanted += [shown(conformal[name]) for name in ("mean_size", "singletons", "empty")]
    assert ["internal", *wanted] in rows(section(made.page, "sets"))


def test_the_forest_has_devices_centres_and_layouts(made: Made) -> None:
    words = Reader(section(made.page, "parts")).text
    best = best_of(made.figures, "internal")
    for part in ("devices", "centres"):
        for name, figures in best[part].items():
            if set(best[part]) - {"unknown"}:
                assert name in words
                assert f"{figures['auc']['value']:.3f}" in words
    assert f"{best['within_layout_auc']['value']:.3f}" in words


def test_a_structure_with_few_rows_has_no_figures(of_structures: Made) -> None:
    reported = rows(section(of_structures.page, "structures"))
    found = best_of(of_structures.figures, "internal")["structures"]
    assert any("note" in one for one in found.values())
    for name, one in found.items():
        row, elsewhere = [row for row in reported if name in row[0]]
        assert row[1:4] == [str(one["counts"][each]) for each in of_structures.figures["classes"]]
        assert row[4] == ("n too small" if "note" in one else shown(one["auc"]))
        assert ("(!)" in row[0]) == ("caution" in one)
        others = [
            best_of(of_structures.figures, scheme)["structures"][name] for scheme in ("without north", "without south")
        ]
        assert elsewhere[1:] == ["n too small" if "note" in one else shown(one["auc"]) for one in others]


def test_stability_is_summed_from_the_figures(made: Made) -> None:
    stable = made.figures["selection"]["stable"]
    words = Reader(section(made.page, "stability")).text
    share = 100 * sum(one["stable"]["devices"] for one in stable) / sum(one["features"] for one in stable)
    assert f"Stable across devices: {share:.1f} %" in words
    assert "is not reached" in words
    surely = 100 * sum(one["stable_by_lower_bound"] for one in stable) / sum(one["features"] for one in stable)
    assert f"By the lower end of its interval, {surely:.1f} %" in words
    own = [one for one in stable if one["structure"] == "midbrain" and one["part"] == "radiomics"]
    total = sum(one["features"] for one in own)
    shares = [f"{100 * sum(one['stable'][name] for one in own) / total:.1f} %" for name in own[0]["stable"]]
    row = next(row for row in rows(section(made.page, "stability")) if "midbrain" in row[0])
    assert sorted(row[2 : 2 + len(shares)]) == sorted(shares)


def test_what_left_is_counted_by_reason(made: Made) -> None:
    reported = [row for row in rows(section(made.page, "stability")) if "palate" in row[0]][1]
    left = [one for one in made.figures["selection"]["left"] if one["structure"] == "palate"]
    assert sum(int(each.replace(",", "")) for each in reported[1:]) == sum(one["features"] for one in left)


def test_chosen_features_of_the_best_arm_are_all_there(made: Made) -> None:
    chosen = made.figures["selection"]["chosen"][made.figures["best"]["arm"]]
    source = section(made.page, "chosen")
    first = [row for row in rows(source.split("<details")[0]) if "_" in row[1]]
    assert len(first) == 40
    assert len([row for row in rows(source) if "_" in row[1]]) == len(chosen)
    assert [row[1] for row in first] == [one["feature"] for one in chosen[:40]]


def test_the_rows_furthest_off_are_those_of_the_predictions(made: Made) -> None:
    best = made.figures["best"]
    reported = pooled(read_rows(made.folder / "predictions.csv", made.figures["positive"], KEYS))
    graded = reported["internal", best["arm"], best["kind"]]
    given = graded.probabilities[np.arange(len(graded)), graded.labels]
    wrong = np.flatnonzero(graded.probabilities.argmax(axis=1) != graded.labels)
    least = sorted(given[wrong].tolist())[:20]
    shown_rows = rows(section(made.page, "wrong"))[1:]
    assert [float(row[-2]) for row in shown_rows] == pytest.approx(least, abs=6e-5)
    images = set(graded.words["image"][wrong].tolist())
    assert {row[0] for row in shown_rows} <= images


def test_every_model_shows_its_setting(made: Made) -> None:
    reported = rows(section(made.page, "settings"))[1:]
    assert len(reported) == len(made.figures["models"])
    assert reported[0][2:] == ["17", "0.4321", "C 0.1235"]


def test_roc_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(300) < 0.3
    scores = np.round(truth * 0.3 + rng.random(300), 1)
    wrong, right = roc(scores, truth)
    known_wrong, known_right, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert wrong == pytest.approx(known_wrong)
    assert right == pytest.approx(known_right)
    assert np.trapezoid(right, wrong) == pytest.approx(roc_auc_score(truth, scores))


def test_reliability_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random(500)
    truth = rng.random(500) < scores
    bins = reliability(scores, truth)
    found, reported = calibration_curve(truth, scores, n_bins=10, strategy="quantile")
    assert bins.found == pytest.approx(found)
    assert bins.values == pytest.approx(reported)
    assert (bins.low < bins.found).all()
    assert (bins.high > bins.found).all()


def test_wilsons_interval_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random(200)
    bins = reliability(scores, rng.random(200) < scores)
    for found, low, high in zip(bins.found, bins.low, bins.high, strict=True):
        known = binomtest(round(20 * found), 20).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((known.low, known.high), abs=1e-6)
