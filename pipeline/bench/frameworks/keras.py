"""Keras 3 on each of its backends: a `keras.Model` stepped by `train_on_batch` and `predict_on_batch`, as it is used.

Keras copies the batch in and the result out at every step; that belongs to what its users wait for, and is measured.
"""

import os
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.contract import (
    Case,
    Framework,
    Operations,
    Problem,
    State,
    Tensor,
    Tensors,
    Unsupported,
    gradients_from_step,
)
from pipeline.bench.frameworks.jax import Jax
from pipeline.bench.frameworks.pytorch import PyTorch
from pipeline.bench.frameworks.tensorflow import TensorFlow

_EPSILON = 1e-5


class Keras(Framework):
    """Keras on one backend, whose own adapter sets and reads back threads, precision and device.

    Arrays keep Keras's own layout on every backend: channels last, dense weights in x out.
    """

    package: ClassVar[str] = "keras"
    backend: ClassVar[type[Framework]]

    keras: ModuleType

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Name the backend, and set what the backend itself needs."""
        below = cls.backend.environment(threads_count, cache_folder, is_quick=is_quick)
        return {**below, "KERAS_BACKEND": cls.backend.package}

    def devices(self) -> Sequence[Mapping[str, object]]:
        """Ask the backend's adapter; without the backend there is none."""
        try:
            return self.backend().devices()
        except ModuleNotFoundError:
            return []

    def start(self, threads_count: int, device: str) -> str:
        """Start the backend, then import Keras on it.

        Raises:
            Unsupported: the backend is not installed, or does not see the device.
        """
        self._below = self.backend()
        try:
            version = self._below.start(threads_count, device)
        except ModuleNotFoundError as error:
            raise Unsupported(f"Keras needs `{error.name}` for this backend, and it is not installed") from error
        import keras

        self.keras = keras
        self.operations = _Words(keras).vocabulary()
        return f"{keras.__version__} on {self.backend.package} {version}"

    def read_back(self) -> Mapping[str, object]:
        """Return the backend's account, and Keras's own settings."""
        config = self.keras.config
        return {
            **self._below.read_back(),
            "keras_backend": config.backend(),
            "keras_floatx": config.floatx(),
            "keras_image_data_format": config.image_data_format(),
            "keras_home": "KERAS_HOME" in os.environ,
        }

    def blas_path(self) -> str | None:
        """Return what the backend's library tells."""
        return self._below.blas_path()

    def prepare(self, mode: str) -> None:
        """Let the backend create its runtime."""
        self._below.prepare(mode)

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Build a model whose call is the case's forward pass; Keras decides itself what it compiles.

        Raises:
            Unsupported: the number type is not Keras's default.
        """
        if problem.dtype != "float32":
            raise Unsupported("this adapter runs Keras in its default number type, float32, only")
        model = self._model(case, problem)
        inputs = {name: laid.values for name, laid in problem.inputs.items()}
        is_from_cache = None if mode == "eager" else False
        if not case.is_training:
            return State(
                step=lambda: model.predict_on_batch(inputs),
                check=lambda output: {"output": np.asarray(output)},
                is_from_cache=lambda: is_from_cache,
            )
        labels = inputs["labels"]  # Keras wants some; the model has them among its inputs and takes no heed of these
        return State(
            step=lambda: model.train_on_batch(inputs, labels, return_dict=True)["loss"],
            check=lambda loss: self._after_training(case, problem, model, loss),
            is_from_cache=lambda: is_from_cache,
            weights=lambda: self._weights(model),
        )

    def device_memory(self) -> Mapping[str, int]:
        """Ask the backend's adapter."""
        return self._below.device_memory()

    def device_memory_in_use(self) -> int | None:
        """Ask the backend's adapter."""
        return self._below.device_memory_in_use()

    def reset_device_peaks(self) -> bool:
        """Ask the backend's adapter."""
        return self._below.reset_device_peaks()

    def sync(self, result: object) -> None:
        """Return at once: Keras has copied the result out already."""

    def is_unsupported(self, error: Exception) -> bool:
        """Ask the backend's adapter."""
        return self._below.is_unsupported(error)

    def _model(self, case: Case, problem: Problem) -> Tensor:
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
                return case.forward(operations, {**inputs, **self.named})

            def compute_loss(
                self,
                x: Tensor = None,
                y: Tensor = None,
                y_pred: Tensor = None,
                sample_weight: Tensor = None,
                training: Tensor = None,
            ) -> Tensor:
                del x, y, sample_weight, training
                return y_pred  # a training case's forward pass gives the loss

        model = CaseModel()
        model.compile(optimizer=keras.optimizers.SGD(case.learning_rate))
        return model

    def _after_training(
        self, case: Case, problem: Problem, model: Tensor, loss: Tensor
    ) -> Mapping[str, NDArray[np.generic]]:
        before = {name: laid.values for name, laid in problem.parameters.items()}
        return {
            "loss": np.asarray(loss),
            **gradients_from_step(before, self._weights(model), case.learning_rate),
        }

    def _weights(self, model: Tensor) -> Mapping[str, NDArray[np.generic]]:
        return {name: self.keras.ops.convert_to_numpy(weight) for name, weight in model.named.items()}


