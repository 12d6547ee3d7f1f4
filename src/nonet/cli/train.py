"""``nonet train``: train a network by a recipe and write the bundle that holds it."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from nonet.train.device import DeviceChoice, training_device

__all__ = ["app"]

app = typer.Typer(help="Train a network by a recipe.", no_args_is_help=True)

_DEVICE = Annotated[DeviceChoice, typer.Option(help="Where to train; auto takes a GPU where there is one.")]
_EMPTY = typer.Option(exists=True, help="Images of other anatomy, if the recipe asks for them.")


@app.callback()
def _group() -> None:
    """Train a network by a recipe."""
    # Threads that wait for each other give their core up after some microseconds: beside other work a step takes an
    # eighth of the time, alone a tenth more. Read when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")


@app.command()
def detector(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.", show_default=False)],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints; training goes on from what it holds.")],
    data: Annotated[Path | None, typer.Option(help="The data set.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder for the bundle; with --data.")] = None,
    empty: Annotated[Path | None, _EMPTY] = None,
    pack: Annotated[
        Path | None,
        typer.Option(exists=True, help="A pack in place of --data: the run stops before the bundle."),
    ] = None,
    device: _DEVICE = DeviceChoice.AUTO,
) -> None:
    """Train a detector, choose its epoch and operating points on held-out frames, write its bundle.

    On a machine with a GPU and no data set: nonet train pack beforehand, --pack there, and the run folder brought home,
    where the same command with --data and --out goes on from it and writes the bundle.
    """
    from nonet.cli.data_sets import load_data
    from nonet.cli.extras import needs_extra
    from nonet.frames import find_files

    if (data is None) == (pack is None) or (data is None) != (out is None):
        raise typer.BadParameter("give --data and --out, or --pack alone")
    with needs_extra("train"):
        from nonet.train.detector.finish import finish
        from nonet.train.detector.pack import read_pack
        from nonet.train.detector.provenance import Provenance
        from nonet.train.detector.recipe import load_recipe
        from nonet.train.detector.training import train_detector
        from nonet.train.detector.training_frames import TrainingFrames

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    loaded, sha = load_recipe(recipe)
    chosen = training_device(device)
    if data is None or out is None:
        assert pack
        train_detector(loaded, sha, TrainingFrames.of_pack(loaded, read_pack(pack)), run, chosen)
        typer.echo(f"Trained in {run}; with --data and --out the same command writes the bundle")
        return
    split = load_data(data).split(loaded.split).boxed()
    frames = TrainingFrames.gather(loaded, split, find_files([empty]) if empty else [])
    provenance = Provenance(loaded, split.form, frames)
    if provenance.learnt_before:
        logging.warning(
            "%d of %d held-out frames were learnt from by the detector of %s, with which training begins: epoch, "
            "calibration and operating points are chosen on frames that it knows. Hold out those that it did, or begin "
            "with another",
            provenance.learnt_before,
            len(frames.held_out),
            loaded.start,
        )
    train_detector(loaded, sha, frames, run, chosen)
    finish(run, split, provenance, out)


@app.command()
def points(
    bundle: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of the bundle.")],
    data: Annotated[Path, typer.Option(exists=True, help="A data set with boxes.", show_default=False)],
    version: Annotated[str, typer.Option(help="Of the new bundle.", show_default=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the new bundle.", show_default=False)],
    split: Annotated[str | None, typer.Option(help="Part of the data set, such as set1; by default all of it.")] = None,
    empty: Annotated[Path | None, _EMPTY] = None,
) -> None:
    """Set operating points and calibration of a detector again, on boxed frames that it has not learnt from.

    As training does at its end. The new bundle has no graders: they learnt what other points called. Of --empty the
    development half is used.
    """
    from nonet.bundle import Bundle
    from nonet.cli.data_sets import load_data
    from nonet.cli.extras import needs_extra
    from nonet.cli.progress import watched
    from nonet.datasets.halves import is_development
    from nonet.datasets.inspection import first_frame
    from nonet.frames import find_files

    with needs_extra("train"):
        from nonet.train.detector.recalibrate import FEW_FRAMES, not_learnt_from, recalibrate

    if out.exists() and any(out.iterdir()):
        raise typer.BadParameter(f"{out} is not empty", param_hint="--out")
    opened, whole = Bundle(bundle), load_data(data)
    held_out = not_learnt_from(opened, whole.split(split) if split else whole)
    if len(held_out.images) < FEW_FRAMES:
        sys.stderr.write(f"nonet: {len(held_out.images)} frames are few: {FEW_FRAMES} or more give steadier points\n")
    files = [path for path in find_files([empty]) if is_development(path.name)] if empty else []
    if not files:
        sys.stderr.write(
            "nonet: no frame without structures, so points may lie lower than such frames would have them\n"
        )
    empty_frames = [first_frame(path) for path in files]
    found = recalibrate(
        opened, held_out, empty_frames, out, version=version, watch=lambda frames: watched(frames, "looking")
    )
    listed = ", ".join(f"{structure.label} {point}" for structure, point in found.items())
    typer.echo(f"{len(held_out.images)} boxed frames, {len(files)} of other anatomy: {listed}; the bundle is in {out}")


@app.command()
def pack(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.", show_default=False)],
    data: Annotated[Path, typer.Option(help="The data set.", show_default=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="The file to write.", show_default=False)],
    empty: Annotated[Path | None, _EMPTY] = None,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of WebP: the higher, the larger.")] = 80,
) -> None:
    """Write the frames that a recipe learns from as one small file of lossy pictures, without their names."""
    from nonet.cli.data_sets import load_data
    from nonet.cli.extras import needs_extra
    from nonet.frames import find_files

    with needs_extra("train"):
        from nonet.train.detector.pack import write_pack
        from nonet.train.detector.recipe import load_recipe
        from nonet.train.detector.training_frames import pack_of

    loaded, _ = load_recipe(recipe)
    boxed = load_data(data).split(loaded.split).boxed()
    made = pack_of(loaded, boxed, find_files([empty]) if empty else [])
    size = write_pack(out, made, quality)
    typer.echo(f"{out}: {len(made.real)} frames with boxes, {len(made.empty)} of other anatomy, {size / 2**20:.1f} MiB")


@app.command()
def embedder(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.", show_default=False)],
    data: Annotated[Path, typer.Option(help="The data set.", show_default=False)],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints; training goes on from what it holds.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the bundle; may be that of the one joined.")],
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of the bundle that the embedder joins; by default the one shipped.")
    ] = None,
    device: _DEVICE = DeviceChoice.AUTO,
) -> None:
    """Train the network behind the 1,792 deep features of a box; write a bundle that holds it beside the detector."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import load_data
    from nonet.cli.extras import needs_extra

    with needs_extra("train"):
        from nonet.train.embedder.finish import finish_embedder
        from nonet.train.embedder.recipe import load_embedder_recipe
        from nonet.train.embedder.training import train_embedder
        from nonet.train.embedder.training_crops import TrainingCrops

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    loaded, sha = load_embedder_recipe(recipe)
    chosen = training_device(device)
    joined = Bundle(bundle or DEFAULT_BUNDLE)
    split = load_data(data).split(loaded.split).boxed()
    crops = TrainingCrops.gather(loaded, split)
    network = train_embedder(loaded, sha, crops.trained, run, chosen)
    finish_embedder(loaded, split.form, crops, network, joined, out)
