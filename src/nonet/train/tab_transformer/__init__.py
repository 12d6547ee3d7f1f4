"""TabTransformer: a classifier for tables of words and numbers, as scikit-learn has them, and its ONNX model."""

from __future__ import annotations

from nonet.train.tab_transformer.classifier import TabTransformerClassifier
from nonet.train.tab_transformer.export import export_tab_transformer

__all__ = ["TabTransformerClassifier", "export_tab_transformer"]
