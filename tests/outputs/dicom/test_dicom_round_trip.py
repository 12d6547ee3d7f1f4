"""A report gives back the reading that went in."""

from __future__ import annotations

import io
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian
from source_instances import Instance

from nonet.anatomy import Grade, GradeBasis, PlaneLabel, Structure
from nonet.errors import DicomError
from nonet.frame import Spacing, SpacingSource
from nonet.measure.compare import first_centile
from nonet.measure.protocols import PROTOCOLS
from nonet.outputs.dicom import readings_from_report, structured_report
from nonet.reading import (
    Box,
    Criterion,
    Face,
    Finding,
    Grading,
    Measurement,
    NormComparison,
    NormsReference,
    PlaneCriterion,
    PlaneQuality,
    Reading,
    Settings,
)

SHARES = st.floats(0, 1).map(lambda value: round(value, 4))
PIXELS = st.floats(0, 400).map(lambda value: round(value, 2))
MILLIMETRES = st.floats(0.1, 90).map(lambda value: round(value, 2))
WORDS = st.text("abcdefgh :%.(){}\\/'\"1234567890-", min_size=1, max_size=80).filter(lambda text: text == text.strip())
MEASURED = {
    **{structure: tuple(protocol.name for protocol in protocols) for structure, protocols in PROTOCOLS.items()},
    Structure.NASAL_BONE: ("length", "echo"),
}
GRADES = st.sampled_from([Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL])


def without_hash(reading: Reading) -> Reading:
    """What a report can hold of a reading."""
    return replace(reading, source=replace(reading.source, file_sha256=""))


def test_a_real_reading_comes_back(any_instance: Instance) -> None:
    report = structured_report(any_instance.readings, any_instance.header)
    back = readings_from_report(report)
    assert back == tuple(map(without_hash, any_instance.readings))
    assert [one.to_json() for one in back] == [without_hash(one).to_json() for one in any_instance.readings]


@st.composite
def measurements(draw: st.DrawFn, name: str, unit: str) -> Measurement:
    if draw(st.booleans()):
        return Measurement(name, None, unit, reason=draw(WORDS))
    value = draw(MILLIMETRES)
    if name in ("box_width", "box_height", "echo"):
        return Measurement(name, value, unit)
    low, high = draw(MILLIMETRES), draw(MILLIMETRES)
    place = (draw(PIXELS), draw(PIXELS)), (draw(PIXELS), draw(PIXELS))
    norms = tuple(draw(st.lists(comparisons(), max_size=2)))
    ends = round(value - low, 2), round(value + high, 2)
    return Measurement(name, value, unit, first_centile(norms), None, *ends, place, norms)


def comparisons() -> st.SearchStrategy[NormComparison]:
    bounds: st.SearchStrategy[Literal["below", "above"]] = st.sampled_from(["below", "above"])
    return st.builds(
        NormComparison,
        WORDS,
        WORDS,
        WORDS,
        st.none() | SHARES,
        st.none() | st.floats(-4, 4).map(lambda value: round(value, 2)),
        st.none() | bounds,
        st.none() | MILLIMETRES,
        st.sampled_from(list(Grade)),
        st.none() | WORDS,
    )


@st.composite
def gradings(draw: st.DrawFn) -> Grading:
    if draw(st.booleans()):
        return Grading(Grade.NOT_ASSESSED, reason=draw(WORDS))
    return Grading(
        draw(st.sampled_from(list(Grade))),
        draw(st.dictionaries(GRADES, SHARES, min_size=1)),
        tuple(draw(st.lists(GRADES, unique=True))),
        draw(st.none() | WORDS),
        basis=draw(st.sampled_from(list(GradeBasis))),
        disagrees_with=tuple(draw(st.lists(WORDS, max_size=2))),
    )


