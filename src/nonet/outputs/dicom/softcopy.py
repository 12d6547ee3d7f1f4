"""The presentation state: boxes, labels and callipers over untouched pixels (PS3.3, sections A.33.1 and A.33.2).

It carries no window and shows the whole image, so that a viewer keeps the user's own; the lines are in pixels of the
source, each box closed by its first point.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence_item

from nonet.outputs.dicom.checked import check_readings
from nonet.outputs.dicom.groups import closed
from nonet.outputs.dicom.identity import CONTENT_LABEL, tracking_uid
from nonet.outputs.dicom.object_head import finished, head, raw_sequence, refusals, stand_in
from nonet.outputs.dicom.source import content_date
from nonet.outputs.phrases import measured, plane_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from highdicom import ModalityLUTTransformation, PresentationLUTTransformation
    from highdicom.pr import GraphicAnnotation, GraphicLayer, GraphicObject, TextObject
    from pydicom.dataset import Dataset

    from nonet.reading import Finding, Reading

__all__ = ["GRAPHIC_LAYER", "presentation_state"]

GRAPHIC_LAYER = "NONET"
_ARM = 6.0
"""Half the length of a calliper's crossbar, pixels."""
_MOST_LETTERS = 200
_NOTE = (0.01, 0.01, 0.99, 0.06)
"""Where a frame's note stands, as shares of the display."""
_ICC_CLASS, _ICC_DATE = slice(12, 16), slice(24, 36)
"""Where an ICC profile holds its device class and the time it was made (ICC.1, section 7.2)."""
_INPUT_CLASSES = (b"scnr", b"spac")
"""Device classes that DICOM allows (PS3.3, section C.11.15)."""


def presentation_state(readings: Sequence[Reading], source: Dataset) -> Dataset:
    """Boxes with labels, and callipers of what was measured, as a softcopy presentation state.

    A grayscale one for monochrome sources, a colour one for the others. Each frame has its own graphics and a note
    that says whose work they are. The same readings and source give the same bytes.

    Parameters
    ----------
    readings
        Of frames of this instance, each once, by one bundle.
    source
        The instance; its pixels are not needed.

    Returns
    -------
    A data set with file meta information, ready to be saved or sent.

    Raises
    ------
    DicomError
        If the readings are not of this source.
    """
    check_readings(readings, source)
    with refusals():
        state = _state(readings, source)
        annotations = b"".join(_encoded(_annotation(reading, source)) for reading in readings)
        state["GraphicAnnotationSequence"] = raw_sequence("GraphicAnnotationSequence", annotations)
        state.PresentationCreationDate, state.PresentationCreationTime = content_date(source)
        return finished(state, source)


def _state(readings: Sequence[Reading], source: Dataset) -> Dataset:
    from highdicom import pr

    own = head("gsps", readings, source)
    del own["content_date"], own["content_time"]
    image = stand_in(source)
    common = {
        "referenced_images": [image],
        "content_label": CONTENT_LABEL,
        "content_description": "Boxes by Nonet, AI, research use",
        "graphic_layers": [_layer()],
        **own,
    }
    monochrome = str(source.get("PhotometricInterpretation", "")).startswith("MONOCHROME")
    image.SamplesPerPixel = 1 if monochrome else 3
    if not monochrome:
        own_profile = bytes(source.get("ICCProfile") or b"")
        profile = own_profile if own_profile[_ICC_CLASS] in _INPUT_CLASSES else _srgb()
        return pr.ColorSoftcopyPresentationState(icc_profile=profile, **common)
    return pr.GrayscaleSoftcopyPresentationState(
        modality_lut_transformation=_rescale(source),
        presentation_lut_transformation=_polarity(source),
        **common,
    )


def _rescale(source: Dataset) -> ModalityLUTTransformation | None:
    """The modality step of the source, which a presentation state would otherwise switch off; None if it has none."""
    from highdicom import ModalityLUTTransformation

    slope, intercept = source.get("RescaleSlope"), source.get("RescaleIntercept")
    if slope is None or intercept is None:
        return None
    return ModalityLUTTransformation(
        rescale_intercept=float(intercept), rescale_slope=float(slope), rescale_type=source.get("RescaleType") or "US"
    )


