"""Set the calibration and the operating points of a finished detector again, on frames that it has not learnt from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle import Bundle
from nonet.bundle.frames_seen import FRAMES_SEEN, Use, frames_seen_csv, rows_seen, uses_by_hash
from nonet.bundle.write import write_files
from nonet.datasets.inspection import first_frame
from nonet.detect.shape_prior import ShapePrior
from nonet.errors import TrainingError
from nonet.evaluate import run_detector
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash
from nonet.train.detector.finish import arrange, held_out_metrics
from nonet.train.detector.fit_calibration import calibrate
from nonet.train.detector.fit_shape_prior import weighed
from nonet.train.detector.held_out_looks import HeldOutLooks, write_uncalibrated
from nonet.train.detector.model_card import card_with_new_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.anatomy import Structure
    from nonet.datasets import DataSet
    from nonet.frame import Frame
    from nonet.train.detector.held_out_looks import Watch

__all__ = ["FEW_FRAMES", "not_learnt_from", "recalibrate"]

FEW_FRAMES = 50
"""Fewer frames than these give points that another draw of frames would move."""

_CARD = "MODEL_CARD.md"


def not_learnt_from(bundle: Bundle, data: DataSet) -> DataSet:
    """The boxed images of a data set that the bundle's detector was not trained on.

    Raises
    ------
    TrainingError
        If there is none.
    """
    uses, boxed = uses_by_hash(bundle) or {}, data.boxed()
    kept = [image for image in boxed.images if uses.get(_sha256(image.path)) is not Use.TRAINED]
    if not kept:
        raise TrainingError(
            "Operating points are set on boxed frames that the detector has not learnt from",
            found=f"{len(boxed.images)} boxed frames, all of which it has learnt from" if boxed.images else "no box",
            remedy="Give other boxed frames",
        )
    return boxed.keeping(kept)


def recalibrate(
    bundle: Bundle, held_out: DataSet, empty: Sequence[Frame], out: Path, *, version: str, watch: Watch = iter
) -> dict[Structure, float]:
    """Write the bundle with calibration and operating points of these frames, as the end of a training run sets them.

    Graders are left out: other points call other structures, and so other features, than those that they learnt from.

    Parameters
    ----------
    bundle
        Holds the detector; its network, shape prior and embedder stay.
    held_out
        Boxed frames that it has not learnt from (`not_learnt_from`); they are listed as chosen by, where the bundle
        lists what it has seen: where it does not say, a list of these alone would call all others unseen.
    empty
        Frames in which none of the nine structures is.
    out
        Folder of the new bundle.
    version
        Of the new bundle.
    watch
        Gives frames one by one, showing progress if it likes.

    Returns
    -------
    The operating points.
    """
    manifest = bundle.manifest
    prior = ShapePrior.from_json(bundle.file(manifest.arrangement)) if manifest.arrangement else None
    with TemporaryDirectory() as folder:
        write_uncalibrated(Path(folder), bundle)
        if prior:
            arrange(Path(folder), replace(prior, weight=0.0))
        raw_bundle = Bundle(Path(folder))
        raw = run_detector(held_out, raw_bundle, watch)
        looks = HeldOutLooks.of(raw_bundle, held_out, raw, empty, watch)
        calibration, points, predictions = calibrate(held_out, looks)
    metrics = held_out_metrics(held_out, predictions)
    spreads_known = bool(np.isfinite(raw.edge_bands).any())
    detector = replace(manifest.detector, operating_points=points, calibration=calibration if spreads_known else None)
    embedder = manifest.embedder
    names = [manifest.detector.file, manifest.arrangement, *((embedder.file, embedder.frames_seen) if embedder else ())]
    files = {name: bundle.file(name) for name in names if name}
    if FRAMES_SEEN in manifest.files:
        files[FRAMES_SEEN] = _frames_seen(bundle, held_out).encode()
    card = bundle.file(_CARD).decode() if _CARD in manifest.files else ""
    files[_CARD] = card_with_new_points(card, f"{manifest.name} {version}", points, metrics).encode()
    write_files(out, files, replace(manifest, version=version, detector=detector, metrics=metrics, graders={}))
    if prior:
        arrange(out, weighed(prior, held_out, Bundle(out)))
    return points


def _frames_seen(bundle: Bundle, held_out: DataSet) -> str:
    """The bundle's list with the frames that chose the points."""
    before = rows_seen(bundle, FRAMES_SEEN)
    known = {sha for sha, _, _ in before}
    opened = [first_frame(image.path).pixels for image in held_out.images]
    own = {pixels_sha256(pixels): difference_hash(pixels) for pixels in opened}
    return frames_seen_csv([*before, *((sha, Use.CHOSEN_BY, near) for sha, near in own.items() if sha not in known)])


def _sha256(path: Path) -> str:
    return pixels_sha256(first_frame(path).pixels)
