"""What the cases of whole networks share: one is run forward, or trained on one batch over and over."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Tensor, Tensors


class Network(Case):
    """A network with its data; a case of it is that and one of the two ways to use it."""

    @abstractmethod
    def whole_problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return inputs with their labels, and weights."""

    @abstractmethod
    def scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores."""


class Inference(Network):
    """The scores alone, as a trained network gives them."""

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return inputs, weights, and statistics of what is normalised."""
        made = self.whole_problem(size, generator)
        inputs = {name: laid for name, laid in made.inputs.items() if name != "labels"}
        return Problem(inputs=inputs, parameters=with_statistics(made.parameters, generator))

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the scores."""
        return self.scores(operations, tensors)


class Training(Network):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    is_training: ClassVar[bool] = True

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return inputs, labels and weights."""
        return self.whole_problem(size, generator)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the loss."""
        return operations.cross_entropy(self.scores(operations, tensors), tensors["labels"])


def with_statistics(parameters: Mapping[str, Laid], generator: np.random.Generator) -> dict[str, Laid]:
    """Return the parameters with a mean and a variance beside every convolution's scale, as after training."""
    found = dict(parameters)
    for name, laid in parameters.items():
        layer, shape = name.removesuffix(" scale"), laid.values.shape
        if name.endswith(" scale") and f"{layer} kernels" in parameters:
            found[f"{layer} mean"] = Laid(0.1 * generator.standard_normal(shape))
            found[f"{layer} variance"] = Laid(1 + 0.1 * generator.random(shape))
    return found
