"""``nonet edits``: copies of a data set's frames in which structures have known grades."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nonet.cli.evaluate.options import Split, Workers

if TYPE_CHECKING:
    from rich.table import Table

    from nonet.simulate.edits.edited_set import EditedSet

__all__ = ["edits"]


def edits(
    data: Annotated[
        Path, typer.Argument(exists=True, help="A data set with boxes: Fetus Framework, COCO or YOLO txt.")
    ],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help="An empty folder for the set.", show_default=False)],
    split: Split = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is drawn.")] = 0,
    rounds: Annotated[int, typer.Option(min=1, help="How often each structure of a frame has each grade.")] = 1,
    workers: Workers = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Write copies of a data set's standard frames in which structures have known grades (controlled edits).

    The grades are those of sizes that were given: what is trained on them is trained on controlled edits, and never
    clinical. The folder is a data set: boxes.json, frames.csv, labels.csv, truth.csv, and left_out.csv with what had no
    room for a change.
    """
    from nonet.cli.data_sets import load_data
    from nonet.cli.progress import watched
    from nonet.simulate.edits.edited_set import write_edited_set

    loaded = load_data(data)
    made = write_edited_set(
        loaded.split(split) if split else loaded,
        out,
        seed=seed,
        rounds=rounds,
        workers=workers,
        watch=lambda images: watched(images, "editing"),
    )
    for name, problem in made.unreadable.items():
        sys.stderr.write(f"nonet: {name}: {problem}\n")
    if json:
        import json as writer

        sys.stdout.write(writer.dumps(_counts(made), indent=1) + "\n")
    else:
        from rich.console import Console

        Console().print(_table(made, out))
    raise typer.Exit(1 if made.unreadable else 0)


def _counts(made: EditedSet) -> dict[str, dict[str, int]]:
    """By structure and variable: copies of each grade, sham copies, frames left out."""
    counts: dict[str, Counter[str]] = {}
    for image in made.images:
        for size in image.sizes:
            name = f"{size.structure.value} {size.variable}"
            counts.setdefault(name, Counter())["sham" if size.sham else size.grade.value] += 1
    for one in made.left_out:
        counts.setdefault(f"{one.structure.value} {one.variable}", Counter())["left out"] += 1
    return {name: dict(one) for name, one in counts.items()}


def _table(made: EditedSet, out: Path) -> Table:
    from rich.table import Table

    frames = sum(image.source is None for image in made.images)
    table = Table(title=f"{frames} frames and {len(made.images) - frames} edited copies in {out}")
    columns = ("normal", "borderline", "abnormal", "sham", "left out")
    table.add_column("structure, variable")
    for column in columns:
        table.add_column(column, justify="right")
    for name, counts in _counts(made).items():
        table.add_row(name.replace("_", " "), *(str(counts.get(column, 0)) for column in columns))
    return table
