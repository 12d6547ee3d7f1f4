"""The network of a bundle's detector: pixels in, the strongest places of each structure out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle import Layout
from nonet.bundle.session import Session
from nonet.detect.decode_dense import decode_dense
from nonet.detect.decode_maps import decode_maps
from nonet.detect.imported import ask
from nonet.detect.letterbox import Letterbox
from nonet.detect.score_calibration import ranked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.detect.candidates import Candidates

__all__ = ["Network"]

_DECODERS: dict[Layout, Callable[..., Candidates]] = {Layout.MAPS: decode_maps, Layout.DENSE: decode_dense}


class Network:
    """Looks once at some pixels; one instance serves any number of them.

    Parameters
    ----------
    bundle
        An opened bundle.

    Raises
    ------
    BundleError
        If the network cannot be loaded, or takes another input than the manifest states.

    Attributes
    ----------
    size
        Width and height of its whole input, pixels.
    takes_smaller
        Whether it looks at smaller inputs as well.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._manifest = bundle.manifest.detector
        self.size = (self._manifest.input_width, self._manifest.input_height)
        sizes = {self.size, *self._manifest.passes}
        sides = {} if len(sizes) > 1 else dict(zip(("width", "height"), self.size, strict=True))
        self._session = Session(bundle.file(self._manifest.file), self._manifest.file, sides)
        foreign = self._manifest.foreign
        name, channels = (foreign.input, foreign.channels) if foreign else ("grey", 1)
        for width, height in sizes:
            self._session.check_input(name, (1, channels, height, width))
        self.takes_smaller = not isinstance(self._session.inputs[name][-1], int)

    def candidates(self, pixels: NDArray[np.uint8], count: int = 1, size: tuple[int, int] | None = None) -> Candidates:
        """The strongest ``count`` places of each structure, in the pixels' own frame, on ``uint8[H, W]``.

        ``size`` is the width and height of the network's input, by default those of its training.
        """
        height, width = pixels.shape
        letterbox = Letterbox.fit(width, height, *(size or self.size))
        foreign = self._manifest.foreign
        found = self._decoded(letterbox.apply(pixels, foreign.padding if foreign else 0.0), count)
        if self._manifest.calibration:
            weight = self._manifest.calibration.spread_weight
            found = replace(found, scores=ranked(found.scores, found.edges, found.spreads, weight))
        spreads = found.spreads / np.float32(letterbox.scale)
        return replace(found, edges=letterbox.to_frame(found.edges), spreads=spreads)

    def _decoded(self, canvas: NDArray[np.float32], count: int) -> Candidates:
        if self._manifest.foreign:
            return decode_dense(ask(self._session, self._manifest.foreign, canvas), count=count)
        outputs = [each[0] for each in self._session.run({"grey": canvas[None, None]})]
        return _DECODERS[self._manifest.layout](*outputs, count=count)
