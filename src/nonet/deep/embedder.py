"""The embedder of a bundle at run time: a frame and boxes in, 1,792 numbers a box out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from nonet.bundle.session import Session
from nonet.deep.crop import Window, crop
from nonet.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.bundle import Bundle, EmbedderManifest
    from nonet.reading import Box

__all__ = ["Embedder"]

_AT_ONCE = 9


class Embedder:
    """Runs a bundle's embedder; one instance serves any number of frames.

    Parameters
    ----------
    bundle
        An opened bundle.

    Raises
    ------
    BundleError
        If the bundle holds no embedder, or one of another width than its manifest says.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.manifest = _manifest(bundle)
        self.window = Window(self.manifest.input_width, self.manifest.input_height, self.manifest.margin)
        self._session = Session(bundle.file(self.manifest.file), self.manifest.file)
        self._session.check_input("grey", (_AT_ONCE, 1, self.manifest.input_height, self.manifest.input_width))
        width = next(iter(self._session.outputs.values()), [None])[-1]
        if width != self.manifest.features:
            raise BundleError(
                "An embedder gives as many numbers a box as its manifest says",
                found=f"{width}, where the manifest says {self.manifest.features}",
                remedy="Export the bundle again",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features in their order, ``deep_0000`` and so on."""
        return tuple(f"{self.manifest.prefix}{number:04d}" for number in range(self.manifest.features))

    def embed(self, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.float32]:
        """The features of boxes of one frame, nine boxes an inference.

        Parameters
        ----------
        pixels
            ``uint8[H, W]``.
        boxes
            Any number of pixel boxes; each touches the frame.

        Returns
        -------
        ``float32[n, 1792]``, in the order of the boxes. A row does not depend on the other boxes.

        Raises
        ------
        RegionError
            If a box does not touch the frame.
        """
        features = np.empty((len(boxes), self.manifest.features), np.float32)
        for start in range(0, len(boxes), _AT_ONCE):
            crops = [crop(pixels, box, self.window) for box in boxes[start : start + _AT_ONCE]]
            features[start : start + _AT_ONCE] = self._run(np.stack(crops))
        return features

    def _run(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        grey = crops[:, None].astype(np.float32) / np.float32(255)
        return cast("NDArray[np.float32]", self._session.run({"grey": grey})[0])


def _manifest(bundle: Bundle) -> EmbedderManifest:
    if bundle.manifest.embedder is None:
        raise BundleError(
            "Deep features need a bundle that holds an embedder",
            found=f"none in {bundle.manifest.name} {bundle.manifest.version}",
            remedy="Train one into it with nonet train embedder, or name another bundle",
        )
    return bundle.manifest.embedder
