"""A detector that was made elsewhere, asked in its own way and understood in ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import BoxForm
from nonet.errors import BundleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.bundle import ImportedDetector
    from nonet.bundle.session import Session

__all__ = ["ask"]

_BOX_ROWS = 4


def ask(session: Session, foreign: ImportedDetector, canvas: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the detector says of a canvas ``float32[H, W]`` in 0 to 1, as `decode_dense` reads it.

    Returns
    -------
    ``float32[4 + 9, boxes]``: centre x, centre y, width, height in canvas pixels, then the scores of
    the nine, 0 for a structure that the detector does not know.

    Raises
    ------
    BundleError
        If the output has another form than the manifest states.
    """
    image = np.broadcast_to(canvas, (1, foreign.channels, *canvas.shape))
    image = np.ascontiguousarray(image, np.float16 if foreign.half else np.float32)
    (output,) = session.run({foreign.input: image}, [foreign.output])
    rows = _rows(output, foreign)
    ordered = np.zeros((_BOX_ROWS + len(STRUCTURES), rows.shape[1]), np.float32)
    ordered[:_BOX_ROWS] = _boxes(rows, foreign.boxes, canvas.shape)
    for index, structure in enumerate(STRUCTURES):
        if structure in foreign.classes:
            ordered[_BOX_ROWS + index] = _scores(rows, foreign.boxes, foreign.classes[structure]).clip(0, 1)
    return ordered


def _rows(output: NDArray[np.floating], foreign: ImportedDetector) -> NDArray[np.float32]:
    """The output as ``float32[numbers, boxes]``."""
    least = foreign.boxes.rows(max(foreign.classes.values(), default=0) + 1)
    rows = output[0].astype(np.float32) if output.ndim == 3 else np.zeros((0, 0), np.float32)
    rows = rows.T if foreign.transposed else rows
    if len(rows) < least or not rows.shape[1]:
        raise BundleError(
            "A detector's output has the form that its manifest states",
            found=f"{foreign.output} {list(output.shape)}, where {foreign.boxes} needs {least} numbers a box",
            remedy="Import the model again",
        )
    return rows


def _boxes(rows: NDArray[np.float32], form: BoxForm, canvas: tuple[int, ...]) -> NDArray[np.float32]:
    """Centre and size in canvas pixels, ``float32[4, boxes]``."""
    if form is BoxForm.FINAL:
        low, high = rows[:2], rows[2:_BOX_ROWS]
        return np.concatenate(((low + high) / 2, high - low))
    if form is BoxForm.NORMALISED_SCORES:
        height, width = canvas
        return rows[:_BOX_ROWS] * np.array([[width], [height], [width], [height]], np.float32)
    return rows[:_BOX_ROWS]


def _scores(rows: NDArray[np.float32], form: BoxForm, number: int) -> NDArray[np.float32]:
    """The score of one class for each box."""
    score: NDArray[np.float32] = rows[_BOX_ROWS]
    if form is BoxForm.FINAL:
        return np.where(np.rint(rows[_BOX_ROWS + 1]) == number, score, np.float32(0))
    own: NDArray[np.float32] = rows[_BOX_ROWS + number + (form is BoxForm.OBJECTNESS)]
    return score * own if form is BoxForm.OBJECTNESS else own
