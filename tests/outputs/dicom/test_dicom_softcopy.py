"""The presentation state, trap by trap: closed lines, no window, the whole image, frames, and who sees what."""

from __future__ import annotations

import io
from copy import deepcopy
from dataclasses import replace

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from source_instances import Instance

from nonet.anatomy import Structure
from nonet.errors import DicomError
from nonet.outputs.dicom import presentation_state
from nonet.outputs.dicom.source import header_of

GRAYSCALE = "1.2.840.10008.5.1.4.1.1.11.1"
COLOUR = "1.2.840.10008.5.1.4.1.1.11.2"
WINDOW = ("WindowCenter", "WindowWidth", "VOILUTSequence", "SoftcopyVOILUTSequence", "VOILUTFunction")


def lines(state: Dataset) -> list[list[float]]:
    return [
        list(graphic.GraphicData)
        for annotation in state.GraphicAnnotationSequence
        for graphic in annotation.GraphicObjectSequence
    ]


def texts(state: Dataset) -> list[str]:
    return [
        str(text.UnformattedTextValue)
        for annotation in state.GraphicAnnotationSequence
        for text in annotation.TextObjectSequence
    ]


@pytest.fixture(scope="module")
def state(still: Instance) -> Dataset:
    return presentation_state(still.readings, still.header)


def test_each_box_is_closed_by_its_first_point(any_instance: Instance) -> None:
    boxes = [line for line in lines(presentation_state(any_instance.readings, any_instance.header)) if len(line) > 4]
    assert len(boxes) == sum(finding.visible for one in any_instance.readings for finding in one.findings)
    assert all(len(line) == 10 and line[:2] == line[-2:] for line in boxes)


def test_lines_are_open_unfilled_polylines_in_pixels(state: Dataset) -> None:
    for annotation in state.GraphicAnnotationSequence:
        for graphic in annotation.GraphicObjectSequence:
            assert (graphic.GraphicType, graphic.GraphicAnnotationUnits) == ("POLYLINE", "PIXEL")
            assert graphic.NumberOfGraphicPoints == len(graphic.GraphicData) // 2
            assert graphic.get("GraphicFilled", "N") == "N"


def test_it_carries_no_window_even_where_the_source_has_one(still: Instance) -> None:
    source = deepcopy(still.header)
    source.WindowCenter, source.WindowWidth = 100, 50
    state = presentation_state(still.readings, source)
    assert not [keyword for keyword in WINDOW if keyword in state]
    assert not [element.keyword for element in state.iterall() if element.keyword in WINDOW]


def test_it_shows_the_whole_image_and_fits_it(state: Dataset, still: Instance) -> None:
    (area,) = state.DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaTopLeftHandCorner) == [1, 1]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [still.header.Columns, still.header.Rows]
    assert area.PresentationSizeMode == "SCALE TO FIT"
    assert "PresentationPixelMagnificationRatio" not in area


def test_the_patient_is_the_sources_byte_for_byte(colour: Instance) -> None:
    source = header_of(colour.path)
    state = presentation_state(colour.readings, header_of(colour.path))
    for tag in (0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x00104000):
        assert state.get_item(tag).value == source.get_item(tag).value


def test_labels_name_what_is_visible_and_its_probability(state: Dataset, still: Instance) -> None:
    for finding in still.readings[0].findings:
        label = f"{finding.structure.label} {finding.visibility:.2f}"
        assert (label in texts(state)) is finding.visible


def test_callipers_stand_where_each_measurement_was_taken(state: Dataset, still: Instance) -> None:
    taken = [one for finding in still.readings[0].findings for one in finding.measurements if one.place]
    short = [line for line in lines(state) if len(line) == 4]
    assert len(short) == 3 * len(taken) > 3, "a line and two crossbars each"
    for number, measurement in enumerate(taken):
        own, *bars = short[3 * number : 3 * number + 3]
        assert measurement.place
        assert np.allclose(own, [coordinate for point in measurement.place for coordinate in point], atol=1e-3)
        direction = np.subtract(own[2:], own[:2])
        assert all(abs(np.dot(direction, np.subtract(bar[2:], bar[:2]))) < 0.05 for bar in bars)
        words = f"{measurement.name.replace('_', ' ')} {measurement.value:g} mm"
        assert any(words in text for text in texts(state)), words


