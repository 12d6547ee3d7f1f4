"""The secondary capture: Nonet's picture of a frame as an RGB image, for an archive that shows nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.dicom.checked import check_readings
from nonet.outputs.dicom.identity import instance_uid
from nonet.outputs.dicom.object_head import finished, head, refusals, stand_in
from nonet.outputs.frame_result import FrameResult
from nonet.outputs.picture.draw import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from nonet.frame import Frame
    from nonet.reading import Reading

__all__ = ["capture_of", "secondary_capture"]

_LOSSY = ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod")

_DERIVATION = {
    BurntIn.KEPT: "Boxes by Nonet drawn over the source, AI, research use",
    BurntIn.MASKED: "Boxes by Nonet drawn over the source, burnt-in text masked where it was found, AI, research use",
}


def secondary_capture(reading: Reading, frame: Frame, source: Dataset, burnt_in: BurntIn = BurntIn.KEPT) -> Dataset:
    """Nonet's picture of one frame as a Secondary Capture, RGB, with ``AI, research use`` in its pixels.

    Parameters
    ----------
    reading
        Of the frame.
    frame
        The frame itself.
    source
        The instance that the frame is of; its pixels are not needed.
    burnt_in
        What the picture shows of text that the machine burnt in; a masked picture is an instance of its own.

    Returns
    -------
    A data set with file meta information, ready to be saved or sent.

    Raises
    ------
    DicomError
        If the reading is not of this source.
    """
    return capture_of(FrameResult(frame, reading), source, burnt_in)


def capture_of(result: FrameResult, source: Dataset, burnt_in: BurntIn) -> Dataset:
    """As `secondary_capture`, of a picture that other outputs show too.

    Burned In Annotation (PS3.3, section C.7.6.1.1.5) is YES for a masked picture too: the search is no proof.
    """
    reading = result.reading
    check_readings([reading], source)
    with refusals():
        capture = _capture(np.asarray(drawn(result, burnt_in)), reading, source, burnt_in)
        capture.PatientOrientation = ""
        capture.ImageType = ["DERIVED", "SECONDARY"]
        capture.BurnedInAnnotation = "YES"
        capture.DerivationDescription = _DERIVATION[burnt_in]
        capture.SourceImageSequence = [_reference(reading)]
        for keyword in _LOSSY:
            if keyword in source:
                capture[keyword] = source[keyword]
        capture["PixelData"].VR = "OB"
        return finished(capture, source)


def _capture(pixels: NDArray[np.uint8], reading: Reading, source: Dataset, burnt_in: BurntIn) -> Dataset:
    from highdicom.sc import SCImage

    own = head("sc", [reading], source)
    own["instance_number"] = reading.source.frame + 1 if reading.source.frames > 1 else own["instance_number"]
    if burnt_in is not BurntIn.KEPT:
        own["sop_instance_uid"] = instance_uid("sc", [reading], f"burnt-in text {burnt_in.value}")
    image = stand_in(source)
    return SCImage(
        pixel_array=pixels,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        study_instance_uid=image.StudyInstanceUID,
        patient_orientation=("L", "F"),
        **own,
    )


def _reference(reading: Reading) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID = reading.source.sop_class_uid
    item.ReferencedSOPInstanceUID = reading.source.sop_instance_uid
    if reading.source.frames > 1:
        item.ReferencedFrameNumber = reading.source.frame + 1
    return item
