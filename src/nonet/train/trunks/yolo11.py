"""The trunk of YOLO11 (Khanam & Hussain 2024, arXiv 2410.17725), written from papers; it starts cold.

Where the papers leave a width open, it is the one that gives the published number of weights and
of operations.
"""

from __future__ import annotations

from torch import Tensor, nn

from nonet.train.trunks.trunk import Trunk
from nonet.train.trunks.yolo_blocks import C2PSA, NANO, SMALL, SPPF, C3k2, ConvUnit, Scale

__all__ = ["YOLO11"]

_STEM = 64
_STAGES = (
    # channels after halving, channels out, share of the chain, deep
    (128, 256, 0.25, False),
    (256, 512, 0.25, False),
    (512, 512, 0.5, True),
    (1024, 1024, 0.5, True),
)
_REPEATS = 2


class YOLO11(Trunk):
    """Stem, four stages of C3k2, then SPPF and C2PSA on the deepest.

    Parameters
    ----------
    scale
        Multiples of channels and repeats.
    """

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        repeats = scale.repeats(_REPEATS)
        inputs = scale.channels(_STEM)
        self.stem = ConvUnit(3, inputs, 3, stride=2)
        self.stages = nn.ModuleList()
        for halved, full, share, deep in _STAGES:
            entry, out = scale.channels(halved), scale.channels(full)
            halve = ConvUnit(inputs, entry, 3, stride=2)
            self.stages.append(nn.Sequential(halve, C3k2(entry, out, repeats, share=share, deep=deep)))
            inputs = out
        self.context = nn.Sequential(SPPF(inputs), C2PSA(inputs, repeats))
        four, eight, sixteen, thirty_two = (scale.channels(full) for _, full, _, _ in _STAGES)
        self.channels = (four, eight, sixteen, thirty_two)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features at strides 4, 8, 16, 32 of ``float32[N, 3, H, W]`` in 0 to 1."""
        features: Tensor = self.stem(image)
        taps = []
        for stage in self.stages:
            features = stage(features)
            taps.append(features)
        return [*taps[:-1], self.context(features)]

    @classmethod
    def nano(cls) -> YOLO11:
        """The trunk of YOLO11n."""
        return cls(NANO)

    @classmethod
    def small(cls) -> YOLO11:
        """The trunk of YOLO11s."""
        return cls(SMALL)