def test_the_note_says_ai_and_what_was_not_seen(still: Instance) -> None:
    finding = replace(still.readings[0]["palate"], visible=False, box=None, measurements=())
    findings = tuple(finding if one.structure is Structure.PALATE else one for one in still.readings[0].findings)
    state = presentation_state([replace(still.readings[0], findings=findings)], still.header)
    note = texts(state)[0]
    assert note.startswith("AI, research use")
    assert "not seen by the program: palate" in note


def test_a_frame_in_which_nothing_is_seen_has_its_note(still: Instance) -> None:
    nothing = tuple(replace(one, visible=False, box=None, measurements=()) for one in still.readings[0].findings)
    state = presentation_state([replace(still.readings[0], findings=nothing)], still.header)
    (annotation,) = state.GraphicAnnotationSequence
    assert "GraphicObjectSequence" not in annotation
    assert len(annotation.TextObjectSequence) == 1


def test_each_frame_has_graphics_of_its_own(cine: Instance) -> None:
    state = presentation_state(cine.readings, cine.header)
    frames = [one.ReferencedImageSequence[0].ReferencedFrameNumber for one in state.GraphicAnnotationSequence]
    assert frames == [1, 2, 3, 4, 5]
    (series,) = state.ReferencedSeriesSequence
    (image,) = series.ReferencedImageSequence
    assert image.ReferencedSOPInstanceUID == cine.header.SOPInstanceUID
    assert "ReferencedFrameNumber" not in image


def test_colour_sources_get_a_colour_state(colour: Instance, still: Instance) -> None:
    state = presentation_state(colour.readings, colour.header)
    assert state.SOPClassUID == COLOUR
    assert len(state.ICCProfile) > 100
    assert "PresentationLUTShape" not in state
    assert presentation_state(still.readings, still.header).SOPClassUID == GRAYSCALE


@pytest.mark.parametrize(("photometric", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")])
def test_the_polarity_of_the_source_stays(still: Instance, photometric: str, shape: str) -> None:
    source = deepcopy(still.header)
    source.PhotometricInterpretation = photometric
    assert presentation_state(still.readings, source).PresentationLUTShape == shape


def test_the_modality_step_of_the_source_stays(still: Instance) -> None:
    source = deepcopy(still.header)
    source.RescaleSlope, source.RescaleIntercept = 2, -10
    state = presentation_state(still.readings, source)
    assert (state.RescaleSlope, state.RescaleIntercept) == (2, -10)


def test_a_box_at_the_edge_stays_on_the_image(still: Instance) -> None:
    from nonet.reading import Box

    finding = replace(still.readings[0]["thalami"], box=Box(-3, -2, 9000, 9000))
    findings = tuple(finding if one.structure is Structure.THALAMI else one for one in still.readings[0].findings)
    state = presentation_state([replace(still.readings[0], findings=findings)], still.header)
    assert [0.0, 0.0, 680.0, 0.0, 680.0, 490.0, 0.0, 490.0, 0.0, 0.0] in lines(state)


def test_highdicom_made_it_and_the_graphics_can_be_read_back(state: Dataset) -> None:
    encoded = io.BytesIO()
    state.save_as(encoded)
    read = pydicom.dcmread(io.BytesIO(encoded.getvalue()))
    assert read.file_meta.ImplementationVersionName == f"highdicom{hd.__version__}"
    assert len(lines(read)) == len(lines(state))


def test_readings_of_another_source_are_refused(still: Instance, cine: Instance) -> None:
    with pytest.raises(DicomError):
        presentation_state(still.readings, cine.header)
