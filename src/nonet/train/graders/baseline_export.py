"""Fitted baselines become ONNX by hand: the same words, weights and trees, and nothing else.

A threshold of a tree becomes the largest 32-bit float below or at it, so that a 32-bit input takes the
same branch as in scikit-learn.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nonet.train.graders.baselines import BLOCKS, BY_WORD, COMPONENTS, NUMBERS, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

__all__ = ["export_boosting", "export_logistic_regression"]

_OPSETS = (helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3))
_IR_VERSION = 8
_ONE_TREE = {"aggregate_function": "SUM", "post_transform": "NONE"}


def export_logistic_regression(pipeline: Pipeline) -> bytes:
    """Weights in double precision and a softmax; see `nonet.grade.Grader` for input and output."""
    graph, model = _Graph(), pipeline["model"]
    slopes, intercepts = model.coef_.T, model.intercept_[None]
    if COMPONENTS in pipeline.named_steps:
        found = pipeline[COMPONENTS]
        slopes = found.components_.T @ slopes
        intercepts = intercepts - found.mean_ @ slopes
    weights, offsets = _of_each_class(slopes), _of_each_class(intercepts)
    columns = _columns(graph, pipeline, by_word=BY_WORD in pipeline.named_steps)
    inputs = graph.add("Cast", [columns], to=TensorProto.DOUBLE)
    logits = graph.add("Add", [graph.add("MatMul", [inputs, graph.hold(weights)]), graph.hold(offsets)])
    return graph.model(logits, pipeline.n_features_in_, len(model.classes_))


def export_boosting(pipeline: Pipeline) -> bytes:
    """All trees in one node, their sum and a softmax; see `nonet.grade.Grader` for input and output."""
    graph, model = _Graph(), pipeline["model"]
    sums = graph.add("TreeEnsembleRegressor", [_columns(graph, pipeline)], domain="ai.onnx.ml", **_trees(model))
    wide = graph.add("Cast", [sums], to=TensorProto.DOUBLE)
    logits = graph.add("MatMul", [wide, graph.hold(_of_each_class(np.eye(model.n_trees_per_iteration_)))])
    return graph.model(logits, pipeline.n_features_in_, len(model.classes_))


class _Graph:
    """Nodes and constants as they are added, each under a name of its own."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._names = (f"value{number}" for number in count())

    def add(self, kind: str, inputs: Iterable[str], output: str = "", **attributes: Any) -> str:  # noqa: ANN401
        """Add a node; gives the name of its output."""
        output = output or next(self._names)
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def hold(self, values: NDArray[Any]) -> str:
        """Add a constant; gives its name."""
        name = next(self._names)
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def model(self, logits: str, width: int, classes: int) -> bytes:
        """The checked model whose probabilities are the softmax of ``logits``."""
        shares = self.add("Softmax", [logits], axis=1)
        self.add("Cast", [shares], "probabilities", to=TensorProto.FLOAT)
        graph = helper.make_graph(
            self._nodes,
            "grader",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", width])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", classes])],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=_OPSETS, ir_version=_IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        raw: bytes = model.SerializeToString()
        return raw


def _columns(graph: _Graph, pipeline: Pipeline, *, by_word: bool = False) -> str:
    """The numbers as they are, or word after word as `ByWord` gives them; then a column of 0 or 1 for each word."""
    columns = pipeline["columns"]
    places = {name: chosen for name, _, chosen in columns.transformers_}
    numbers = graph.add("Gather", ["features", graph.hold(np.array(places[NUMBERS], np.int64))], axis=1)
    if BLOCKS in pipeline.named_steps:
        numbers = graph.add("Mul", [numbers, graph.hold(pipeline[BLOCKS].factors.astype(np.float32)[None])])
    indicators = []
    words = columns.named_transformers_[WORDS] if places.get(WORDS) else None
    for place, levels in zip(places.get(WORDS, []), words.categories_ if words else [], strict=True):
        column = graph.add("Gather", ["features", graph.hold(np.array([place], np.int64))], axis=1)
        equal = graph.add("Equal", [column, graph.hold(levels.astype(np.float32)[None])])
        indicators.append(graph.add("Cast", [equal], to=TensorProto.FLOAT))
    if not by_word:
        return graph.add("Concat", [numbers, *indicators], axis=1)
    together = graph.add("Concat", indicators, axis=1)
    count = sum(len(levels) for levels in words.categories_) if words else 0
    each = [graph.add("Gather", [together, graph.hold(np.array([place], np.int64))], axis=1) for place in range(count)]
    return graph.add("Concat", [*(graph.add("Mul", [numbers, one]) for one in each), together], axis=1)


def _of_each_class(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """``float64[n, K]``; of two classes scikit-learn gives the second alone, and the first is 0."""
    wide = values.astype(np.float64)
    return np.hstack([np.zeros_like(wide), wide]) if wide.shape[1] == 1 else wide


def _trees(model: Any) -> dict[str, Any]:  # noqa: ANN401
    trees = [(target, tree.nodes) for step in model._predictors for target, tree in enumerate(step)]
    nodes = np.concatenate([nodes for _, nodes in trees])
    sizes = [len(nodes) for _, nodes in trees]
    of_tree = np.repeat(np.arange(len(trees)), sizes)
    of_target = np.repeat([target for target, _ in trees], sizes)
    own = np.concatenate([np.arange(size) for size in sizes])
    leaf = nodes["is_leaf"].astype(bool)
    return {
        **_ONE_TREE,
        "n_targets": model.n_trees_per_iteration_,
        "base_values": np.ravel(model._baseline_prediction).tolist(),
        "nodes_treeids": of_tree.tolist(),
        "nodes_nodeids": own.tolist(),
        "nodes_featureids": np.where(leaf, 0, nodes["feature_idx"]).tolist(),
        "nodes_values": _at_most(np.where(leaf, 0.0, nodes["num_threshold"])).tolist(),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]).tolist(),
        "target_treeids": of_tree[leaf].tolist(),
        "target_nodeids": own[leaf].tolist(),
        "target_ids": of_target[leaf].tolist(),
        "target_weights": nodes["value"][leaf].tolist(),
    }


def _at_most(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    near = thresholds.astype(np.float32)
    below: NDArray[np.float32] = np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
    return below
