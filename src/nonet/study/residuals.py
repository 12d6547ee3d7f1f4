"""The residuals that reviewers are drawn from: how the detector is off the boxes of frames it has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import DatasetError
from nonet.evaluate import run_detector
from nonet.files import replacing_path
from nonet.simulate.reviewers import measure_residuals, write_residuals
from nonet.study.cache import replace_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet, ImageRow

__all__ = ["RESIDUALS", "residuals_file"]

RESIDUALS = "residuals.json"
"""The file of a bundle that holds its detector's residuals."""


def residuals_file(
    path: Path, boxed: DataSet, bundle: Bundle, watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]]
) -> None:
    """Write the residuals to a file, unless it is there: those of these boxes, or the bundle's where there are none.

    Raises
    ------
    DatasetError
        If there are no boxes and the bundle holds no residuals.
    """
    if path.exists():
        return
    if boxed.images:
        with replacing_path(path) as unfinished:
            write_residuals(measure_residuals(boxed, run_detector(boxed, bundle, watch)), unfinished)
    elif RESIDUALS in bundle.manifest.files:
        replace_text(path, bundle.file(RESIDUALS).decode())
    else:
        raise DatasetError(
            "Reviewers are drawn from how a detector is off the boxes of frames that it has not seen",
            found=f"no boxes in this data, and no {RESIDUALS} in the bundle",
            remedy="Name a file of residuals of another study as raters.residuals, or set raters.reviewers = 0",
        )
