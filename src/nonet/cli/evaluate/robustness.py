"""``nonet evaluate robustness``: what the figures of a bundle lose on twins of the same frames."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolders, DataFolder, FrameCount, Split, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.evaluate.robustness import Twin

__all__ = ["chosen_twins", "robustness"]


def robustness(
    data: DataFolder,
    *,
    split: Split = None,
    bundle: BundleFolders = None,
    twin: Annotated[
        list[str] | None, typer.Option(help="Only twins of this name or family, such as zoom; again for more.")
    ] = None,
    frames: FrameCount = None,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate boxes and plane quality on frames shown otherwise: smaller, darker, blurred, turned, compressed."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import drawn_by_hash, load_data
    from nonet.cli.progress import watched
    from nonet.errors import DatasetError
    from nonet.evaluate.robustness import TWINS, robustness_figures, run_twins
    from nonet.evaluate.robustness.robustness_json import robustness_json, robustness_table

    chosen = chosen_twins(TWINS, twin)
    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    if not part.images:
        raise DatasetError("An evaluation has images", found=f"none in {split or data.name}", remedy="See nonet check")
    folders = bundle or [DEFAULT_BUNDLE]
    run = run_twins(
        drawn_by_hash(part.images, frames),
        folders,
        chosen,
        workers=workers,
        watch=lambda images: watched(images, "reading twins"),
    )
    opened = [Bundle(folder) for folder in folders]
    figures = robustness_figures(run, part, opened[0], chosen)
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    if json:
        references = [one.reference for one in opened]
        sys.stdout.write(robustness_json(figures, run, references, data_set.form, split or "all"))
    else:
        from rich.console import Console

        Console().print(robustness_table(figures, run, split or "all"))
    raise typer.Exit(1 if run.unreadable else 0)


def chosen_twins(twins: Sequence[Twin], wanted: list[str] | None) -> list[Twin]:
    """The twins of the names or families that were asked for; all of them if none was.

    Raises
    ------
    typer.BadParameter
        If no twin has such a name or family.
    """
    unknown = set(wanted or ()) - {name for one in twins for name in (one.name, one.family.value)}
    if unknown:
        families = ", ".join(dict.fromkeys(one.family.value for one in twins))
        raise typer.BadParameter(
            f"no twin {sorted(unknown)[0]!r}; families are {families}, or a name such as zoom 0.68"
        )
    return [one for one in twins if not wanted or one.name in wanted or one.family.value in wanted]
