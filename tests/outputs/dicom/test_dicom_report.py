"""The report: its template row by row, its head, and what it says of the patient."""

from __future__ import annotations

import io
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from source_instances import Instance, needs

from nonet.anatomy import CODES, Structure
from nonet.errors import DicomError
from nonet.outputs.dicom import codes, structured_report
from nonet.outputs.dicom.source import NO_DATE, content_date
from nonet.reading import BundleReference, Reading

Row = tuple[str, str, str]
"""Relationship, value type, value of the concept name."""


def row(item: Dataset) -> Row:
    return str(item.RelationshipType), str(item.ValueType), str(item.ConceptNameCodeSequence[0].CodeValue)


def rows(item: Dataset) -> list[Row]:
    return [row(child) for child in item.ContentSequence]


def groups(report: Dataset) -> list[Dataset]:
    return list(report.ContentSequence[-1].ContentSequence)


def group_of(report: Dataset, structure: Structure) -> Dataset:
    wanted = CODES[structure].value
    return next(one for one in groups(report) if wanted in (value(child) for child in one.ContentSequence))


def value(item: Dataset) -> str:
    return str(item.ConceptCodeSequence[0].CodeValue) if "ConceptCodeSequence" in item else ""


def unseen(reading: Reading, *structures: Structure) -> Reading:
    """The reading as if structures had not been seen."""
    findings = tuple(
        replace(one, visible=False, box=None, measurements=(), edge_bands_px=None)
        if one.structure in structures
        else one
        for one in reading.findings
    )
    return replace(reading, findings=findings)


@pytest.fixture(scope="module")
def report(still: Instance) -> Dataset:
    return structured_report([unseen(still.readings[0], Structure.NASAL_TIP)], still.header)


def test_tid_1500(report: Dataset) -> None:
    """PS3.16, TID 1500: rows 1 to 6 in their order, with TID 1204, 1001, 1002, 1004, 1006 and 1008 inside."""
    assert report.SOPClassUID == pydicom.uid.ComprehensiveSRStorage
    assert (report.ValueType, report.ConceptNameCodeSequence[0].CodeValue) == ("CONTAINER", "126000")
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert rows(report) == [
        ("HAS CONCEPT MOD", "CODE", "121049"),
        ("HAS OBS CONTEXT", "CODE", "121005"),
        ("HAS OBS CONTEXT", "UIDREF", "121012"),
        ("HAS OBS CONTEXT", "TEXT", "121013"),
        ("HAS OBS CONTEXT", "TEXT", "121014"),
        ("HAS OBS CONTEXT", "TEXT", "121015"),
        ("HAS OBS CONTEXT", "CODE", "121024"),
        ("HAS OBS CONTEXT", "TEXT", "121030"),
        ("HAS CONCEPT MOD", "CODE", "121058"),
        ("CONTAINS", "CONTAINER", "126010"),
    ]
    assert [value(child) for child in report.ContentSequence][6] == "121026", "the fetus is the subject"
    assert "not assigned" in report.ContentSequence[7].TextValue
    assert value(report.ContentSequence[8]) == "11525-3"


def test_every_group_is_a_measurement_group_of_its_template(report: Dataset, still: Instance) -> None:
    assert {row(one) for one in groups(report)} == {("CONTAINS", "CONTAINER", "125007")}
    templates = [str(one.ContentTemplateSequence[0].TemplateIdentifier) for one in groups(report)]
    seen = [one for one in still.readings[0].findings if one.visible and one.structure is not Structure.NASAL_TIP]
    assert templates.count("1410") == len(seen) >= 6
    assert set(templates) == {"1410", "1501"}


def test_tid_1410(report: Dataset, still: Instance) -> None:
    """Tracking (TID 4108), finding and site, algorithm (TID 4019), measurements (TID 300), region, its purpose."""
    group = group_of(report, Structure.NASAL_BONE)
    found = rows(group)
    assert found[:4] == [
        ("HAS OBS CONTEXT", "TEXT", "112039"),
        ("HAS OBS CONTEXT", "UIDREF", "112040"),
        ("CONTAINS", "CODE", "121071"),
        ("HAS CONCEPT MOD", "CODE", "363698007"),
    ]
    assert [one for one in found if one[0] == "HAS CONCEPT MOD"][1:] == [
        ("HAS CONCEPT MOD", "TEXT", "111001"),
        ("HAS CONCEPT MOD", "TEXT", "111003"),
        ("HAS CONCEPT MOD", "TEXT", "122405"),
        *[("HAS CONCEPT MOD", "TEXT", "111002")] * 4,
    ]
    assert found.count(("CONTAINS", "SCOORD", "111030")) == 1
    assert found.count(("CONTAINS", "CODE", "130400")) == 1
    assert value(next(one for one in group.ContentSequence if row(one)[2] == "130400")) == "75958009"
    named = {row(one)[2] for one in group.ContentSequence if one.ValueType == "NUM"}
    assert {"122157", "score", "operating_point", "box_width", "box_height"} <= named
    bundle = still.readings[0].bundle
    texts = [str(one.TextValue) for one in group.ContentSequence if one.ValueType == "TEXT"]
    assert {bundle.name, bundle.version, f"bundle sha256 {bundle.sha256}"} <= set(texts)


