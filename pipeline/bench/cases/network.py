"""What the cases of whole networks share: one is run forward, or trained on one batch over and over."""

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Tensor, Tensors


class Network(Case):
    """A network with its data: run forward for its scores, as a trained one is used, or trained by cross-entropy."""

    @abstractmethod
    def whole_problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return inputs with their labels, and weights."""

    @abstractmethod
    def scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores."""

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return inputs and weights; in training the labels too, else statistics of what is normalised."""
        made = self.whole_problem(size, generator)
        if self.is_training:
            return made
        inputs = {name: laid for name, laid in made.inputs.items() if name != "labels"}
        return Problem(inputs=inputs, parameters=with_statistics(made.parameters, generator))

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the scores, in training the loss."""
        scores = self.scores(operations, tensors)
        return operations.cross_entropy(scores, tensors["labels"]) if self.is_training else scores


def dense_layer(name: str, entering: int, leaving: int, generator: np.random.Generator) -> dict[str, Laid]:
    """Return the weights of a layer, scaled to their fan-in, and its bias."""
    weights = generator.standard_normal((entering, leaving)) / np.sqrt(entering)
    return {
        f"{name} weights": Laid(weights, "dense"),
        f"{name} bias": Laid(0.1 * generator.standard_normal(leaving)),
    }


def through(operations: Operations, tensors: Tensors, name: str, values: Tensor) -> Tensor:
    """Return the result of the dense layer of that name."""
    return operations.dense(values, tensors[f"{name} weights"], tensors[f"{name} bias"])


def with_statistics(parameters: Mapping[str, Laid], generator: np.random.Generator) -> dict[str, Laid]:
    """Return the parameters with a mean and a variance beside every convolution's scale, as after training."""
    found = dict(parameters)
    for name, laid in parameters.items():
        layer, shape = name.removesuffix(" scale"), laid.values.shape
        if name.endswith(" scale") and f"{layer} kernels" in parameters:
            found[f"{layer} mean"] = Laid(0.1 * generator.standard_normal(shape))
            found[f"{layer} variance"] = Laid(1 + 0.1 * generator.random(shape))
    return found


def image_layer(
    layer: str, shape: tuple[int, int, int], generator: np.random.Generator, *, gain: float = 1
) -> dict[str, Laid]:
    """Return a layer's kernels (side, in, out) scaled to their fan-in (He), its scale near `gain`, shift near zero."""
    kernel, entering, leaving = shape
    kernels = generator.standard_normal((kernel, kernel, entering, leaving)) * np.sqrt(2 / (kernel**2 * entering))
    return {
        f"{layer} kernels": Laid(kernels, "kernels"),
        f"{layer} scale": Laid(gain * (1 + 0.1 * generator.standard_normal(leaving))),
        f"{layer} shift": Laid(0.1 * generator.standard_normal(leaving)),
    }


def labelled_images(batch: int, side: int, classes: int, generator: np.random.Generator) -> dict[str, Laid]:
    """Return images of standard normal numbers with three channels, and a random label for each."""
    return {
        "images": Laid(generator.standard_normal((batch, side, side, 3)), "images"),
        "labels": Laid(generator.integers(0, classes, size=batch)),
    }


def convolved(operations: Operations, tensors: Tensors, layer: str, images: Tensor, *, stride: int = 1) -> Tensor:
    """Return the layer's result, normalised by its statistics where there are any, else by the batch's own."""
    images = operations.convolution(images, tensors[f"{layer} kernels"], stride)
    scale, shift = tensors[f"{layer} scale"], tensors[f"{layer} shift"]
    if f"{layer} mean" not in tensors:
        return operations.batch_norm(images, scale, shift)
    return operations.fixed_norm(images, scale, shift, tensors[f"{layer} mean"], tensors[f"{layer} variance"])