def _polarity(source: Dataset) -> PresentationLUTTransformation:
    """PS3.3, section C.11.6: values of a MONOCHROME1 source become light ones dark on the way to the display."""
    from highdicom import PresentationLUTTransformation

    inverse = source.PhotometricInterpretation == "MONOCHROME1"
    return PresentationLUTTransformation(presentation_lut_shape="INVERSE" if inverse else "IDENTITY")


def _layer() -> GraphicLayer:
    from highdicom import pr

    return pr.GraphicLayer(GRAPHIC_LAYER, order=1, description="AI, research use")


def _encoded(annotation: GraphicAnnotation) -> bytes:
    """An item of a sequence as bytes: data sets of all frames of a cine would fill the memory."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = False, True
    write_sequence_item(buffer, annotation, ["ascii"])
    return buffer.getvalue()


def _annotation(reading: Reading, source: Dataset) -> GraphicAnnotation:
    from highdicom import pr

    seen = [finding for finding in reading.findings if finding.box]
    graphics = [graphic for finding in seen for graphic in _graphics(reading, finding)]
    texts = [text for finding in seen for text in _labels(reading, finding)]
    annotation = pr.GraphicAnnotation(
        referenced_images=[stand_in(source)],
        graphic_layer=_layer(),
        graphic_objects=graphics,
        text_objects=[_note(reading), *texts],
    )
    if reading.source.frames > 1:
        annotation.ReferencedImageSequence[0].ReferencedFrameNumber = reading.source.frame + 1
    return annotation


def _graphics(reading: Reading, finding: Finding) -> Iterator[GraphicObject]:
    assert finding.box
    yield _polyline(reading, finding, closed(finding.box))
    for measurement in finding.measurements:
        if measurement.place:
            yield from (_polyline(reading, finding, line) for line in _callipers(*measurement.place))


def _polyline(reading: Reading, finding: Finding, points: Sequence[tuple[float, float]]) -> GraphicObject:
    import numpy as np
    from highdicom import pr

    width, height = reading.image.width, reading.image.height
    inside = np.clip(np.asarray(points, np.float32), 0, np.array([width, height], np.float32))
    return pr.GraphicObject(
        "POLYLINE",
        inside,
        "PIXEL",
        is_filled=False,
        tracking_id=finding.structure.label,
        tracking_uid=tracking_uid(reading, finding.structure.value),
    )


def _callipers(
    start: tuple[float, float], end: tuple[float, float]
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The line between two points and a crossbar on each."""
    length = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    across = _ARM * (end[1] - start[1]) / length, _ARM * (start[0] - end[0]) / length
    yield start, end
    for x, y in (start, end):
        yield (x - across[0], y - across[1]), (x + across[0], y + across[1])


def _labels(reading: Reading, finding: Finding) -> Iterator[TextObject]:
    assert finding.box
    probability = finding.score if finding.visibility is None else finding.visibility
    yield _text(f"{finding.structure.label} {probability:.2f}", _inside(reading, (finding.box.x2, finding.box.y1)))
    for one in finding.measurements:
        if one.place:
            words = measured(replace(finding, measurements=(one,)))
            yield _text(words[0] if words else one.name, _inside(reading, one.place[1]))


def _inside(reading: Reading, point: tuple[float, float]) -> tuple[float, float]:
    return min(max(point[0], 0.0), float(reading.image.width)), min(max(point[1], 0.0), float(reading.image.height))


def _text(words: str, anchor: tuple[float, float]) -> TextObject:
    from highdicom import pr

    return pr.TextObject(_ascii(words), "PIXEL", anchor_point=anchor, anchor_point_visible=False)


def _note(reading: Reading) -> TextObject:
    from highdicom import pr

    missing = ", ".join(one.structure.label for one in reading.findings if not one.visible)
    bundle, plane = reading.bundle, plane_text(reading.plane_quality)
    words = f"AI, research use: Nonet, {bundle.name} {bundle.version}; plane {plane}"
    if missing:
        words += f"; not seen by the program: {missing}"
    return pr.TextObject(_ascii(words), "DISPLAY", bounding_box=_NOTE, text_justification="LEFT")


def _ascii(words: str) -> str:
    return printable(words).encode("ascii", "backslashreplace").decode()[:_MOST_LETTERS]


@cache
def _srgb() -> bytes:
    """The profile of sRGB for input, which a colour state must have, with a fixed time in place of today's."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_CLASS] = _INPUT_CLASSES[0]
    profile[_ICC_DATE] = b"".join(number.to_bytes(2, "big") for number in (2000, 1, 1, 0, 0, 0))
    return bytes(profile)