def coded(item: Dataset) -> hd.sr.CodedConcept:
    return hd.sr.CodedConcept(*_parts(item.ConceptCodeSequence[0]))


def measured_by_highdicom(group: Dataset) -> list[hd.sr.Measurement]:
    """The numbers of a group as highdicom writes them, each with its callipers."""
    made = []
    for one in group.ContentSequence:
        if one.ValueType == "NUM":
            value = one.MeasuredValueSequence[0]
            lines = [line for line in one.get("ContentSequence", ()) if line.ValueType == "SCOORD"]
            made.append(
                hd.sr.Measurement(
                    hd.sr.CodedConcept(*_parts(one.ConceptNameCodeSequence[0])),
                    float(value.NumericValue),
                    hd.sr.CodedConcept(*_parts(value.MeasurementUnitsCodeSequence[0])),
                    referenced_coordinates=[coordinates_by_highdicom(line) for line in lines] or None,
                )
            )
    return made


def coordinates_by_highdicom(line: Dataset) -> hd.sr.CoordinatesForMeasurement:
    points = np.array(line.GraphicData, float).reshape(-1, 2)
    return hd.sr.CoordinatesForMeasurement("POLYLINE", points, source_by_highdicom(line.ContentSequence[0]))


def source_by_highdicom(image: Dataset) -> hd.sr.SourceImageForRegion:
    reference = image.ReferencedSOPSequence[0]
    return hd.sr.SourceImageForRegion(reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID)


def group_by_highdicom(group: Dataset, bundle: BundleReference) -> Dataset:
    """A group of the same content, written by highdicom alone."""
    items: dict[str, list[Dataset]] = {}
    for one in group.ContentSequence:
        items.setdefault(row(one)[2], []).append(one)
    tracking = hd.sr.TrackingIdentifier(items["112040"][0].UID, str(items["112039"][0].TextValue))
    said = [str(one.TextValue) for one in items["111002"]]
    about = {
        "tracking_identifier": tracking,
        "finding_type": coded(items["121071"][0]),
        "finding_sites": [hd.sr.FindingSite(coded(site)) for site in items.get("363698007", ())] or None,
        "algorithm_id": hd.sr.AlgorithmIdentification(bundle.name, bundle.version, parameters=said),
        "measurements": measured_by_highdicom(group),
        "qualitative_evaluations": [
            hd.sr.QualitativeEvaluation(hd.sr.CodedConcept(*_parts(one.ConceptNameCodeSequence[0])), coded(one))
            for one in group.ContentSequence
            if one.ValueType == "CODE" and row(one)[2] not in ("121071", "363698007", "130400")
        ],
    }
    if "111030" not in items:
        sources = [one.ReferencedSOPSequence[0] for one in items.get("121112", ())]
        images = [
            hd.sr.SourceImageForMeasurementGroup(one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID)
            for one in sources
        ]
        return hd.sr.MeasurementsAndQualitativeEvaluations(source_images=images or None, **about)[0]
    (region,) = items["111030"]
    points = np.array(region.GraphicData, float).reshape(-1, 2)
    drawn = hd.sr.ImageRegion("POLYLINE", points, source_by_highdicom(region.ContentSequence[0]))
    purpose = coded(items["130400"][0])
    return hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        referenced_region=drawn, geometric_purpose=purpose, **about
    )[0]


def related(item: Dataset) -> set[tuple[Row, ...]]:
    """Each item below, as the rows that lead to it."""
    children = item.get("ContentSequence", ())
    return {(row(one), *path) for one in children for path in [(), *related(one)]}


def test_each_row_is_as_highdicom_writes_it(report: Dataset, still: Instance) -> None:
    """Relationship and value type of every row that highdicom has too; what it has and ours lacks is an error."""
    seen = set()
    for group in groups(report):
        own, theirs = related(group), related(group_by_highdicom(group, still.readings[0].bundle))
        assert theirs <= own, theirs - own
        names = {tuple(step[2] for step in path) for path in theirs}
        assert {path for path in own if tuple(step[2] for step in path) in names} == theirs
        seen |= {name for *_, name in (path[-1] for path in theirs)}
    assert {"112039", "112040", "121071", "363698007", "111001", "111003", "111002", "122157", "111030"} <= seen
    assert {"121112", "260753009", "130400", "11860-4", "121402", "spacing_source"} <= seen


