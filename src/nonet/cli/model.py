"""``nonet model``: what a bundle holds, whether it is whole, and how to make one of a detector of your own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nonet.bundle import Bundle, GraderManifest

__all__ = ["app"]

_TRAINED_ON = "all"
"""The scheme of rows that a grader was trained on: its figures, which some bundles hold, are no test."""

app = typer.Typer(no_args_is_help=True, help="Show, verify or import a model bundle.")

Folder = Annotated[Path | None, typer.Argument(help="Folder of a bundle; by default the one shipped.")]


@app.command()
def show(
    bundle: Folder = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
) -> None:
    """What a bundle holds, what it was made from, and how good it was on held-out frames."""
    from dataclasses import asdict
    from json import dumps

    opened = _opened(bundle)
    if json:
        sys.stdout.write(dumps({"sha256": opened.sha256, **asdict(opened.manifest)}, indent=2) + "\n")
        return
    from rich.console import Console

    Console(soft_wrap=True).print("\n".join(_lines(opened)), highlight=False, markup=False)


@app.command()
def verify(bundle: Folder = None) -> None:
    """Check every hash, load every network, and read a simulated frame twice with the same result."""
    from nonet.frame import Frame, Source
    from nonet.reader import Reader
    from nonet.simulate import simulate

    opened = _opened(bundle)
    frame = Frame(simulate(0).pixels, Source("simulated", "0" * 64))
    first, second = (Reader(opened).read_frame(frame).to_json() for _ in range(2))
    same = first == second
    sys.stdout.write(f"{len(opened.manifest.files)} files have the hashes that the manifest gives\n")
    sys.stdout.write(f"two readings of a simulated frame {'are the same' if same else 'differ'}\n")
    raise typer.Exit(0 if same else 1)


@app.command(name="import")
def import_(
    model: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="An exported ONNX detector (YOLO layout).")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the bundle.")],
    *,
    names: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The classes: data.yaml, or one name a line.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the bundle is called.")] = "imported",
    version: Annotated[str, typer.Option(help="Its version.")] = "1.0.0",
    licence: Annotated[str, typer.Option(help="The licence of the model.")] = "unknown",
    operating_point: Annotated[
        float, typer.Option(min=0, max=1, help="Score from which a structure is visible.")
    ] = 0.25,
    padding: Annotated[float, typer.Option(min=0, max=1, help="Grey around the frame that the model expects.")] = 114
    / 255,
) -> None:
    """Make a bundle of a detector that was trained and exported elsewhere."""
    from nonet.train.import_detector import import_detector

    manifest = import_detector(
        model,
        out,
        names=names,
        name=name,
        version=version,
        licence=licence,
        operating_point=operating_point,
        padding=padding,
    )
    found = manifest.detector.foreign.classes if manifest.detector.foreign else {}
    sys.stdout.write(f"{out}: {len(found)} of nine structures\n")
    for structure in manifest.structures:
        words = f"class {found[structure]}" if structure in found else "no class: never seen by this bundle"
        sys.stdout.write(f"  {structure.label}: {words}\n")


def _opened(folder: Path | None) -> Bundle:
    from nonet.bundle import DEFAULT_BUNDLE, Bundle

    return Bundle(folder or DEFAULT_BUNDLE)


def _lines(bundle: Bundle) -> list[str]:
    manifest, detector = bundle.manifest, bundle.manifest.detector
    points = ", ".join(f"{structure.label} {point:g}" for structure, point in detector.operating_points.items())
    sizes = ", ".join(f"{name} {len(bundle.file(name)) / 2**20:.1f} MiB" for name in manifest.files)
    lines = [
        f"{manifest.name} {manifest.version}, {manifest.licence}, sha256 {bundle.sha256}",
        f"detector: {detector.family}, {detector.layout}, {detector.input_width} x {detector.input_height} pixels"
        + (", the head first at {} x {}".format(*detector.first_pass) if detector.first_pass else "")
        + (", the head frame at {} x {}".format(*detector.second_pass) if detector.second_pass else "")
        + (", the mean of both passes" if detector.average_passes else ""),
        f"visible from: {points}",
        f"calibrated: {'yes' if detector.calibration else 'no'}",
        f"files: {sizes}",
    ]
    lines += [f"trained on: {_source(entry)}" for entry in manifest.trained_on]
    lines += [f"began from: {_source(entry)}" for entry in manifest.warm_start]
    lines += [f"{name}: {_source(entry)}" for name, entry in manifest.metrics.items()]
    return lines + [line for grader in manifest.graders.values() for line in _grader_lines(grader)]


def _grader_lines(grader: GraderManifest) -> list[str]:
    """What a grader was made from, how good it was, what it grades and what that rests on."""
    lines = [f"grader of {grader.task}: {grader.family} on {', '.join(grader.parts)}; {grader.positive} is positive"]
    if grader.basis:
        lines.append(f"  its grades rest on: {grader.basis}")
    if grader.structures is not None:
        lines.append(f"  grades: {', '.join(each.label for each in grader.structures) or 'no structure'}")
    if grader.at_chance:
        lines.append(f"  not better than chance, so not graded: {', '.join(each.label for each in grader.at_chance)}")
    lines += [f"  trained on: {_source(entry)}" for entry in grader.trained_on]
    for scheme, figures in grader.metrics.items():
        if scheme == _TRAINED_ON:
            continue
        whole = {name: value for name, value in figures.items() if name != "structures"}
        lines.append(f"  {scheme}: {_source(whole)}")
        of_structures = figures.get("structures", {}).items()
        lines += [f"    {name.replace('_', ' ')}: {_source(figure)}" for name, figure in of_structures]
    return lines


def _source(entry: dict[str, object]) -> str:
    return ", ".join(f"{key} {_figure(value)}" for key, value in entry.items())


def _figure(value: object) -> str:
    if isinstance(value, dict) and {"value", "low", "high"} <= value.keys():
        if None in (value["value"], value["low"], value["high"]):
            return "not defined"
        return f"{value['value']:.3f} ({value['low']:.3f}-{value['high']:.3f})"
    return str(value)
