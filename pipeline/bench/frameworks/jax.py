"""JAX: `jax.jit`, the only way it is meant to be run."""

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.base import Case, Framework, Laid, Operations, Problem, State, Unsupported, gradients_from_step


class Jax(Framework):
    """Inputs and weights are arguments of one jitted function; of training, the whole step is that function.

    The shared layouts are kept: channels last, dense weights in x out.
    """

    name: ClassVar[str] = "jax"
    package: ClassVar[str] = "jax"
    modes: ClassVar[tuple[str, ...]] = ("compiled",)

    jax: ModuleType

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Limit XLA's thread pool, which can only be done from outside."""
        del cache_folder, is_quick
        return {"NPROC": str(threads_count), "JAX_PLATFORMS": "cpu"}

    def start(self, threads_count: int, device: str) -> str:
        """Import JAX and ask for full-precision products."""
        del threads_count
        import jax

        if device != "cpu":
            raise Unsupported(f"this adapter does not run on {device} yet")
        self.jax = jax
        jax.config.update("jax_default_matmul_precision", "highest")
        numpy_like, nn = jax.numpy, jax.nn

        def convolution(images: object, kernels: object) -> object:
            axes = ("NHWC", "HWIO", "NHWC")
            return jax.lax.conv_general_dilated(images, kernels, (1, 1), "SAME", dimension_numbers=axes)

        def dense(rows: Any, weights: Any, bias: Any) -> object:  # noqa: ANN401 — arrays
            return rows @ weights + bias

        def cross_entropy(logits: Any, labels: Any) -> object:  # noqa: ANN401 — arrays
            found = numpy_like.take_along_axis(nn.log_softmax(logits), labels[:, None], axis=1)
            return -found.mean()

        self.operations = Operations(
            matmul=numpy_like.matmul,
            convolution=convolution,
            dense=dense,
            relu=nn.relu,
            cross_entropy=cross_entropy,
        )
        return str(jax.__version__)

    def read_back(self) -> Mapping[str, object]:
        """Return JAX's own account of devices and precision; its thread pool can only be read from the environment."""
        return {
            "intra_op_threads": None,
            "nproc": os.environ.get("NPROC"),
            "default_matmul_precision": self.jax.config.jax_default_matmul_precision,
            "is_x64_enabled": self.jax.config.jax_enable_x64,
            "platform": self.jax.default_backend(),
        }

    def prepare(self, mode: str) -> None:
        """Create the runtime, so that no case's time holds that."""
        del mode
        self.jax.jit(self.jax.numpy.add)(1.0, 1.0).block_until_ready()

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; it is compiled at its first step.

        Raises:
            Unsupported: the mode is not jit.
        """
        if mode not in self.modes:
            raise Unsupported("JAX is only run compiled by jit")
        inputs = {name: self._put(laid) for name, laid in problem.inputs.items()}
        weights = {name: self._put(laid) for name, laid in problem.parameters.items()}
        return (
            self._training(case, problem, inputs, weights) if case.is_training else self._forward(case, inputs, weights)
        )

    def sync(self, result: object) -> None:
        """Wait for every array of the result."""
        self.jax.block_until_ready(result)

    def _forward(self, case: Case, inputs: Mapping[str, Any], weights: Mapping[str, Any]) -> State:
        operations = self.operations
        compiled = self.jax.jit(lambda inputs, weights: case.forward(operations, {**inputs, **weights}))
        return State(
            step=lambda: compiled(inputs, weights),
            check=lambda output: {"output": np.asarray(output)},
            is_from_cache=lambda: False,
        )

    def _training(self, case: Case, problem: Problem, inputs: Mapping[str, Any], weights: Mapping[str, Any]) -> State:
        jax, operations, rate = self.jax, self.operations, case.learning_rate
        current = weights

        def loss_of(weights: Mapping[str, Any], inputs: Mapping[str, Any]) -> object:
            return case.forward(operations, {**inputs, **weights})

        def update(weights: Mapping[str, Any], inputs: Mapping[str, Any]) -> tuple[object, object]:
            loss, gradients = jax.value_and_grad(loss_of)(weights, inputs)
            return loss, jax.tree.map(lambda weight, gradient: weight - rate * gradient, weights, gradients)

        compiled = jax.jit(update, donate_argnums=0)

        def step() -> object:
            nonlocal current
            loss, current = compiled(current, inputs)
            return loss, current

        def check(result: Any) -> Mapping[str, NDArray[np.generic]]:  # noqa: ANN401 — a pair of arrays
            before = {name: laid.values for name, laid in problem.parameters.items()}
            after = {name: np.array(values) for name, values in result[1].items()}
            return {"loss": np.asarray(result[0]), **gradients_from_step(before, after, rate)}

        return State(step=step, check=check, is_from_cache=lambda: False)

    def _put(self, laid: Laid) -> object:
        values = laid.values.astype(np.int32) if laid.values.dtype.kind == "i" else laid.values
        return self.jax.numpy.array(values)
