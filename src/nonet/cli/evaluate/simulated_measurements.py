"""``nonet evaluate simulated-measurements``: how near measurements come to sizes that are known exactly."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nonet.cli.evaluate.options import AsJson, BundleFolder, Workers

__all__ = ["simulated_measurements"]

_DEFAULT_TWINS = ["zoom 0.68", "zoom 1.5", "gain 0.8", "gain 1.2"]


def simulated_measurements(
    *,
    heads: Annotated[int, typer.Option(min=1, max=100_000, help="How many heads, each on every machine.")] = 20,
    bundle: BundleFolder = None,
    twin: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Twins of this name or family, such as zoom; again for more. By default {', '.join(_DEFAULT_TWINS)}."
        ),
    ] = None,
    workers: Workers = 1,
    json: AsJson = False,
) -> None:
    """Evaluate measurements on simulated heads, whose sizes are known, on machines that no training saw."""
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.cli.evaluate.robustness import chosen_twins
    from nonet.cli.progress import watched
    from nonet.evaluate.measurements.known_sizes import KNOWN_FIGURES, known_size_figures
    from nonet.evaluate.measurements.size_documents import sizes_json, sizes_table
    from nonet.evaluate.robustness import TWINS
    from nonet.evaluate.robustness.run_twins import OWN
    from nonet.simulate.measured_heads import TEST_SEEDS, UNSEEN_DEVICES, measure_heads

    twins = chosen_twins(TWINS, twin or _DEFAULT_TWINS)
    folder = bundle or DEFAULT_BUNDLE
    seeds = TEST_SEEDS[:heads]
    rows = measure_heads(seeds, folder, twins, workers=workers, watch=lambda items: watched(items, "measuring heads"))
    figures = known_size_figures(rows, OWN)
    if not json:
        from rich.console import Console

        Console().print(sizes_table(figures, KNOWN_FIGURES, ("devices", "twins")))
        return
    data = {
        "form": "simulated",
        "heads": len(seeds),
        "seeds": [seeds.start, seeds.stop],
        "devices": [device.name for device in UNSEEN_DEVICES],
        "twins": [one.name for one in twins],
    }
    protocol = {
        "truth": "of gaps the distance between the inner borders of the lines as the machine shows them, of the "
        "cisterna magna down to the occipital bone; of the nasal bone and the palate the length that the machine "
        "shows of the line where it lies alone, to half of its greatest echo; of the midbrain its height; of the "
        "nasal skin the distance to the outer border of the skin as the machine shows it",
        "bias_to_size_mm": "to the fluid space's own thickness, without its lines, and to a line's own length",
        "boxes": "the detector's, where it sees the structure, whatever the plane",
        "unseen": "neither the detector nor any constant was fitted on these machines or these heads",
        "interval": "95 % percentile bootstrap over heads",
    }
    sys.stdout.write(sizes_json(figures, data, Bundle(folder).reference, protocol))