@st.composite
def findings(draw: st.DrawFn, structure: Structure, unit: str) -> Finding:
    visible = draw(st.booleans())
    x, y = draw(PIXELS), draw(PIXELS)
    box = Box(x, y, round(x + draw(MILLIMETRES), 2), round(y + draw(MILLIMETRES), 2))
    measured = [draw(measurements(name, "mm")) for name in ("box_width", "box_height")]
    measured += [
        draw(measurements(name, "ratio to skin" if name == "echo" else unit)) for name in MEASURED.get(structure, ())
    ]
    return Finding(
        structure,
        visible,
        draw(SHARES),
        draw(SHARES),
        box if visible else None,
        tuple(measured) if visible else (),
        draw(gradings()),
        draw(st.none() | SHARES),
        draw(st.none() | st.tuples(PIXELS, PIXELS, PIXELS, PIXELS)) if visible else None,
    )


@st.composite
def planes(draw: st.DrawFn) -> PlaneQuality:
    some = st.lists(st.sampled_from(list(Structure)), unique=True).map(tuple)
    criteria = [
        PlaneCriterion(one, draw(st.none() | st.booleans()), draw(st.none() | SHARES), draw(st.none() | SHARES), words)
        for one, words in zip(Criterion, draw(st.lists(WORDS, min_size=5, max_size=5)), strict=True)
    ]
    return PlaneQuality(
        draw(st.none() | SHARES),
        draw(st.none() | WORDS),
        draw(st.none() | st.sampled_from(list(PlaneLabel))),
        draw(st.none() | st.lists(st.sampled_from(["standard", "non-standard"]), unique=True).map(tuple)),
        draw(some),
        draw(some),
        tuple(criteria),
        as_far_out=draw(st.none() | SHARES),
    )


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_reading_comes_back(still: Instance, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(["mm", "head units"]))
    size = st.floats(0.001, 2)
    reading = replace(
        still.readings[0],
        spacing=data.draw(
            st.none() | st.builds(Spacing, size, size, st.sampled_from(list(SpacingSource)), st.none() | SHARES)
        ),
        plane_quality=data.draw(planes()),
        findings=tuple(data.draw(findings(structure, unit)) for structure in Structure),
        warnings=tuple(data.draw(st.lists(WORDS, max_size=3))),
        face=data.draw(st.none() | st.sampled_from(list(Face))),
        settings=replace(
            data.draw(st.builds(Settings, st.none() | st.tuples(size, size), st.booleans(), st.booleans())),
            crl_mm=data.draw(st.none() | MILLIMETRES),
            ga_days=data.draw(st.none() | MILLIMETRES),
            norms=data.draw(
                st.none() | st.just(NormsReference("own norms", "0" * 64, Path("/where/a/site/keeps/them")))
            ),
        ),
    )
    assert readings_from_report(structured_report([reading], still.header)) == (without_hash(reading),)


def test_influences_do_not_come_back_and_letters_are_spelt(still: Instance) -> None:
    reading = replace(still.readings[0], warnings=("größer als 2 mm",))
    (back,) = readings_from_report(structured_report([reading], still.header))
    assert back.warnings == ("gr\\xf6\\xdfer als 2 mm",)


def test_another_document_is_refused(still: Instance) -> None:
    report = structured_report(still.readings, still.header)
    changed = deepcopy(report)
    changed.ContentSequence = changed.ContentSequence[:-1]
    with pytest.raises(DicomError):
        readings_from_report(changed)
    with pytest.raises(DicomError):
        readings_from_report(still.header)


def test_a_report_sent_in_another_transfer_syntax_comes_back(cine: Instance) -> None:
    """As a peer that takes Implicit VR Little Endian alone would get it."""
    encoded = io.BytesIO()
    report = structured_report(cine.readings, cine.header)
    report.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    report.save_as(encoded, implicit_vr=True, little_endian=True)
    back = readings_from_report(dcmread(io.BytesIO(encoded.getvalue())))
    assert back == tuple(map(without_hash, cine.readings))
