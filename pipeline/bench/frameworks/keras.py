"""Keras 3 on each of its backends: a `keras.Model` stepped by `train_on_batch` and `predict_on_batch`, as it is used.

Keras copies the batch in and the result out at every step; that belongs to what its users wait for, and is measured.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from types import ModuleType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.array_framework import ArrayFramework
from pipeline.bench.contract import Case, Framework, Problem, State, Tensors
from pipeline.bench.frameworks.jax import Jax
from pipeline.bench.frameworks.pytorch import PyTorch
from pipeline.bench.frameworks.tensorflow import TensorFlow
from pipeline.bench.operations import EPSILON, Operations, Tensor, Unsupported, Word, composed
from pipeline.bench.optimisers import MEAN_DECAY, SQUARE_DECAY, TINY


class Keras(ArrayFramework):
    """Keras on one backend: what is said here comes before the backend's adapter, which gives all the rest.

    Arrays keep Keras's own layout on every backend: channels last, dense weights in x out.
    """

    package: ClassVar[str] = "keras"
    backend: ClassVar[type[ArrayFramework]]
    graphs_method: ClassVar[str] = ""
    """By which a compiled function of the backend's tells how many graphs it holds."""
    variable_prefixes: ClassVar[tuple[str, ...]] = ("JAX", "KERAS", "PYTORCH", "TF", "TORCH", "XLA")
    further_modes: ClassVar[Mapping[str, Callable[[Case, str], bool]]] = {}

    keras: ModuleType

    @classmethod
    def packages(cls) -> frozenset[str]:
        """Return Keras and its backend."""
        return frozenset({cls.package, cls.backend.package})

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Name the backend, and set what the backend itself needs."""
        below = cls.backend.environment(threads_count, cache_folder, is_quick=is_quick)
        return {**below, "KERAS_BACKEND": cls.backend.package}

    def devices(self) -> Iterable[Mapping[str, object]]:
        """Ask the backend's adapter; without the backend there is none."""
        return self.backend.devices(self) if find_spec(self.backend.package) else []

    def start(self, threads_count: int, device: str) -> str:
        """Start the backend, then import Keras on it."""
        try:
            version = self.backend.start(self, threads_count, device)
        except ModuleNotFoundError as error:
            raise Unsupported(f"Keras needs `{error.name}` for this backend, and it is not installed") from error
        import keras

        self.keras = keras
        self.operations = Operations(**_words(keras))
        return f"{keras.__version__} on {self.backend.package} {version}"

    def read_back(self) -> Mapping[str, object]:
        """Return the backend's account, and Keras's own settings."""
        config = self.keras.config
        return {
            **self.backend.read_back(self),
            "keras_backend": config.backend(),
            "keras_floatx": config.floatx(),
            "keras_image_data_format": config.image_data_format(),
        }

    exports, join, loaded = Framework.exports, Framework.join, Framework.loaded
    stored_axes, timed_by_itself = ArrayFramework.stored_axes, Framework.timed_by_itself
    watched = ArrayFramework.watched

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Build a model whose call is the case's forward pass; Keras decides itself what it compiles."""
        if problem.dtype != "float32":
            raise Unsupported("this adapter runs Keras in its default number type, float32, only")
        forward, is_compiled = self.watched(case.forward, mode)
        model = self._model(case, problem, forward, mode)
        inputs = {name: laid.values for name, laid in problem.inputs.items()}
        counting = self.graphs_method if mode == "compiled" else ""  # what XLA makes of one graph, nothing counts

        def train() -> Tensor:
            # Keras wants labels; the model has them among its inputs and takes no heed of these.
            return model.train_on_batch(inputs, inputs["labels"], return_dict=True)["loss"]

        return State(
            step=train if case.is_training else lambda: model.predict_on_batch(inputs),
            weights=model.named,
            give=lambda arrays: inputs.update({name: laid.values for name, laid in arrays.items()}),
            is_compiled=is_compiled,
            graphs_count=lambda: _graphs_held(model.train_function or model.predict_function, counting) or None,
        )

    def numbers(self, tensor: Tensor) -> NDArray[np.generic]:
        """Return what Keras holds as weights, or has copied out already."""
        return np.asarray(self.keras.ops.convert_to_numpy(tensor))

    def sync(self, result: object) -> None:
        """Return at once: Keras has copied the result out already."""

    def _model(self, case: Case, problem: Problem, forward: Callable[..., Tensor], mode: str) -> Tensor:
        keras, operations = self.keras, self.operations

        class CaseModel(keras.Model):  # type: ignore[misc,name-defined]  # Keras has no types
            def __init__(self) -> None:
                super().__init__()
                self.named = {name: self._weight(name, laid.values) for name, laid in problem.parameters.items()}
                self.built = True

            def _weight(self, name: str, values: NDArray[np.generic]) -> Tensor:
                weight = self.add_weight(shape=values.shape, initializer="zeros", name=name.replace(" ", "_"))
                weight.assign(values)
                return weight

            def call(self, inputs: Tensors) -> Tensor:
                return forward(operations, {**inputs, **self.named})

            def compute_loss(self, x: Tensor, y: Tensor, y_pred: Tensor, *_others: Tensor) -> Tensor:
                del x, y
                return y_pred  # a training case's forward pass gives the loss

        model = CaseModel()
        known, rate = keras.optimizers, case.learning_rate
        is_adam = case.optimiser == "Adam"
        optimiser = known.Adam(rate, MEAN_DECAY, SQUARE_DECAY, TINY) if is_adam else known.SGD(rate)
        model.compile(optimiser, jit_compile="auto" if mode in self.modes else True)
        return model