def test_a_region_is_a_closed_polyline_on_the_source(any_instance: Instance) -> None:
    report = structured_report(any_instance.readings, any_instance.header)
    regions = [
        (one, group)
        for group in groups(report)
        for one in group.ContentSequence
        if row(one) == ("CONTAINS", "SCOORD", "111030")
    ]
    assert len(regions) == sum(finding.visible for one in any_instance.readings for finding in one.findings)
    frames = set()
    for region, _ in regions:
        assert region.GraphicType == "POLYLINE"
        assert len(region.GraphicData) == 10
        assert list(region.GraphicData[:2]) == list(region.GraphicData[-2:])
        (image,) = region.ContentSequence
        assert row(image) == ("SELECTED FROM", "IMAGE", "260753009")
        reference = image.ReferencedSOPSequence[0]
        assert reference.ReferencedSOPInstanceUID == any_instance.header.SOPInstanceUID
        assert reference.ReferencedSOPClassUID == any_instance.header.SOPClassUID
        frames.add(reference.get("ReferencedFrameNumber"))
    several = len(any_instance.readings) > 1
    assert frames == (set(range(1, len(any_instance.readings) + 1)) if several else {None})


def test_tid_1501_of_a_structure_without_a_box(report: Dataset) -> None:
    group = group_of(report, Structure.NASAL_TIP)
    assert group.ContentTemplateSequence[0].TemplateIdentifier == "1501"
    found = rows(group)
    assert value(group.ContentSequence[2]) == "122288", "Not visualized"
    assert value(group.ContentSequence[3]) == CODES[Structure.NASAL_TIP].value
    assert found[-1] == ("CONTAINS", "IMAGE", "121112")
    assert not any(kind == "SCOORD" for _, kind, _ in found)
    assert {"122157", "score"} <= {name for _, kind, name in found if kind == "NUM"}
    assert not any("272519000" in value(one) for one in group.ContentSequence), "never absent"


def test_tid_1501_of_the_callipers(report: Dataset, still: Instance) -> None:
    (width,) = [one for one in still.readings[0]["cisterna_magna"].measurements if one.place]
    (group,) = [one for one in groups(report) if "11860-4" in {name for _, _, name in rows(one)}]
    assert group.ContentTemplateSequence[0].TemplateIdentifier == "1501"
    (number,) = [one for one in group.ContentSequence if one.ValueType == "NUM"]
    measured = number.MeasuredValueSequence[0]
    assert float(measured.NumericValue) == width.value
    assert measured.MeasurementUnitsCodeSequence[0].CodeValue == "mm"
    assert rows(number) == [
        ("HAS PROPERTIES", "NUM", "371886008"),
        ("HAS PROPERTIES", "NUM", "371885007"),
        ("INFERRED FROM", "SCOORD", "260753009"),
    ]
    assert ("CONTAINS", "CODE", "spacing_source") in rows(group)


def test_the_plane_group_says_label_probability_and_criteria(report: Dataset, still: Instance) -> None:
    plane = groups(report)[0]
    assert value(plane.ContentSequence[2]) == "sagittal_plane"
    by_name = {row(one)[2]: one for one in plane.ContentSequence}
    quality = still.readings[0].plane_quality
    assert float(by_name["122157"].MeasuredValueSequence[0].NumericValue) == quality.probability
    assert value(by_name["plane_label"]) == quality.label
    assert {name for name in by_name if name.startswith("plane_")} == {
        "plane_label",
        *(codes.CRITERION_CODES[one.criterion].value for one in quality.criteria),
    }
    assert by_name["notice"].TextValue == still.readings[0].notice


def test_what_is_not_assessed_says_why(report: Dataset, still: Instance) -> None:
    group = group_of(report, Structure.THALAMI)
    (normality,) = [one for one in group.ContentSequence if row(one)[2] == "121402"]
    assert value(normality) == "not_assessed"
    assert normality.ContentSequence[0].TextValue == still.readings[0]["thalami"].grading.reason


def test_it_is_preliminary_unverified_and_complete(report: Dataset, cine: Instance) -> None:
    flags = report.PreliminaryFlag, report.VerificationFlag, report.CompletionFlag
    assert flags == ("PRELIMINARY", "UNVERIFIED", "COMPLETE")
    assert structured_report(cine.readings[:2], cine.header).CompletionFlag == "PARTIAL"


def test_the_evidence_names_the_source(report: Dataset, still: Instance) -> None:
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    assert study.StudyInstanceUID == still.header.StudyInstanceUID
    (series,) = study.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == still.header.SeriesInstanceUID
    (instance,) = series.ReferencedSOPSequence
    assert instance.ReferencedSOPInstanceUID == still.header.SOPInstanceUID


