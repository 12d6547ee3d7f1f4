"""What looked at which frames, how radiomic features were measured, and what the study ran on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.detect.head_frame import HEAD_SCALE, HEIGHT, WIDTH
from nonet.features.parts import FeaturePart
from nonet.radiomics.radiomics_settings import FixedBinNumber, RadiomicsSettings
from nonet.study.plan import parts_of
from nonet.study.report.blocks import Block, joined, paragraph, row, table, td, th
from nonet.study.report.wording import counted, listed

if TYPE_CHECKING:
    from nonet.study.report.run_results import RunResults

__all__ = ["choices", "environment", "radiomics_settings"]


def choices(results: RunResults) -> Block:
    """A row for each choice: the frames that it looked at, and whether test rows are among them."""
    plan, bundle = results.plan, results.figures["bundle"]
    test = "test rows among them"
    rows = [
        (
            "detector, embedder, shape prior, operating points",
            f"the frames of bundle {bundle['name']} {bundle['version']}; a study of one of them is refused",
            "no",
        ),
        ("scale and window of the head frame", "Set1 of the Fetus Framework data", "no"),
        ("thresholds of the filters, budget, conformal level, folds", _plan_words(results), "see the starts"),
        ("selection of features, imputation, scaling", "the training rows of each inner fold", "no"),
        ("settings of a grader", f"{plan.inner_folds} inner folds of the training rows", "no"),
        ("calibration and conformal scores", "training rows, each by the classifiers that did not see it", "no"),
        ("arm and kind called best, and shipped", "all internal and left-out figures", f"yes: {test}"),
    ]
    if plan.raters.reviewers:
        where = "another study's residuals" if plan.raters.residuals else "reference boxes of this study's frames"
        looked = "no" if plan.raters.residuals else "no: a training frame's are of its own fold, and device if left out"
        rows.insert(3, ("how far reviewers' boxes lie apart", f"{where}, or the bundle's where there are none", looked))
    head = [row(th("choice"), th("looked at"), th("test rows"))]
    return table("Every choice, and what it looked at.", head, [row(th(a, "row"), td(b), td(c)) for a, b, c in rows])


def _plan_words(results: RunResults) -> str:
    starts = results.figures["runs"]
    return f"nothing: the plan states them. The run folder counts {counted(starts, 'start')} of plans"


def radiomics_settings(results: RunResults) -> Block | None:
    """The settings of radiomic features as the IBSI asks for them; None where none were measured."""
    if FeaturePart.RADIOMICS not in parts_of(results.plan):
        return None
    settings = RadiomicsSettings()
    bins = settings.bins
    words = f"fixed number, {bins.number}" if isinstance(bins, FixedBinNumber) else f"fixed size, {bins.width:g}"
    resegmented = settings.intensity_range
    measured = (
        "pixels of the frame: a table of features was given"
        if results.plan.features
        else f"the upright head frame: {WIDTH} x {HEIGHT} pixels, {HEAD_SCALE:g} to a head unit, bicubic, antialiased"
    )
    rows = [
        ("data conversion", "8-bit grey (ITU-R 601); text, callipers, ruler and insets filled from around them"),
        ("interpolation", measured),
        ("rounding of grey levels after interpolation", "nearest integer"),
        ("region of interest", "the box of the structure, every pixel whose centre lies in it"),
        ("re-segmentation", "none" if resegmented is None else f"{resegmented[0]:g} to {resegmented[1]:g}"),
        ("outlier filtering", "none"),
        ("discretisation", words),
        ("image filter", "none"),
        ("dimension and aggregation", f"2D; {listed([one.value for one in settings.aggregations])}"),
        ("distances", _distances(settings)),
        ("radius of the local intensity disc", f"{settings.peak_radius:.3g} pixels"),
        ("features", "215 (IBSI 1), checked against its digital phantom"),
        ("SHA-256 of the settings", settings.sha256),
    ]
    return table("Radiomic features.", [row(th("IBSI item"), th("here"))], [row(th(a, "row"), td(b)) for a, b in rows])


def _distances(settings: RadiomicsSettings) -> str:
    return (
        f"Chebyshev {settings.glcm_distance} (GLCM), {settings.ngtdm_distance} (NGTDM), {settings.ngldm_distance} "
        f"(NGLDM, coarseness {settings.ngldm_coarseness})"
    )


def environment(results: RunResults) -> Block:
    """Versions of the software and the kind of machine."""
    found: dict[str, str] = results.figures["environment"]
    about = paragraph("What the figures were computed with; another version or processor may give other last digits.")
    rows = [row(th(name, "row"), td(value)) for name, value in found.items()]
    return joined([about, table("Software and hardware.", [row(th("what"), th("version"))], rows)])
