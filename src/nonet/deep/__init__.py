"""A box becomes 1,792 numbers, on onnxruntime: the features of a network that was trained on the nine structures."""

from __future__ import annotations

from nonet.deep.crop import Window, crop
from nonet.deep.embedder import Embedder

__all__ = ["Embedder", "Window", "crop"]
