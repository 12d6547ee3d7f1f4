"""The main job: frames in, readings out.

A frame's nine candidate boxes come from the bundle's detector; a candidate at or above its
structure's operating point is a visible structure and is measured. The plane is judged, and
structures are graded, by whatever graders the bundle holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.detect import Detector
from nonet.detect.outliers import judged
from nonet.errors import NonetError
from nonet.frame import pixels_sha256
from nonet.frames import find_files, open_frames
from nonet.grade.frame_grader import FrameGrader
from nonet.measure import measure_extent
from nonet.reading import (
    SCHEMA,
    Box,
    Finding,
    ImageSize,
    Reading,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nonet.frame import Frame, Spacing
    from nonet.reading import Detection, EdgeBands, Grading

__all__ = ["Reader", "read"]

_BOX_DECIMALS = 2
_SCORE_DECIMALS = 4
_NO_SPACING = "no pixel size: nothing is given in millimetres"
_STRAY = "the {0.label} lies where fewer than one in 200 boxed frames has it, given the others"
_OUTSIDE_REGION = "a visible structure lies outside every calibrated region: it has no millimetres"


def read(
    paths: str | Path | Iterable[str | Path],
    *,
    bundle: str | Path = DEFAULT_BUNDLE,
    spacing_mm: tuple[float, float] | None = None,
) -> Iterator[Reading]:
    """Read images, DICOM files and folders; one reading per frame, in the order of the files.

    Parameters
    ----------
    paths
        A file or folder, or several; folders are searched to the bottom.
    bundle
        Folder of the model bundle.
    spacing_mm
        Millimetres per pixel to the right and down, for files that do not say.

    Yields
    ------
    A `Reading` per frame.

    Raises
    ------
    BundleError
        At once, if the bundle cannot be opened.
    ExceptionGroup
        After the last reading, if files could not be read: one `NonetError` for each.
    """
    reader = Reader(Bundle(Path(bundle)), Settings(spacing_mm))
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    failures: list[NonetError] = []
    for path in find_files([Path(p) for p in given]):
        try:
            yield from (reading for _, reading in reader.read_file(path))
        except NonetError as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} files could not be read", failures)


class Reader:
    """A bundle ready to read frames.

    Parameters
    ----------
    bundle
        An opened bundle.
    settings
        What the user chose; it is written into every reading.
    """

    def __init__(self, bundle: Bundle, settings: Settings = Settings()) -> None:
        self.bundle = bundle
        self.settings = settings
        self._detector = Detector(bundle)
        self._assessor = FrameGrader(bundle, explain=settings.explain, detector=self._detector)

    def read_file(self, path: Path) -> Iterator[tuple[Frame, Reading]]:
        """Every frame of a file with its reading.

        Raises
        ------
        FrameError
            If the file, or a frame of it, cannot be read; frames before it have been given.
        """
        for frame in open_frames(path, spacing_mm=self.settings.spacing_mm):
            yield frame, self.read_frame(frame)

    def read_frame(self, frame: Frame) -> Reading:
        """The reading of one frame; it depends on the frame, the bundle and the settings alone."""
        detections = self._detector.detect(frame)
        boxes = {found.structure: _rounded(found.box) for found in detections if self._is_visible(found)}
        face, strays = judged(boxes, self._detector.arrangement)
        assessment = self._assessor.assess(frame, boxes, strays)
        findings = tuple(
            self._finding(frame, detection, boxes.get(detection.structure), grading)
            for detection, grading in zip(detections, assessment.gradings, strict=True)
        )
        warnings = (*_spacing_warnings(frame, findings), *map(_STRAY.format, strays), *assessment.warnings)
        return Reading(
            schema=SCHEMA,
            source=frame.source,
            image=ImageSize(frame.width, frame.height, pixels_sha256(frame.pixels)),
            spacing=frame.spacing_at(0, 0, frame.width, frame.height) or _region_spacing(frame),
            plane_quality=assessment.plane,
            findings=findings,
            bundle=self.bundle.reference,
            settings=self.settings,
            warnings=(*frame.warnings, *warnings),
            face=face,
        )

    def _is_visible(self, detection: Detection) -> bool:
        return round(detection.score, _SCORE_DECIMALS) >= self._threshold(detection)

    def _threshold(self, detection: Detection) -> float:
        return self.bundle.manifest.detector.operating_points[detection.structure]

    def _finding(self, frame: Frame, detection: Detection, box: Box | None, grading: Grading) -> Finding:
        spacing = frame.spacing_at(*box.xyxy) if box else None
        return Finding(
            detection.structure,
            box is not None,
            round(detection.score, _SCORE_DECIMALS),
            self._threshold(detection),
            box,
            measure_extent(box, spacing),
            grading,
            None if detection.visibility is None else round(detection.visibility, _SCORE_DECIMALS),
            _rounded_bands(detection.edge_bands_px) if box else None,
        )


def _rounded(box: Box) -> Box:
    return Box(*(round(edge, _BOX_DECIMALS) for edge in box.xyxy))


def _rounded_bands(bands: EdgeBands | None) -> EdgeBands | None:
    if bands is None:
        return None
    x1, y1, x2, y2 = (round(band, _BOX_DECIMALS) for band in bands)
    return x1, y1, x2, y2


def _region_spacing(frame: Frame) -> Spacing | None:
    """The spacing of the largest calibrated region, where the file has one."""
    largest = max(frame.regions, key=lambda r: (r.x2 - r.x1) * (r.y2 - r.y1), default=None)
    return largest.spacing if largest else None


def _spacing_warnings(frame: Frame, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    if frame.spacing is None and not frame.regions:
        return (_NO_SPACING,)
    unknown = any(measurement.value is None for finding in findings for measurement in finding.measurements)
    return (_OUTSIDE_REGION,) if unknown else ()
