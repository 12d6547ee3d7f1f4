"""A box becomes 1,792 numbers, on onnxruntime: what a network that has learnt the nine structures sees in it."""

from __future__ import annotations

from nonet.deep.crop import Window, crop
from nonet.deep.embedder import Embedder

__all__ = ["Embedder", "Window", "crop"]
