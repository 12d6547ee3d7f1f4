"""A Frame becomes nine Detections, one per structure, on onnxruntime."""

from __future__ import annotations

from nonet.detect.detector import Detector

__all__ = ["Detector"]
