"""TabTransformer: a classifier for tables of words and numbers, as scikit-learn has them, and its ONNX model."""

from __future__ import annotations

from nonet.train.graders.tab_transformer.classifier import TabTransformerClassifier
from nonet.train.graders.tab_transformer.tab_transformer_export import export_tab_transformer

__all__ = ["TabTransformerClassifier", "export_tab_transformer"]
