"""TensorFlow: eager, and `tf.function` with its default graph optimisations."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.base import Case, Framework, Laid, Operations, Problem, State, Unsupported, gradients_from_step


class TensorFlow(Framework):
    """Weights are `tf.Variable`s, inputs are arguments; of training, the whole step is one graph in compiled mode.

    The shared layouts are TensorFlow's own: channels last, dense weights in x out.
    """

    name: ClassVar[str] = "tensorflow"
    package: ClassVar[str] = "tensorflow"
    modes: ClassVar[tuple[str, ...]] = ("eager", "compiled")

    tf: ModuleType

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Set the thread pools before the import, and leave out what is no error from the log."""
        del cache_folder, is_quick
        return {
            "TF_NUM_INTRAOP_THREADS": str(threads_count),
            "TF_NUM_INTEROP_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }

    def start(self, threads_count: int, device: str) -> str:
        """Import TensorFlow, set its two thread pools, and switch reduced-precision products off."""
        import tensorflow as tf

        if device != "cpu":
            raise Unsupported(f"this adapter does not run on {device} yet")
        self.tf = tf
        tf.config.threading.set_intra_op_parallelism_threads(threads_count)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        tf.config.set_visible_devices([], "GPU")

        def convolution(images: object, kernels: object) -> object:
            return tf.nn.conv2d(images, kernels, strides=1, padding="SAME")

        def dense(rows: object, weights: object, bias: object) -> object:
            return tf.nn.bias_add(tf.linalg.matmul(rows, weights), bias)

        def cross_entropy(logits: object, labels: object) -> object:
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

        self.operations = Operations(
            matmul=tf.linalg.matmul,
            convolution=convolution,
            dense=dense,
            relu=tf.nn.relu,
            cross_entropy=cross_entropy,
        )
        return str(tf.__version__)

    def read_back(self) -> Mapping[str, object]:
        """Return TensorFlow's own account of threads, precision and libraries."""
        tf = self.tf
        build = tf.sysconfig.get_build_info()
        return {
            "intra_op_threads": tf.config.threading.get_intra_op_parallelism_threads(),
            "inter_op_threads": tf.config.threading.get_inter_op_parallelism_threads(),
            "tensor_float_32": tf.config.experimental.tensor_float_32_execution_enabled(),
            "cpu_compiler": build.get("cpu_compiler"),
            "is_cuda_build": build.get("is_cuda_build"),
            "optimizer_jit": tf.config.optimizer.get_jit(),
        }

    def prepare(self, mode: str) -> None:
        """Create the runtime and, for graphs, the tracer, so that no case's time holds that."""
        one = self.tf.constant(1.0)
        (self.tf.function(self.tf.add) if mode == "compiled" else self.tf.add)(one, one)

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; the compiled mode traces at its first step."""
        inputs = {name: self._put(laid) for name, laid in problem.inputs.items()}
        # A constant weight would be folded into the graph; a variable is what a model has.
        variables = {name: self.tf.Variable(self._put(laid)) for name, laid in problem.parameters.items()}
        whole = self._training_step(case, inputs, variables) if case.is_training else None
        step = whole or self._forward_step(case, inputs, variables)
        values = tuple(inputs.values())
        called = self.tf.function(step) if mode == "compiled" else step
        return State(
            step=lambda: called(*values),
            check=self._training_check(case, problem, variables) if case.is_training else self._forward_check,
            is_from_cache=lambda: False if mode == "compiled" else None,
        )

    def sync(self, result: Any) -> None:  # noqa: ANN401 — a tensor
        """Wait for the result; on the CPU this copies nothing."""
        result.numpy()

    def _forward_step(
        self, case: Case, inputs: Mapping[str, object], variables: Mapping[str, Any]
    ) -> Callable[..., object]:
        names, operations = tuple(inputs), self.operations

        def step(*given: object) -> object:
            return case.forward(operations, {**variables, **dict(zip(names, given, strict=True))})

        return step

    def _training_step(
        self, case: Case, inputs: Mapping[str, object], variables: Mapping[str, Any]
    ) -> Callable[..., object]:
        tf, rate = self.tf, case.learning_rate
        forward = self._forward_step(case, inputs, variables)
        weights = tuple(variables.values())

        def step(*given: object) -> object:
            with tf.GradientTape() as tape:
                loss = forward(*given)
            for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
                weight.assign_sub(rate * gradient)
            return loss

        return step

    def _forward_check(self, output: Any) -> Mapping[str, NDArray[np.generic]]:  # noqa: ANN401 — a tensor
        return {"output": output.numpy()}

    def _training_check(
        self, case: Case, problem: Problem, variables: Mapping[str, Any]
    ) -> Callable[[Any], Mapping[str, NDArray[np.generic]]]:
        def check(loss: Any) -> Mapping[str, NDArray[np.generic]]:  # noqa: ANN401 — a tensor
            before = {name: laid.values for name, laid in problem.parameters.items()}
            after = {name: variable.numpy() for name, variable in variables.items()}
            return {"loss": loss.numpy(), **gradients_from_step(before, after, case.learning_rate)}

        return check

    def _put(self, laid: Laid) -> object:
        return self.tf.constant(laid.values)
