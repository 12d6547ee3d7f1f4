"""The main job: frames in, readings out.

A frame is opened, its nine structures are detected, the features of their boxes are computed, what is
visible is measured, and the plane and the structures are graded by whatever graders the bundle holds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from nonet.anatomy import PlaneLabel
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.detect import Detector
from nonet.detect.outliers import find_outliers
from nonet.errors import Failure, NonetError
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.frame import pixels_sha256
from nonet.frames import find_files, hide_overlay, open_frames
from nonet.frames.ruler import with_ruler
from nonet.grade.disagreement import disagreement_words, with_disagreement
from nonet.grade.frame_grader import FrameGrader
from nonet.grade.plane_criteria import plane_criteria
from nonet.measure import measure_structures, withheld
from nonet.measure.norms_in_use import chosen_norms, norms_in_use
from nonet.reading import SCHEMA, Box, Finding, ImageSize, Reading, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nonet.anatomy import Structure
    from nonet.detect.located import Located
    from nonet.frame import Frame, Spacing
    from nonet.frames.opening import Readable
    from nonet.reading import Detection, EdgeBands, Grading, Measurement, PlaneCriterion

    Measurements = dict[Structure, tuple[Measurement, ...]]

__all__ = ["Reader", "read"]

_BOX_DECIMALS = 2
_SCORE_DECIMALS = 4
_NO_SPACING = "no pixel size: nothing is given in millimetres"
_OUTLIER = "the {0.label} lies where fewer than one in 200 boxed frames has it, given the others"
_OUTSIDE_REGION = "a visible structure lies outside every calibrated region: it has no millimetres"


@overload
def read(
    sources: Readable | Iterable[Readable],
    *,
    bundle: str | Path = ...,
    spacing_mm: tuple[float, float] | None = ...,
    force_spacing: bool = ...,
    ruler: bool = ...,
    crl_mm: float | None = ...,
    ga_days: float | None = ...,
    norms: str | Path | None = ...,
    on_error: Literal["raise"] | Callable[[Failure], None] = ...,
) -> Iterator[Reading]: ...
@overload
def read(
    sources: Readable | Iterable[Readable],
    *,
    bundle: str | Path = ...,
    spacing_mm: tuple[float, float] | None = ...,
    force_spacing: bool = ...,
    ruler: bool = ...,
    crl_mm: float | None = ...,
    ga_days: float | None = ...,
    norms: str | Path | None = ...,
    on_error: Literal["yield"],
) -> Iterator[Reading | Failure]: ...
def read(
    sources: Readable | Iterable[Readable],
    *,
    bundle: str | Path = DEFAULT_BUNDLE,
    spacing_mm: tuple[float, float] | None = None,
    force_spacing: bool = False,
    ruler: bool = False,
    crl_mm: float | None = None,
    ga_days: float | None = None,
    norms: str | Path | None = None,
    on_error: Literal["raise", "yield"] | Callable[[Failure], None] = "raise",
) -> Iterator[Reading | Failure]:
    """Read images; one reading per frame, in the order of the sources.

    Parameters
    ----------
    sources
        A path, a folder (searched to the bottom), the bytes of a file, an array ``uint8[H, W]`` (grey) or
        ``uint8[H, W, 3]`` (RGB), a PIL image or a pydicom data set; or several of these.
    bundle
        Folder of the model bundle.
    spacing_mm
        Millimetres per pixel to the right and down, for sources that have no calibration of their own.
    force_spacing
        Whether ``spacing_mm``, or the ruler, replaces a source's own calibration.
    ruler
        Whether the pixel size of sources that have none is read from the ruler on the screen.
    crl_mm, ga_days
        Crown-rump length, 45 to 84 mm, and gestational age in days: with either, measurements are held against norms.
    norms
        A site's own table of norms in place of the one that comes with Nonet.
    on_error
        What becomes of a source that cannot be read. ``"raise"``: all of them are raised after the last reading.
        ``"yield"``: each is yielded as a `Failure` in its place. A function: it is called with each.

    Yields
    ------
    A `Reading` per frame.

    Raises
    ------
    BundleError
        At once, if the bundle cannot be opened.
    SettingsError
        At once, if the length is outside 45 to 84 mm or disagrees with the age, or the table of norms is none.
    ExceptionGroup
        After the last reading, if sources could not be read and ``on_error`` is ``"raise"``: one `NonetError` for each.
    """
    settings = Settings(
        spacing_mm,
        force_spacing=force_spacing,
        ruler=ruler,
        crl_mm=crl_mm,
        ga_days=ga_days,
        norms=chosen_norms(crl_mm, ga_days, None if norms is None else Path(norms)),
    )
    reader = Reader(Bundle(Path(bundle)), settings)
    failures: list[NonetError] = []
    for source in _listed(sources):
        try:
            yield from (reading for _, reading in reader.read_source(source))
        except NonetError as error:
            failure = Failure(_name(source), error)
            if callable(on_error):
                on_error(failure)
            elif on_error == "yield":
                yield failure
            else:
                failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} sources could not be read", failures)


class Reader:
    """A bundle ready to read frames.

    Parameters
    ----------
    bundle
        An opened bundle.
    settings
        What the user chose; it is written into every reading.

    Raises
    ------
    SettingsError
        If the crown-rump length or the gestational age in the settings cannot be, if a ruler and a pixel size are asked
        for at once, or if the table of norms cannot be read or is not the one named.

    Attributes
    ----------
    detector
        That of the bundle.
    """

    def __init__(self, bundle: Bundle, settings: Settings = Settings()) -> None:
        self.bundle = bundle
        self.settings = settings
        self._norms = norms_in_use(settings)
        self.detector = Detector(bundle)
        self._grader = FrameGrader(bundle, explain=settings.explain)
        self._extractor = (
            FrameFeatureExtractor(bundle, self._grader.parts, detector=self.detector) if self._grader.parts else None
        )

    def read_source(self, source: Readable) -> Iterator[tuple[Frame, Reading]]:
        """Every frame of a file or other source with its reading.

        Raises
        ------
        FrameError
            If the source, or a frame of it, cannot be read; frames before it have been given.
        """
        for frame in self.open_source(source):
            yield frame, self.read_frame(frame)

    def open_source(self, source: Readable) -> Iterator[Frame]:
        """Every frame of a file or other source, with the pixel size that the settings say; errors as `read_source`."""
        spacing, force = self.settings.spacing_mm, self.settings.force_spacing
        for opened in open_frames(source, spacing_mm=spacing, force_spacing=force):
            yield with_ruler(opened, force=force) if self.settings.ruler else opened

    def read_frame(self, frame: Frame) -> Reading:
        """The reading of one frame; it depends on the frame, the bundle and the settings alone."""
        return self.read_located(frame, self.detector.locate(hide_overlay(frame)))

    def read_located(self, frame: Frame, located: Located, *, boxes_alone: bool = False) -> Reading:
        """The reading of a frame whose structures `detector` has located with the overlay hidden.

        With ``boxes_alone`` nothing is graded and nothing measured.
        """
        detections = located.detections
        boxes = {found.structure: _rounded(found.box) for found in detections if self._is_visible(found)}
        face, outliers = find_outliers(boxes, self.detector.shape_prior)

        def measured() -> tuple[Measurements, tuple[PlaneCriterion, ...]]:
            measurements = {} if boxes_alone else measure_structures(located, frame, boxes)
            return measurements, plane_criteria(located, boxes, outliers, self.detector.shape_prior)

        if self._extractor and boxes and not boxes_alone:
            features, (measurements, criteria) = self._extractor.extract_while(located, measured)
        else:
            features, (measurements, criteria) = None, measured()
        grading = self._grader.grade(features, boxes, outliers)
        if grading.plane.label is PlaneLabel.NON_STANDARD:
            measurements = {structure: withheld(known) for structure, known in measurements.items()}
        if self._norms:
            standard = grading.plane.label is PlaneLabel.STANDARD
            measurements = {
                structure: self._norms.compare(known, structure, standard=standard)
                for structure, known in measurements.items()
            }
        findings = tuple(
            self._finding(found, boxes.get(found.structure), measurements.get(found.structure, ()), grade)
            for found, grade in zip(detections, grading.gradings, strict=True)
        )
        warnings = (
            *frame.warnings,
            *_spacing_warnings(frame, findings),
            *map(_OUTLIER.format, outliers),
            *grading.warnings,
            *_contradictions(findings),
        )
        return Reading(
            schema=SCHEMA,
            source=frame.source,
            image=ImageSize(frame.width, frame.height, pixels_sha256(frame.pixels)),
            spacing=frame.spacing_at(0, 0, frame.width, frame.height) or _region_spacing(frame),
            plane_quality=replace(grading.plane, criteria=criteria),
            findings=findings,
            bundle=self.bundle.reference,
            settings=self.settings,
            warnings=warnings,
            face=face,
            name=frame.source.path.name if frame.source.path else "",
            path=frame.source.path,
        )

    def _is_visible(self, detection: Detection) -> bool:
        return round(detection.score, _SCORE_DECIMALS) >= self._operating_point(detection)

    def _operating_point(self, detection: Detection) -> float:
        return self.bundle.manifest.detector.operating_points[detection.structure]

    def _finding(
        self, detection: Detection, box: Box | None, measurements: tuple[Measurement, ...], grading: Grading
    ) -> Finding:
        return Finding(
            detection.structure,
            box is not None,
            round(detection.score, _SCORE_DECIMALS),
            self._operating_point(detection),
            box,
            measurements,
            with_disagreement(grading, measurements),
            None if detection.visibility is None else round(detection.visibility, _SCORE_DECIMALS),
            _rounded_bands(detection.edge_bands_px) if box else None,
        )


def _listed(sources: Readable | Iterable[Readable]) -> Iterator[Readable]:
    """The sources one by one, folders searched; paths given together are put in natural order, each once."""
    one = isinstance(sources, str | Path | bytes) or hasattr(sources, "shape") or not hasattr(sources, "__iter__")
    given: list[Any] = [sources] if one or _is_dataset(sources) else list(cast("Iterable[Readable]", sources))
    if all(isinstance(source, str | Path) for source in given):
        yield from find_files([Path(source) for source in given])
        return
    for source in given:
        yield from find_files([Path(source)]) if isinstance(source, str | Path) else [source]


def _is_dataset(source: object) -> bool:
    """A pydicom data set iterates over its elements, so that it would pass for several sources."""
    return hasattr(source, "file_meta") or hasattr(source, "save_as")


def _name(source: Readable) -> str:
    return source.name if isinstance(source, Path) else type(source).__name__


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


def _contradictions(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Where ruler and grader contradict each other, in words."""
    for found in findings:
        if words := disagreement_words(found.structure, found.grading, found.measurements):
            yield words


def _spacing_warnings(frame: Frame, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    if frame.spacing is None and not frame.regions:
        return (_NO_SPACING,)
    unknown = any(
        frame.spacing_at(*finding.box.xyxy) is None for finding in findings if finding.box and finding.measurements
    )
    return (_OUTSIDE_REGION,) if unknown else ()