class KerasOnTensorFlow(Keras):
    """Runs as a TensorFlow graph."""

    name: ClassVar[str] = "keras_tensorflow"
    modes: ClassVar[tuple[str, ...]] = ("compiled",)
    backend: ClassVar[type[Framework]] = TensorFlow


class KerasOnPyTorch(Keras):
    """Runs eagerly: Keras does not call PyTorch's compiler by itself."""

    name: ClassVar[str] = "keras_pytorch"
    modes: ClassVar[tuple[str, ...]] = ("eager",)
    backend: ClassVar[type[Framework]] = PyTorch


class KerasOnJax(Keras):
    """Runs through `jax.jit`."""

    name: ClassVar[str] = "keras_jax"
    modes: ClassVar[tuple[str, ...]] = ("compiled",)
    backend: ClassVar[type[Framework]] = Jax


class _Words:
    """What fits `keras.ops` to the vocabulary; what they lack is put together from their parts."""

    def __init__(self, keras: ModuleType) -> None:
        """Bind the operations."""
        self.ops = keras.ops

    def convolution(self, images: Tensor, kernels: Tensor, stride: int = 1) -> Tensor:
        edge = kernels.shape[0] // 2
        if stride == 1:
            return self.ops.conv(images, kernels, strides=1, padding="same")
        # With a stride, "same" pads one side more than the other on some backends.
        padded = self.ops.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0))) if edge else images
        return self.ops.conv(padded, kernels, strides=stride, padding="valid")

    def dense(self, rows: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        return self.ops.matmul(rows, weights) + bias

    def max_pool(self, images: Tensor, side: int) -> Tensor:
        edge = (side - 2, side - 2)
        padded = self.ops.pad(images, ((0, 0), edge, edge, (0, 0)), constant_values=-np.inf) if side - 2 else images
        return self.ops.max_pool(padded, side, strides=2, padding="valid")

    def mean_pool(self, images: Tensor) -> Tensor:
        return self.ops.mean(images, axis=(1, 2))

    def batch_norm(self, images: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        mean, variance = self.ops.moments(images, axes=(0, 1, 2))
        return self.fixed_norm(images, scale, shift, mean, variance)

    def fixed_norm(self, images: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return self.ops.batch_normalization(images, mean, variance, -1, offset=shift, scale=scale, epsilon=_EPSILON)

    def layer_norm(self, rows: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        return self.ops.layer_normalization(rows, scale, shift, epsilon=_EPSILON)

    def gelu(self, values: Tensor) -> Tensor:
        return self.ops.gelu(values, approximate=False)

    def attention(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        scores = self.ops.matmul(query, self.ops.transpose(key, (0, 1, 3, 2))) * (query.shape[-1] ** -0.5)
        return self.ops.matmul(self.ops.softmax(scores), value)

    def split_heads(self, values: Tensor, heads: int) -> Tensor:
        batch, length, width = values.shape
        return self.ops.transpose(self.ops.reshape(values, (batch, length, heads, width // heads)), (0, 2, 1, 3))

    def merge_heads(self, values: Tensor) -> Tensor:
        batch, heads, length, depth = values.shape
        return self.ops.reshape(self.ops.transpose(values, (0, 2, 1, 3)), (batch, length, heads * depth))

    def embedding(self, table: Tensor, indices: Tensor) -> Tensor:
        return self.ops.take(table, indices, axis=0)

    def lstm(self, sequences: Tensor, input_weights: Tensor, recurrent_weights: Tensor, bias: Tensor) -> Tensor:
        ops = self.ops
        hidden = cell = ops.zeros((sequences.shape[0], recurrent_weights.shape[0]))
        outputs = []
        for now in ops.unstack(self.dense(sequences, input_weights, bias), axis=1):
            enter, forget, new, leave = ops.split(now + ops.matmul(hidden, recurrent_weights), 4, axis=1)
            cell = ops.sigmoid(forget) * cell + ops.sigmoid(enter) * ops.tanh(new)
            hidden = ops.sigmoid(leave) * ops.tanh(cell)
            outputs.append(hidden)
        return ops.stack(outputs, axis=1)

    def cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        return self.ops.mean(self.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))

    def vocabulary(self) -> Operations:
        """Return the vocabulary in `keras.ops`."""
        ops = self.ops
        return Operations(
            matmul=ops.matmul,
            dense=self.dense,
            convolution=self.convolution,
            max_pool=self.max_pool,
            mean_pool=self.mean_pool,
            batch_norm=self.batch_norm,
            fixed_norm=self.fixed_norm,
            layer_norm=self.layer_norm,
            relu=ops.relu,
            gelu=self.gelu,
            tanh=ops.tanh,
            softmax=ops.softmax,
            attention=self.attention,
            split_heads=self.split_heads,
            merge_heads=self.merge_heads,
            embedding=self.embedding,
            lstm=self.lstm,
            cross_entropy=self.cross_entropy,
        )
