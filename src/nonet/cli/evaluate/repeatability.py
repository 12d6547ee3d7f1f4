"""``nonet evaluate repeatability``: how far measurements of the same frame spread."""

from __future__ import annotations

import sys

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolder, DataFolder, FrameCount, PrintedReadings, Split, Workers

__all__ = ["repeatability"]


def repeatability(
    data: DataFolder,
    *,
    split: Split = None,
    readings: PrintedReadings = None,
    bundle: BundleFolder = None,
    frames: FrameCount = None,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate how far measurements of a frame spread: boxes moved, another overlay, other zooms and gains.

    The frames are those with a printed reading whose pixel size is from a depth ruler.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.data_sets import drawn_by_hash, load_data
    from nonet.cli.evaluate.robustness import chosen_twins
    from nonet.cli.progress import watched
    from nonet.datasets.frame_columns import FRAME_COLUMNS_FILE
    from nonet.evaluate.measurements import read_printed
    from nonet.evaluate.measurements.printed_readings import Scale
    from nonet.evaluate.measurements.repeats import REPEAT_FIGURES, repeat_figures
    from nonet.evaluate.measurements.run_repeats import run_repeats
    from nonet.evaluate.measurements.size_documents import sizes_json, sizes_table
    from nonet.evaluate.robustness import TWINS
    from nonet.simulate.edits.marked_twin import marked_twins

    printed, _ = read_printed(readings or data / FRAME_COLUMNS_FILE)
    data_set = load_data(data)
    part = data_set.split(split) if split else data_set
    ruled = [one for one in part.images if one.name in printed and printed[one.name].scale is Scale.RULER]
    items = [(image, printed[image.name].mm_per_px) for image in drawn_by_hash(ruled, frames)]
    kinds = {
        "other overlays": marked_twins(),
        "zoom": chosen_twins(TWINS, ["zoom 0.68", "zoom 1.5"]),
        "gain": chosen_twins(TWINS, ["gain 0.8", "gain 1.2"]),
    }
    folder = bundle or DEFAULT_BUNDLE
    found, unreadable = run_repeats(
        items, folder, kinds, workers=workers, watch=lambda one: watched(one, "measuring again")
    )
    for one in unreadable:
        sys.stderr.write(f"nonet: {one.image}: {one.to_json()['reason']}\n")
    figures = repeat_figures(found)
    if json:
        about = {
            "form": data_set.form,
            "split": split or "all",
            "frames": len(found),
            "kinds": {kind: [one.name for one in twins] for kind, twins in kinds.items()},
        }
        protocol = {
            "sd_mm": "root mean square over frames of the standard deviation of a frame and its changed pictures",
            "jittered boxes": "four times, each edge by the bundle's own errors",
            "interval": "95 % percentile bootstrap over frames",
        }
        sys.stdout.write(sizes_json(figures, about, Bundle(folder).reference, protocol))
    else:
        from rich.console import Console

        Console().print(sizes_table(figures, REPEAT_FIGURES, ("kinds",)))
    raise typer.Exit(1 if unreadable else 0)