def test_highdicom_reads_it(any_instance: Instance) -> None:
    encoded = io.BytesIO()
    structured_report(any_instance.readings, any_instance.header).save_as(encoded)
    encoded.seek(0)
    read = hd.sr.srread(encoded)
    visible = [finding for one in any_instance.readings for finding in one.findings if finding.visible]
    planar = read.content.get_planar_roi_measurement_groups()
    assert len(planar) == len(visible)
    for group, finding in zip(planar, visible, strict=True):
        assert group.finding_type == hd.sr.CodedConcept(*_parts_of(finding.structure))
        assert [site.value for site in group.finding_sites] == [hd.sr.CodedConcept(*_parts_of(finding.structure))]
        assert group.roi.graphic_type == hd.sr.GraphicTypeValues.POLYLINE
        assert len(group.get_measurements()) >= 4
    assert len(read.content.get_image_measurement_groups()) == len(groups(read)) - len(planar)
    assert read.content.get_subject_contexts()[0].subject_class.value == "121026"


def _parts_of(structure: Structure) -> tuple[str, str, str]:
    code = CODES[structure]
    return code.value, code.scheme, code.meaning


def _parts(code: Dataset) -> tuple[str, str, str]:
    return str(code.CodeValue), str(code.CodingSchemeDesignator), str(code.CodeMeaning)


def test_own_bytes_are_what_pydicom_writes(any_instance: Instance) -> None:
    """Every element parsed and written again by pydicom gives the same file."""
    first, again = io.BytesIO(), io.BytesIO()
    structured_report(any_instance.readings, any_instance.header).save_as(first)
    parsed = pydicom.dcmread(io.BytesIO(first.getvalue()))
    fresh = Dataset()
    fresh.update({element.tag: element for element in parsed})
    fresh.file_meta = parsed.file_meta
    assert len(list(parsed.iterall())) > 500
    fresh.save_as(again, implicit_vr=False, little_endian=True, enforce_file_format=True)
    assert again.getvalue() == first.getvalue()


def test_readings_of_another_source_are_refused(still: Instance, cine: Instance) -> None:
    for readings, source in (
        (still.readings, cine.header),
        (cine.readings, still.header),
        ([], still.header),
        ([*cine.readings, cine.readings[0]], cine.header),
        (
            [*cine.readings[:2], replace(cine.readings[2], bundle=replace(cine.readings[2].bundle, version="0"))],
            cine.header,
        ),
    ):
        with pytest.raises(DicomError):
            structured_report(readings, source)


@pytest.mark.parametrize("study", [None, "..", "1..2", "1."])
def test_a_source_without_a_study_is_refused(still: Instance, study: str | None) -> None:
    source = deepcopy(still.header)
    del source.StudyInstanceUID
    if study:
        source.add(pydicom.DataElement("StudyInstanceUID", "UI", study, validation_mode=0))
    with pytest.raises(DicomError):
        structured_report(still.readings, source)


def dated(**values: str) -> Dataset:
    dataset = Dataset()
    for keyword, text in values.items():
        dataset.add_new(pydicom.datadict.tag_for_keyword(keyword), "LO", text)
    return dataset


def cases() -> Iterator[tuple[dict[str, str], tuple[str, str]]]:
    content = {"ContentDate": "20240229", "ContentTime": "101112.5"}
    yield content, ("20240229", "101112.5")
    yield {"ContentDate": "20240229", "ContentTime": "at noon"}, ("20240229", "000000")
    yield {"ContentDate": "2024.02.29", "AcquisitionDate": "20240301", "AcquisitionTime": "09"}, ("20240301", "09")
    yield {"AcquisitionDateTime": "20240302081500+0100"}, ("20240302", "081500")
    yield {"ContentDate": "20240230", "StudyDate": "20240303"}, ("20240303", "000000")
    yield {"PatientBirthDate": "19900101"}, NO_DATE


@pytest.mark.parametrize(("said", "date"), list(cases()))
def test_the_content_date_is_the_sources(said: dict[str, str], date: tuple[str, str]) -> None:
    assert content_date(dated(**said)) == date


def test_a_source_without_a_date_has_a_report_nonetheless(still: Instance) -> None:
    source = deepcopy(still.header)
    for keyword in ("ContentDate", "ContentTime", "StudyDate", "StudyTime"):
        setattr(source, keyword, "")
    report = structured_report(still.readings, source)
    assert (report.ContentDate, report.ContentTime) == NO_DATE
    assert report.StudyDate == ""


@needs("dsrdump")
def test_the_report_holds_no_date_of_today(report: Dataset) -> None:
    assert "InstanceCreationDate" not in report
    assert {str(element.value) for element in report.iterall() if element.VR == "DA"} <= {"20200101", ""}
