"""Each criterion of a plane fails where it should, says so in words, and holds its tongue where no head is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.detect.located import Located
from nonet.detect.shape_prior import ShapePrior
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.frames.picture_changes import blurred, cut_off, on_black, zoomed
from nonet.grade.plane_criteria import CriterionLimits, criterion_limits, plane_criteria
from nonet.grade.plane_measures import edge_margins, magnification, sharpness
from nonet.reading import Box, Criterion, PlaneCriterion
from nonet.simulate import EXAMPLE_SEEDS, simulate

LIMITS = CriterionLimits(8, 0.3, 0.1, -1.0, 0.05, 100, "frames of a test")


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Bundle())


@pytest.fixture(scope="module")
def prior(detector: Detector) -> ShapePrior:
    assert detector.shape_prior is not None
    return detector.shape_prior


@pytest.fixture(scope="module")
def head() -> np.ndarray:
    return np.asarray(simulate(EXAMPLE_SEEDS[50]).pixels)


def located(detector: Detector, pixels: np.ndarray) -> Located:
    return detector.locate(hide_overlay(Frame(np.ascontiguousarray(pixels), Source("PNG", "0" * 64))))


def held(
    found: Located, prior: ShapePrior | None, limits: CriterionLimits = LIMITS, **more: object
) -> dict[Criterion, PlaneCriterion]:
    given = {"visible": STRUCTURES, "outliers": (), **more}
    return {one.criterion: one for one in plane_criteria(found, prior=prior, limits=limits, **given)}  # type: ignore[arg-type]


def test_magnification_is_of_the_frame_and_not_of_its_pixels(
    detector: Detector, prior: ShapePrior, head: np.ndarray
) -> None:
    own = magnification(located(detector, head), prior)
    assert 0.15 < own < 0.8
    assert magnification(located(detector, on_black(head, 0.7)), prior) == pytest.approx(0.7 * own, rel=0.1)
    assert magnification(located(detector, zoomed(head, 0.7)), prior) == pytest.approx(own, rel=0.05)


def test_a_blurred_picture_is_less_sharp_and_a_noisy_one_sharper(detector: Detector, head: np.ndarray) -> None:
    noise = np.random.default_rng(0).normal(0, 12, head.shape)
    noisy = np.where(head > 0, np.clip(head + noise, 1, 255), 0).astype(np.uint8)
    values = [sharpness(located(detector, each)) for each in (blurred(head, 2), blurred(head, 1), head, noisy)]
    assert all(value is not None for value in values)
    assert values == sorted(values, key=lambda value: value or 0.0)
    assert len(set(values)) == 4


def test_a_structure_that_the_picture_cuts_off_is_named(
    detector: Detector, prior: ShapePrior, head: np.ndarray
) -> None:
    found = located(detector, head)
    nape = found.detections[STRUCTURES.index(Structure.NUCHAL_TRANSLUCENCY)].box
    whole, cut = edge_margins(found, prior), edge_margins(located(detector, cut_off(head, nape)), prior)
    assert min(whole.values()) > 0.3
    assert cut[Structure.NUCHAL_TRANSLUCENCY] < 0.3
    margins = held(located(detector, cut_off(head, nape)), prior, replace(LIMITS, margin=0.3))[Criterion.EDGES]
    assert margins.met is False
    assert "nuchal translucency" in margins.words


def test_a_head_that_meets_all_meets_all_and_a_stricter_limit_fails_one(
    detector: Detector, prior: ShapePrior, head: np.ndarray
) -> None:
    found = located(detector, head)
    easy = CriterionLimits(9, 0.05, 0.0, -5.0, 0.05, 100, "frames of a test")
    criteria = held(found, prior, easy)
    assert list(criteria) == list(Criterion)
    assert all(one.met is True for one in criteria.values())
    for name, limits in {
        Criterion.MAGNIFICATION: replace(easy, magnification=0.99),
        Criterion.EDGES: replace(easy, margin=9.0),
        Criterion.SHARPNESS: replace(easy, sharpness=5.0),
    }.items():
        stricter = held(found, prior, limits)
        assert [each for each, one in stricter.items() if one.met is False] == [name]
    assert "FMF" in held(found, prior, replace(easy, magnification=0.99))[Criterion.MAGNIFICATION].words


def test_what_is_not_seen_or_out_of_place_is_named(detector: Detector, prior: ShapePrior, head: np.ndarray) -> None:
    found = located(detector, head)
    some = [each for each in STRUCTURES if each not in (Structure.NASAL_TIP, Structure.NASAL_SKIN)]
    criteria = held(found, prior, visible=some, outliers=(Structure.PALATE,))
    assert criteria[Criterion.STRUCTURES_SEEN].met is False
    assert criteria[Criterion.STRUCTURES_SEEN].words == "7 of 9 structures seen; not seen: nasal tip, nasal skin"
    assert criteria[Criterion.IN_PLACE].met is False
    assert criteria[Criterion.IN_PLACE].words == "out of place: palate"


def test_without_a_head_nothing_is_said_of_the_picture(detector: Detector, prior: ShapePrior) -> None:
    noise = np.random.default_rng(0).integers(0, 90, (480, 640), dtype=np.uint8)
    found = located(detector, noise)
    for criteria in (held(found, prior, visible=()), held(found, None, visible=())):
        assert criteria[Criterion.STRUCTURES_SEEN].met is False
        assert criteria[Criterion.IN_PLACE].met is None
        assert [criteria[each].met for each in (Criterion.MAGNIFICATION, Criterion.EDGES, Criterion.SHARPNESS)] == [
            None
        ] * 3
        assert criteria[Criterion.SHARPNESS].value is None


def test_too_little_tissue_has_no_sharpness(detector: Detector, head: np.ndarray) -> None:
    dark = replace(located(detector, head), frame=hide_overlay(Frame(head // 60, Source("PNG", "0" * 64))))
    assert sharpness(dark) is None


def test_the_limits_say_what_they_are_from() -> None:
    limits = criterion_limits()
    assert limits.frames > 700
    assert "Set1" in limits.source
    assert 0 < limits.share < 0.2
    assert 5 <= limits.structures_seen <= 9


def test_a_cut_ends_the_picture_in_the_middle_of_the_box() -> None:
    pixels = np.arange(60 * 80, dtype=np.uint32).astype(np.uint8).reshape(60, 80)
    assert np.array_equal(cut_off(pixels, Box(60, 20, 76, 40)), pixels[:, :68])
    assert np.array_equal(cut_off(pixels, Box(4, 20, 20, 40)), pixels[:, 12:])
    assert np.array_equal(cut_off(pixels, Box(30, 2, 50, 10)), pixels[6:])
    assert np.array_equal(cut_off(pixels, Box(30, 48, 50, 56)), pixels[:52])
