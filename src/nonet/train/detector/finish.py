"""From a finished run to a bundle: the best epoch, calibration and operating points, all from held-out frames."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.anatomy import Structure
from nonet.bundle import Bundle, DetectorCalibration, DetectorManifest
from nonet.bundle.write import Contents, write_bundle, write_files
from nonet.datasets import DataSet
from nonet.detect.shape_prior import SHAPE_PRIOR_FILE, ShapePrior
from nonet.errors import TrainingError
from nonet.evaluate import Measure, Predictions, evaluate_detection, run_detector
from nonet.frame import Frame, Source
from nonet.train.detector.export import export_detector
from nonet.train.detector.fit_calibration import calibrate, quality
from nonet.train.detector.fit_shape_prior import weighed
from nonet.train.detector.heads import find_head
from nonet.train.detector.held_out_looks import CALLS_ALL, UNCALIBRATED, HeldOutLooks
from nonet.train.detector.mean_of_networks import mean_of_networks
from nonet.train.detector.model_card import model_card
from nonet.train.detector.state import load_network
from nonet.train.detector.training_frames import shape_prior_of

if TYPE_CHECKING:
    from nonet.train.detector.provenance import Provenance
    from nonet.train.detector.recipe import Recipe
    from nonet.train.detector.samples import Sample

__all__ = ["arrange", "finish", "held_out_metrics"]

_LOG = logging.getLogger(__name__)
_MODEL_FILE = "detector.onnx"


def finish(run: Path, data: DataSet, provenance: Provenance, out: Path) -> None:
    """Choose the epoch with the highest held-out AP50:95, calibrate it, set operating points, write the bundle.

    All of this looks at frames as a reading does: in two passes, where the training boxes give a shape prior.

    Parameters
    ----------
    run
        Folder of the finished run; candidates are the epochs of its last stage, and the bundle of
        each is left in it.
    data
        The data set that the held-out samples come from; operating points also rest on the frames of other anatomy that
        it was trained with.
    provenance
        Where the bundle comes from.
    out
        Folder for the bundle.

    Raises
    ------
    TrainingError
        If the run holds no weights of its last stage.
    """
    names = {sample.name for sample in provenance.material.held_out}
    held = data.keeping(image for image in data.images if image.name in names)
    prior = shape_prior_of(provenance.material.trained, otherwise="the bundle gets no arrangement")
    best: tuple[float, Predictions, bytes, Path] | None = None
    for weights in sorted(run.glob(f"weights-{len(provenance.recipe.stages) - 1}-*.pt")):
        model = _exported(provenance.recipe, weights)
        predictions = _predict(provenance, model, prior, held, run / weights.stem)
        reached = quality(held, predictions)
        _LOG.info("%s: AP50:95 %.4f on %d held-out frames", weights.stem, reached, len(names))
        if best is None or reached > best[0]:
            best = reached, predictions, model, run / weights.stem
    if best is None:
        raise TrainingError(
            "A run to be bundled holds weights of its last stage", found=f"none in {run}", remedy="Train it to the end"
        )
    _, raw, model, uncalibrated = best
    looks = HeldOutLooks.of(Bundle(uncalibrated), held, raw, [*map(_frame, provenance.material.empty)])
    calibration, points, predictions = calibrate(held, looks)
    _write(provenance, model, points, calibration, out, held_out_metrics(held, predictions))
    if prior:
        arrange(out, weighed(prior, held, Bundle(out)))


def arrange(folder: Path, prior: ShapePrior) -> None:
    """Give the bundle of a folder a shape prior."""
    bundle = Bundle(folder)
    files = {name: bundle.file(name) for name in bundle.manifest.files}
    files[SHAPE_PRIOR_FILE] = prior.to_json().encode()
    write_files(folder, files, replace(bundle.manifest, arrangement=SHAPE_PRIOR_FILE))


def _exported(recipe: Recipe, weights: Path) -> bytes:
    model = export_detector(load_network(weights), *recipe.exported_size, unit_width=recipe.stages[-1].width)
    if not (recipe.start and recipe.start_share):
        return model
    start = Bundle(Path(recipe.start))
    return mean_of_networks(model, start.file(start.manifest.detector.file), recipe.start_share)


def _predict(
    provenance: Provenance, model: bytes, prior: ShapePrior | None, data: DataSet, folder: Path
) -> Predictions:
    _write(provenance, model, CALLS_ALL, UNCALIBRATED, folder, {})
    if prior:
        arrange(folder, prior)
    return run_detector(data, Bundle(folder))


def held_out_metrics(held: DataSet, predictions: Predictions) -> dict[str, Any]:
    """Figures on the held-out slice, for the manifest; it chose epoch, calibration and points, so they flatter."""
    mean = evaluate_detection(held, predictions).strict.mean
    wanted = (Measure.AP50, Measure.AP50_95, Measure.IOU, Measure.F1)
    figures = {measure.value: asdict(mean[measure]) for measure in wanted}
    return {"held_out_slice": {"frames": len(held.images), **figures}}


def _frame(sample: Sample) -> Frame:
    return Frame(sample.pixels, Source("training", sample.pixels_sha256))


def _write(
    provenance: Provenance,
    model: bytes,
    points: dict[Structure, float],
    calibration: DetectorCalibration,
    folder: Path,
    metrics: dict[str, Any],
) -> None:
    recipe = provenance.recipe
    detector = DetectorManifest(
        recipe.trunk,
        _MODEL_FILE,
        *recipe.exported_size,
        points,
        calibration,
        find_head(recipe.head).layout,
        first_pass=recipe.first_pass,
        second_pass=recipe.second_pass,
        average_passes=recipe.average_passes,
    )
    card = model_card(recipe, provenance.trained_on, provenance.warm_start, points, metrics)
    contents = Contents(model, provenance.frames_seen(), card)
    write_bundle(
        folder,
        contents,
        detector,
        name=recipe.bundle.name,
        version=recipe.bundle.version,
        trained_on=provenance.trained_on,
        warm_start=provenance.warm_start,
        metrics=metrics,
    )
