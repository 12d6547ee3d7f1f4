"""``nonet train``: train a network by a recipe and write the bundle that holds it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="Train a network by a recipe.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Train a network by a recipe."""


@app.command()
def detector(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.", show_default=False)],
    data: Annotated[Path, typer.Option(help="The data set.", show_default=False)],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints; training goes on from what it holds.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the bundle.")],
    empty: Annotated[
        Path | None, typer.Option(exists=True, help="Images of other anatomy, if the recipe asks for them.")
    ] = None,
) -> None:
    """Train a detector, choose its epoch and operating points on held-out frames, write its bundle."""
    from nonet.cli.data_sets import load_data
    from nonet.cli.extras import needs_extra
    from nonet.frames import find_files

    with needs_extra("train"):
        from nonet.train.detector.finish import finish
        from nonet.train.detector.provenance import Provenance
        from nonet.train.detector.recipe import load_recipe
        from nonet.train.detector.training import train_detector
        from nonet.train.detector.training_frames import TrainingFrames

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    loaded, sha = load_recipe(recipe)
    split = load_data(data).split(loaded.split).boxed()
    frames = TrainingFrames.gather(loaded, split, find_files([empty]) if empty else [])
    train_detector(loaded, sha, frames, run)
    finish(run, split, Provenance(loaded, split.form, frames), out)


@app.command()
def embedder(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.", show_default=False)],
    data: Annotated[Path, typer.Option(help="The data set.", show_default=False)],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints; training goes on from what it holds.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the bundle; may be that of the one joined.")],
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of the bundle that the embedder joins; by default the one shipped.")
    ] = None,
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
    joined = Bundle(bundle or DEFAULT_BUNDLE)
    split = load_data(data).split(loaded.split).boxed()
    crops = TrainingCrops.gather(loaded, split)
    network = train_embedder(loaded, sha, crops.trained, run)
    finish_embedder(loaded, split.form, crops, network, joined, out)
