"""Load a data set for a command, and say what is wrong with it before anything is made of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.datasets import DataSet, ImageRow

__all__ = ["drawn_by_hash", "load_data", "report_problems"]


def load_data(path: Path) -> DataSet:
    """As `nonet.datasets.load`; errors and warnings of the data set are counted on stderr."""
    from nonet.datasets import load

    data = load(path)
    report_problems(data)
    return data


def report_problems(data: DataSet) -> None:
    """Write one line on stderr if there are errors or warnings in a data set: how many, and the first."""
    from nonet.datasets import Severity
    from nonet.outputs.phrases import printable

    by_severity = {one: [each for each in data.problems if each.severity is one] for one in Severity}
    errors, warnings = by_severity[Severity.ERROR], by_severity[Severity.WARNING]
    if errors or warnings:
        first = (errors or warnings)[0]
        words = f"{first.file}: {first.found}. {first.rule}"
        sys.stderr.write(
            f"nonet: {len(errors)} errors, {len(warnings)} warnings in the data set (nonet check lists them): "
            f"{printable(words)}.\n"
        )


def drawn_by_hash(images: Sequence[ImageRow], count: int | None) -> list[ImageRow]:
    """Some of the images in their order, always the same ones; all of them where no number is given."""
    import hashlib

    if count is None or count >= len(images):
        return list(images)
    ranked = sorted(images, key=lambda image: hashlib.sha256(image.name.encode()).hexdigest())
    kept = {image.name for image in ranked[:count]}
    return [image for image in images if image.name in kept]
