"""``nonet evaluate criteria``: whether the criteria of a plane notice what each is there to notice."""

from __future__ import annotations

import sys

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolder, DataFolder, FrameCount, Split, Workers

__all__ = ["criteria"]


def criteria(
    data: DataFolder,
    *,
    split: Split = None,
    bundle: BundleFolder = None,
    frames: FrameCount = None,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate the criteria of a plane on standard frames, and on the same frames made smaller, cut off, or blurred."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import drawn_by_hash, load_data
    from nonet.cli.progress import watched
    from nonet.evaluate.robustness.criteria import criteria_figures, run_criteria
    from nonet.evaluate.robustness.criteria_json import criteria_json, criteria_table

    data_set = load_data(data)
    run = run_criteria(
        data_set.split(split) if split else data_set,
        bundle or DEFAULT_BUNDLE,
        frames=lambda images: drawn_by_hash(images, frames),
        workers=workers,
        watch=lambda images: watched(images, "reading twins"),
    )
    figures = criteria_figures(run)
    for one in run.unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    if json:
        reference = Bundle(bundle or DEFAULT_BUNDLE).reference
        sys.stdout.write(criteria_json(figures, run, reference, data_set.form, split or "all"))
    else:
        from rich.console import Console

        Console().print(criteria_table(figures, run, split or "all"))
    raise typer.Exit(1 if run.unreadable else 0)
