"""A stored selection comes back as it was, does the arithmetic of its numbers, and trusts no document."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nonet.errors import BundleError
from nonet.select import FeatureRecord, RemovalReason, Selection

if TYPE_CHECKING:
    from collections.abc import Callable

SELECTION = Selection(
    names=("glcm_contrast", "ngtdm_busyness"),
    medians=(4.0, 0.5),
    means=(5.0, 0.25),
    scales=(2.0, 0.125),
    record=(
        FeatureRecord(
            "glcm_contrast", None, {"machines": (0.9, 0.8, 0.95), "reviewers": (0.8, 0.7, 0.9)}, frequency=0.75
        ),
        FeatureRecord(
            "firstorder_mean", RemovalReason.REDUNDANT, {"machines": (0.8, 0.6, 0.9)}, "glcm_contrast", -0.93, 0.0
        ),
        FeatureRecord("shape_volume", RemovalReason.CONSTANT, {"machines": None}),
        FeatureRecord("ngtdm_busyness", None),
    ),
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
PROBLEMS = {
    "another format": lambda it: it.update(format=2),
    "no names": lambda it: it.pop("names"),
    "names that are no list": lambda it: it.update(names="glcm_contrast"),
    "a number that is a word": lambda it: it["means"].__setitem__(0, "five"),
    "fewer medians than names": lambda it: it["medians"].pop(),
    "more means than names": lambda it: it["means"].append(1.0),
    "fewer scales than names": lambda it: it["scales"].pop(),
    "a chosen name that the record lacks": lambda it: it["record"].pop(0),
    "a recorded choice without numbers": lambda it: it["record"][1].update(reason=None),
    "a name in place of another": lambda it: it["names"].__setitem__(1, "glcm_contrast"),
    "a name chosen twice": lambda it: [it[part].append(it[part][0]) for part in list(it)[:4]],
    "a feature recorded twice": lambda it: it["record"].append(it["record"][2]),
    "a reason that there is not": lambda it: it["record"][2].update(reason="bored"),
    "an interval of two numbers": lambda it: it["record"][0]["icc"]["machines"].pop(),
    "a scale of 0": lambda it: it["scales"].__setitem__(0, 0.0),
    "a scale below 0": lambda it: it["scales"].__setitem__(1, -1.0),
    "an infinite scale": lambda it: it["scales"].__setitem__(1, math.inf),
    "a mean that is no number": lambda it: it["means"].__setitem__(0, math.nan),
    "an infinite median": lambda it: it["medians"].__setitem__(0, -math.inf),
    "a frequency that is no number": lambda it: it["record"][0].update(frequency=math.nan),
    "an infinite correlation": lambda it: it["record"][1].update(correlation=math.inf),
    "an agreement that is no number": lambda it: it["record"][0]["icc"]["machines"].__setitem__(1, math.nan),
}


@st.composite
def columns(draw: st.DrawFn) -> FeatureRecord:
    interval = st.none() | st.tuples(FINITE, FINITE, FINITE)
    return FeatureRecord(
        draw(WORDS),
        draw(st.none() | st.sampled_from(RemovalReason)),
        draw(st.dictionaries(WORDS, interval, max_size=2)),
        draw(st.none() | WORDS),
        draw(st.none() | FINITE),
        draw(st.none() | FINITE),
    )


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    """Any that a document may hold."""
    record = tuple(draw(st.lists(columns(), max_size=6, unique_by=lambda column: column.name)))
    names = tuple(column.name for column in record if column.reason is None)

    def one_each(number: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(draw(st.lists(number, min_size=len(names), max_size=len(names))))

    return Selection(names, one_each(FINITE), one_each(FINITE), one_each(FINITE.filter(lambda x: x > 0)), record)


def document(change: Callable[[dict[str, object]], object]) -> bytes:
    """The document of a good selection with one thing changed."""
    parts = json.loads(SELECTION.to_json())
    change(parts)
    return json.dumps(parts).encode()


@settings(max_examples=60, deadline=None)
@given(selections())
def test_a_selection_comes_back_from_its_document(selection: Selection) -> None:
    text = selection.to_json()
    assert Selection.from_json(text.encode()) == selection
    assert Selection.from_json(text.encode()).to_json() == text
    assert text.count("\n") == 1


def test_the_document_can_be_read_without_nonet() -> None:
    parts = json.loads(SELECTION.to_json())
    assert list(parts) == ["names", "medians", "means", "scales", "record", "format"]
    assert (parts["format"], parts["scales"]) == (1, [2.0, 0.125])
    assert parts["record"][1] == {
        "name": "firstorder_mean",
        "reason": "redundant",
        "icc": {"machines": [0.8, 0.6, 0.9]},
        "rival": "glcm_contrast",
        "correlation": -0.93,
        "frequency": 0.0,
    }


def test_columns_are_found_by_name_and_gaps_stay() -> None:
    values = np.array([[1, 2, 3], [np.nan, 5, -np.inf], [2e100, 8, -1e100]])
    chosen = SELECTION.choose(("ngtdm_busyness", "other", "glcm_contrast"), values)
    np.testing.assert_array_equal(chosen, [[3, 1], [np.nan, np.nan], [-1e100, np.nan]])
    assert chosen.dtype == np.float64


def test_transform_fills_gaps_and_standardises() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(5, 2, size=(40, 2))
    values[3, 0], values[4, 0], values[5, 1], values[6, 1] = np.nan, np.inf, -np.inf, 1e101
    found = SELECTION.transform(SELECTION.names, values)
    for row in range(40):
        for place, value in enumerate(values[row]):
            known = value if row not in ({3, 4}, {5, 6})[place] else SELECTION.medians[place]
            expected = (known - SELECTION.means[place]) / SELECTION.scales[place]
            assert found[row, place] == pytest.approx(min(max(expected, -10), 10))
    assert np.abs(found).max() == 10


def test_single_precision_is_standardised_in_double() -> None:
    values = np.array([[7, 0.5], [3, 0.125]], np.float32)
    assert SELECTION.transform(SELECTION.names, values).tolist() == [[1, 2], [-1, -1]]


@settings(max_examples=60, deadline=None)
@given(selections(), st.data())
def test_whatever_the_values_the_result_is_finite_and_bounded(selection: Selection, data: st.DataObject) -> None:
    values = data.draw(arrays.arrays(np.float64, (3, len(selection.names)), elements=st.floats()))
    found = selection.transform(selection.names, values)
    assert found.shape == values.shape
    assert (np.abs(found) <= 10).all()


def test_values_are_left_as_they_were() -> None:
    values = np.array([[np.inf, 1.0]])
    SELECTION.transform(SELECTION.names, values)
    assert values.tolist() == [[np.inf, 1.0]]


def test_a_table_without_a_chosen_feature_is_refused() -> None:
    with pytest.raises(BundleError, match="Found: no ngtdm_busyness"):
        SELECTION.transform(("glcm_contrast",), np.zeros((1, 1)))
    many = Selection(tuple("abcde"), (0.0,) * 5, (0.0,) * 5, (1.0,) * 5, ())
    with pytest.raises(BundleError, match="no a, b, c and 2 more"):
        many.choose((), np.zeros((1, 0)))


def test_the_unchanged_document_is_accepted() -> None:
    assert Selection.from_json(document(lambda it: None)) == SELECTION


@pytest.mark.parametrize("change", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_a_document_whose_parts_are_wrong_is_refused(change: Callable[[dict[str, object]], object]) -> None:
    with pytest.raises(BundleError, match="format 1"):
        Selection.from_json(document(change))


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"names": ["\\ud800"]}'])
def test_what_is_no_document_is_refused(text: bytes) -> None:
    with pytest.raises(BundleError, match="format 1"):
        Selection.from_json(text)


@pytest.mark.parametrize("number", [b"1e999", b"9" * 5_000])
def test_a_number_beyond_double_precision_is_refused(number: bytes) -> None:
    with pytest.raises(BundleError, match="format 1"):
        Selection.from_json(document(lambda it: None).replace(b"[4.0, 0.5]", b"[" + number + b", 0.5]"))


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2_000))
def test_a_damaged_document_is_refused_or_still_a_selection(damage: bytes, place: int) -> None:
    text = document(lambda it: None)
    place %= len(text)
    try:
        found = Selection.from_json(text[:place] + damage + text[place + len(damage) :])
    except BundleError:
        return
    assert Selection.from_json(found.to_json().encode()) == found
    assert np.isfinite(found.transform(found.names, np.ones((1, len(found.names))))).all()


def test_a_document_too_large_is_refused_before_it_is_read() -> None:
    text = document(lambda it: None)
    with pytest.raises(BundleError, match="bytes, more than"):
        Selection.from_json(text + b" " * (64 << 20))


def test_a_stored_selection_is_applied_without_heavy_libraries() -> None:
    program = (
        "import sys, numpy; from nonet.select.stored import Selection;"
        "selection = Selection.from_json(sys.stdin.buffer.read());"
        "print(selection.transform(selection.names, numpy.array([[7, 0.5]])).tolist());"
        "print(sorted({'sklearn', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=SELECTION.to_json().encode(), capture_output=True, check=True, timeout=60
    )
    assert ran.stdout.decode().split("\n")[:2] == ["[[1.0, 2.0]]", "[]"]
