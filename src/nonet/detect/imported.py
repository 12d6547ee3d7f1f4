"""A detector that was made elsewhere, asked in its own way and understood in ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray

    from nonet.bundle import ImportedDetector

__all__ = ["ask"]

_BOX_ROWS = 4


def ask(
    session: onnxruntime.InferenceSession, foreign: ImportedDetector, canvas: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What the detector says of a canvas ``float32[H, W]`` in 0 to 1, as `decode_dense` reads it.

    Returns
    -------
    ``float32[4 + 9, cells]``: centre x, centre y, width, height in canvas pixels, then the scores of
    the nine, 0 for a structure that the detector does not know.
    """
    image = np.broadcast_to(canvas, (1, foreign.channels, *canvas.shape))
    image = np.ascontiguousarray(image, np.float16 if foreign.half else np.float32)
    outputs = session.run([foreign.output], {foreign.input: image})[0][0].astype(np.float32)
    rows = outputs.T if foreign.transposed else outputs
    ordered = np.zeros((_BOX_ROWS + len(STRUCTURES), rows.shape[1]), np.float32)
    ordered[:_BOX_ROWS] = rows[:_BOX_ROWS]
    for index, structure in enumerate(STRUCTURES):
        if structure in foreign.classes:
            ordered[_BOX_ROWS + index] = rows[_BOX_ROWS + foreign.classes[structure]].clip(0, 1)
    return ordered
