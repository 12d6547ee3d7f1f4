"""The reading: boxes that cannot be wrong, and a document that comes back as it went out."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.errors import NonetError, RegionError
from nonet.frame import Source, Spacing, SpacingSource
from nonet.reading import (
    SCHEMA,
    Box,
    BundleReference,
    Finding,
    Grading,
    ImageSize,
    Measurement,
    PlaneQuality,
    Reading,
    Settings,
)

edges = st.floats(0, 1000, allow_nan=False)


def reading() -> Reading:
    ungraded = Grading(Grade.NOT_ASSESSED, reason="not assessed: a test")
    seen = Finding(
        Structure.THALAMI, True, 0.9, 0.3, Box(1.25, 2, 30.5, 40), (Measurement("box_width", 2.9, "mm"),), ungraded
    )
    rest = tuple(Finding(structure, False, 0.1, 0.3, None, (), ungraded) for structure in STRUCTURES[1:])
    return Reading(
        schema=SCHEMA,
        source=Source("DICOM", "ab" * 32, 2, 5, "1.2", "1.2.3"),
        image=ImageSize(640, 480, "cd" * 32),
        spacing=Spacing(0.1, 0.1, SpacingSource.US_REGION),
        plane_quality=PlaneQuality(None, "not assessed"),
        findings=(seen, *rest),
        bundle=BundleReference("b", "1", "ef" * 32),
        settings=Settings((0.1, 0.1)),
        warnings=("one",),
    )


@given(edges, edges, edges, edges)
def test_a_box_is_the_right_way_round_or_is_not_made(x1: float, y1: float, x2: float, y2: float) -> None:
    if x1 < x2 and y1 < y2:
        assert Box(x1, y1, x2, y2).xyxy == (x1, y1, x2, y2)
    else:
        with pytest.raises(RegionError):
            Box(x1, y1, x2, y2)


def test_a_box_of_nan_is_refused() -> None:
    with pytest.raises(RegionError):
        Box(float("nan"), 0, 1, 1)


def test_iou_of_half_overlapping_boxes() -> None:
    assert Box(0, 0, 2, 1).iou(Box(1, 0, 3, 1)) == pytest.approx(1 / 3)


def test_iou_of_boxes_apart_is_zero() -> None:
    assert Box(0, 0, 1, 1).iou(Box(5, 5, 6, 6)) == 0


def test_json_comes_back_as_the_same_reading_and_the_same_bytes() -> None:
    text = reading().to_json()
    assert Reading.from_json(text) == reading()
    assert Reading.from_json(text).to_json() == text


def test_the_document_follows_its_published_schema() -> None:
    jsonschema.Draft202012Validator(Reading.json_schema()).validate(json.loads(reading().to_json()))


def test_the_schema_refuses_a_document_without_findings() -> None:
    document = json.loads(reading().to_json())
    del document["findings"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(Reading.json_schema()).validate(document)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "another"}', "not json"])
def test_a_text_that_is_no_reading_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(NonetError):
        Reading.from_json(text)


def test_a_structure_is_found_by_name() -> None:
    assert reading().finding(Structure.NASAL_BONE).visible is False


def test_a_reading_of_schema_1_says_what_to_do() -> None:
    older = reading().to_json().replace(SCHEMA, "urn:nonet:schema:reading:1")
    with pytest.raises(NonetError) as caught:
        Reading.from_json(older)
    assert caught.value.found == "a reading of schema 1"
    assert len(str(caught.value).splitlines()) == 1


def test_a_document_is_json_values_without_name_and_path() -> None:
    values = reading().to_dict()
    assert json.loads(reading().to_json()) == values
    assert {"name", "path"}.isdisjoint(values)
    assert {"path", "study_instance_uid", "series_instance_uid"}.isdisjoint(values["source"])