class KerasOnTensorFlow(Keras, TensorFlow):
    """Runs as a TensorFlow graph."""

    modes: ClassVar[tuple[str, ...]] = ("compiled",)
    shape_modes: ClassVar[tuple[str, ...]] = ("compiled", "xla")
    graphs_method: ClassVar[str] = "experimental_get_tracing_count"
    backend: ClassVar[type[ArrayFramework]] = TensorFlow


class KerasOnPyTorch(Keras, PyTorch):
    """Runs eagerly: Keras does not call PyTorch's compiler by itself."""

    modes: ClassVar[tuple[str, ...]] = ("eager",)
    shape_modes: ClassVar[tuple[str, ...]] = ("compiled",)
    backend: ClassVar[type[ArrayFramework]] = PyTorch

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; what `jit_compile` would make of it is not told apart from what stays eager."""
        if mode not in self.modes:
            raise Unsupported(
                "Keras compiles nothing on PyTorch unless it is told to; the compiler then breaks a step into pieces, "
                "and does not say which of them run compiled at a size"
            )
        return super().setup(case, problem, mode)


class KerasOnJax(Keras, Jax):
    """Runs through `jax.jit`."""

    modes: ClassVar[tuple[str, ...]] = ("compiled",)
    graphs_method: ClassVar[str] = "_cache_size"
    backend: ClassVar[type[ArrayFramework]] = Jax


def _graphs_held(function: Tensor, method: str) -> int:
    """Return what that method tells of a compiled function, or of those that a function wraps."""
    if hasattr(function, method):
        return int(getattr(function, method)())
    return sum(_graphs_held(cell.cell_contents, method) for cell in getattr(function, "__closure__", None) or ())


def _words(keras: ModuleType) -> dict[str, Word]:
    """Return the words by `keras.ops`; what they lack is put together from their parts."""
    ops = keras.ops

    def convolution(images: Tensor, kernels: Tensor, stride: int = 1) -> Tensor:
        edge = kernels.shape[0] // 2
        if stride == 1:
            return ops.conv(images, kernels, strides=1, padding="same")
        # With a stride, "same" pads one side more than the other on some backends.
        padded = ops.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0))) if edge else images
        return ops.conv(padded, kernels, strides=stride, padding="valid")

    def max_pool(images: Tensor, side: int) -> Tensor:
        edge = (side - 2, side - 2)
        padded = ops.pad(images, ((0, 0), edge, edge, (0, 0)), constant_values=-np.inf) if side - 2 else images
        return ops.max_pool(padded, side, strides=2, padding="valid")

    def fixed_norm(images: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return ops.batch_normalization(images, mean, variance, -1, offset=shift, scale=scale, epsilon=EPSILON)

    own: dict[str, Word] = {
        "convolution": convolution,
        "max_pool": max_pool,
        "batch_norm": lambda images, *linear: fixed_norm(images, *linear, *ops.moments(images, axes=(0, 1, 2))),
        "fixed_norm": fixed_norm,
        "layer_norm": lambda rows, *linear: ops.layer_normalization(rows, *linear, epsilon=EPSILON),
        "embedding": lambda table, indices: ops.take(table, indices, axis=0),
        "recomputed": lambda part, values: keras.remat(part)(values),
        "cross_entropy": lambda logits, labels: ops.mean(
            ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        ),
    }
    return composed(ops, ops) | own
