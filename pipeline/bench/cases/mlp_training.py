"""One training step of a multi-layer perceptron."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.base import Case, Float64s, Operations, Problem, Tensors
from pipeline.bench.cases.perceptron import CLASSES, HIDDEN, PIXELS, logits, make_perceptron, reference_logits


class MlpTraining(Case):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    name: ClassVar[str] = "mlp_training"
    title: ClassVar[str] = "MLP training step"
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"rows": 32}, "large": {"rows": 512}}
    is_training: ClassVar[bool] = True
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-3}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        rows = self.sizes[size]["rows"]
        return f"batch of {rows}, layers {PIXELS}-{HIDDEN}-{CLASSES}, plain gradient descent"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return rows, labels and weights."""
        return make_perceptron(self.sizes[size]["rows"], generator)

    def forward(self, operations: Operations, tensors: Tensors) -> object:
        """Return the loss."""
        return operations.cross_entropy(logits(operations, tensors), tensors["labels"])

    def reference(self, problem: Problem) -> Float64s:
        """Return the loss and the gradient of every weight in float64, by hand-written back-propagation."""
        found = reference_logits(problem)
        labels = problem.inputs["labels"].values.astype(np.int64)
        rows = problem.inputs["rows"].values.astype(np.float64)
        each = np.arange(len(labels))
        shifted = found["logits"] - found["logits"].max(axis=1, keepdims=True)
        log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        pull = np.exp(log_shares)
        pull[each, labels] -= 1
        pull /= len(labels)
        class_weights = problem.parameters["class weights"].values.astype(np.float64)
        hidden_pull = (pull @ class_weights.T) * (found["hidden"] > 0)
        return {
            "loss": np.asarray(-log_shares[each, labels].mean()),
            "gradient of class weights": found["hidden"].T @ pull,
            "gradient of class bias": pull.sum(axis=0),
            "gradient of hidden weights": rows.T @ hidden_pull,
            "gradient of hidden bias": hidden_pull.sum(axis=0),
        }
