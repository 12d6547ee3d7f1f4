"""The structured report: one Comprehensive SR (PS3.3, section A.35.3) a source instance, after PS3.16, TID 1500.

highdicom makes the document with its modules, observer and subject; the groups of the frames are put into its
*Imaging Measurements*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.frames.dicom.own_results import MANUFACTURER, MODEL
from nonet.outputs.dicom import codes
from nonet.outputs.dicom.checked import check_readings
from nonet.outputs.dicom.groups import groups_of
from nonet.outputs.dicom.identity import derived_uid, tracking_uid
from nonet.outputs.dicom.object_head import finished, head, keep_raw, raw_sequence, refusals, stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from highdicom.sr import CodedConcept, ObservationContext
    from pydicom.dataset import Dataset

    from nonet.anatomy import Code
    from nonet.reading import Reading

__all__ = ["FETUS_OPEN", "structured_report"]

FETUS_OPEN = "fetus, number not assigned"
"""Subject ID: which of several fetuses it is, an image alone does not say."""


def structured_report(readings: Sequence[Reading], source: Dataset) -> Dataset:
    """The findings of the frames of one instance as a Comprehensive SR.

    Preliminary and unverified; complete if all frames of the source are in it. The same readings and source give the
    same bytes.

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
        report = _empty_report(readings, source)
        container = report.ContentSequence[-1]
        content = b"".join(group for reading in readings for group in groups_of(reading))
        container["ContentSequence"] = raw_sequence("ContentSequence", content)
        keep_raw(container)
        return finished(report, source)


def _empty_report(readings: Sequence[Reading], source: Dataset) -> Dataset:
    """The document with one group that is replaced: highdicom makes none without."""
    from highdicom import sr
    from highdicom.coding_schemes import CodingSchemeIdentificationItem

    first = readings[0]
    placeholder = sr.MeasurementsAndQualitativeEvaluations(
        sr.TrackingIdentifier(tracking_uid(first, "plane"), "plane"), finding_type=_concept(codes.SAGITTAL_PLANE)
    )
    content = sr.MeasurementReport(
        _context(first),
        _concept(codes.OBSTETRIC_ULTRASOUND),
        [placeholder],
        _concept(codes.IMAGING_MEASUREMENT_REPORT),
    )
    return sr.ComprehensiveSR(
        [stand_in(source)],
        content[0],
        is_complete=len(readings) == first.source.frames,
        coding_schemes=[
            CodingSchemeIdentificationItem(codes.PRIVATE_SCHEME, "Nonet", responsible_organization=MANUFACTURER)
        ],
        **head("sr", readings, source),
    )


def _context(reading: Reading) -> ObservationContext:
    from highdicom import sr

    bundle = reading.bundle
    device = sr.DeviceObserverIdentifyingAttributes(
        derived_uid("device", bundle.sha256),
        name=MODEL,
        manufacturer_name=MANUFACTURER,
        model_name=f"{MODEL}, bundle {bundle.name} {bundle.version}"[:64],
    )
    return sr.ObservationContext(
        observer_device_context=sr.ObserverContext(_concept(codes.DEVICE), device),
        subject_context=sr.SubjectContext(_concept(codes.FETUS), sr.SubjectContextFetus(FETUS_OPEN)),
    )


def _concept(code: Code) -> CodedConcept:
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)
