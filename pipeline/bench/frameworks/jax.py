"""JAX: `jax.jit`, as it is meant to be run, and without it, operation by operation."""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.array_framework import DENORMAL, ArrayFramework, write_openvino
from pipeline.bench.contract import Case, Problem, State, Tensors, Tier
from pipeline.bench.operations import Operations, Tensor, Unsupported, Word, composed, lstm_step
from pipeline.bench.optimisers import moves

_PLATFORMS: Mapping[str, str] = {"cuda": "cuda", "rocm": "rocm", "metal": "METAL", "tpu": "tpu"}
"""JAX's own name of each device beside the processor."""


class Jax(ArrayFramework):
    """Inputs and weights are arguments of one function, jitted or not; of training, the whole step is that function.

    The shared layouts are kept: channels last, dense weights in x out.
    """

    package: ClassVar[str] = "jax"
    modes: ClassVar[tuple[str, ...]] = ("compiled", "eager")
    mode_tiers: ClassVar[Mapping[str, Tier]] = {"eager": "default"}
    variable_prefixes: ClassVar[tuple[str, ...]] = ("JAX", "XLA")
    shape_modes: ClassVar[tuple[str, ...]] = ("compiled",)
    exports: ClassVar[tuple[str, ...]] = ("jax.export", "ONNX", "OpenVINO")

    jax: ModuleType
    processes_count: int = 1

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Limit XLA's thread pool, which can only be done from outside."""
        del cache_folder, is_quick
        return {"NPROC": str(threads_count), "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}

    def devices(self) -> Iterable[Mapping[str, object]]:
        """Yield the processor, and what JAX tells of each other platform that it has a working plug-in for."""
        import jax

        yield {"device": "cpu"}
        for kind, platform in _PLATFORMS.items():
            try:
                listed = jax.devices(platform)
            except (RuntimeError, AssertionError):  # the second where it knows the platform but has no plug-in
                continue
            yield {"device": kind, "count": len(listed), **_details(listed[0])}

    def join(self, place: int, addresses: Sequence[str]) -> None:
        """Meet the others at the first one's address; the devices of all are then JAX's."""
        import jax

        self.processes_count = len(addresses)
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(addresses[0], self.processes_count, place)

    def start(self, threads_count: int, device: str) -> str:
        """Import JAX and ask for full-precision products."""
        del threads_count
        import jax

        self.jax = jax
        jax.config.update("jax_platforms", _PLATFORMS.get(device, device))
        jax.config.update("jax_default_matmul_precision", "highest")
        try:
            jax.devices()
        except (RuntimeError, AssertionError) as error:  # the second where it knows the device but has no plug-in
            raise Unsupported(f"this JAX sees no {device} device") from error
        self.operations = Operations(**_words(jax))
        return str(jax.__version__)

    def read_back(self) -> Mapping[str, object]:
        """Return JAX's own account of devices and precision; its thread pool can only be read from the environment."""
        device, one = self.jax.devices()[0], self.jax.numpy.ones((256, 256))
        # What XLA hands a product to stands in what it compiled; which instructions that takes it does not tell.
        compiled = self.jax.jit(self.jax.numpy.matmul).lower(one, one).compile().as_text()
        handed_to = re.search(r'"kind":"(__\w+)"|custom_call_target="([^"]+)"', compiled)
        return {
            "intra_op_threads": None,
            "nproc": os.environ.get("NPROC"),
            "default_matmul_precision": self.jax.config.jax_default_matmul_precision,
            "is_x64_enabled": self.jax.config.jax_enable_x64,
            "matmul_by": (handed_to[1] or handed_to[2]) if handed_to else "XLA itself",
            "flushes_denormals": bool((self.jax.numpy.array([DENORMAL]) * 1)[0] == 0),
            "device": {"kind": device.platform, **_details(device)},
        }

    def prepare(self, mode: str) -> None:
        """Create the runtime, so that no case's time holds that."""
        del mode
        self.jax.jit(self.jax.numpy.add)(1.0, 1.0).block_until_ready()

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; jit compiles it at its first step, and without jit each operation at its first use."""
        jax, operations, rate = self.jax, self.operations, case.learning_rate
        arrays = (problem.inputs, problem.parameters, case.kept_at_start(problem))
        inputs, weights, kept = (self.put_all(each, problem.dtype) for each in arrays)
        if self.processes_count > 1:
            inputs, weights = self._over_processes(inputs, "batch"), self._over_processes(weights)
        pass_forward, is_compiled = self.watched(case.forward, mode)

        def forward(weights: Tensors, inputs: Tensors) -> Tensor:
            return pass_forward(operations, {**inputs, **weights})

        def update(weights: Tensors, kept: Tensors, inputs: Tensors) -> tuple[Tensor, Tensors, Tensors]:
            loss, gradients = jax.value_and_grad(forward)(weights, inputs)
            falls, after = moves(gradients, kept)
            return loss, jax.tree.map(lambda weight, fall: weight - rate * fall, weights, falls), after

        made = partial(State, weights=weights, give=self.into(inputs, problem.dtype), is_compiled=is_compiled)
        if not case.is_training:
            run = forward if mode == "eager" else jax.jit(forward)
            return made(step=lambda: run(weights, inputs), graphs_count=getattr(run, "_cache_size", lambda: None))
        train = update if mode == "eager" else jax.jit(update, donate_argnums=(0, 1))

        def step() -> object:
            result = train(weights, kept, inputs)
            weights.update(result[1])
            kept.update(result[2])
            return result

        return made(
            step=step, loss_in=lambda result: result[0], graphs_count=getattr(train, "_cache_size", lambda: None)
        )

    def _over_processes(self, arrays: Tensors, *axes: str) -> dict[str, Tensor]:
        """Return this process's arrays as its parts of common ones along these axes; without any, all hold the same."""
        from jax.sharding import Mesh, NamedSharding, PartitionSpec

        placed = NamedSharding(Mesh(self.jax.devices(), ("batch",)), PartitionSpec(*axes))
        make = self.jax.make_array_from_process_local_data
        return {name: make(placed, np.asarray(each)) for name, each in arrays.items()}

    def export(self, case: Case, problem: Problem, form: str, path: Path) -> None:
        """Write an exported program, or what OpenVINO makes of the traced function; JAX has no other way of its own."""
        from jax import export

        if form == "ONNX":
            raise Unsupported("JAX brings no exporter to ONNX; it names the way through TensorFlow, by jax2tf")
        ((name, given),) = self.put_all(problem.inputs, problem.dtype).items()
        weights = self.put_all(problem.parameters, problem.dtype)
        forward = self.jax.jit(lambda asked: case.forward(self.operations, {name: asked, **weights}))
        if form == "OpenVINO":
            write_openvino(self.jax.make_jaxpr(forward.__wrapped__)(given), path)
        else:
            path.write_bytes(export.export(forward)(given).serialize())

    def opened(self, form: str, path: Path) -> Callable[[NDArray[np.generic]], object]:
        """Load an exported program."""
        del form
        from jax import export

        answer: Callable[[NDArray[np.generic]], object] = self.jax.jit(export.deserialize(path.read_bytes()).call)
        return answer

    def is_symbolic(self, tensor: Tensor) -> bool:
        """Ask JAX."""
        return isinstance(tensor, self.jax.core.Tracer)

    def sync(self, result: object) -> None:
        """Wait for every array of the result."""
        self.jax.block_until_ready(result)

    def memory_counts(self) -> Mapping[str, int]:
        """Return what JAX counts on its device; its CPU allocator counts nothing."""
        counted = self.jax.devices()[0].memory_stats() or {}
        names = {"allocated": "peak_bytes_in_use", "reserved": "peak_pool_bytes", "in_use": "bytes_in_use"}
        return {name: counted[key] for name, key in names.items() if key in counted}

    def stored(self, values: NDArray[np.generic], dtype: str) -> Tensor:
        """Return an array of JAX's."""
        return self.jax.numpy.array(values, dtype="int32" if values.dtype.kind == "i" else dtype)

    def numbers(self, tensor: Tensor) -> NDArray[np.generic]:
        """Return a copy, as a training step overwrites the memory of weights."""
        return np.array(tensor, dtype=np.float32)


def _details(device: Tensor) -> dict[str, object]:
    memory = device.memory_stats() or {}
    return {
        "name": device.device_kind,
        "compute_capability": getattr(device, "compute_capability", None),
        "clock_mhz": getattr(device, "core_clock_mhz", None),
        "memory_bytes": memory.get("bytes_limit"),
        "runtime": getattr(device.client, "platform_version", None),
    }


def _words(jax: ModuleType) -> dict[str, Word]:
    """Return the words by JAX's functions; what they lack is put together from their parts."""
    arrays, nn, lax = jax.numpy, jax.nn, jax.lax

    def convolution(images: Tensor, kernels: Tensor, stride: int = 1) -> Tensor:
        edge, axes = kernels.shape[0] // 2, ("NHWC", "HWIO", "NHWC")
        padding = ((edge, edge), (edge, edge))
        return lax.conv_general_dilated(images, kernels, (stride, stride), padding, dimension_numbers=axes)

    def max_pool(images: Tensor, side: int) -> Tensor:
        edge = (side - 2, side - 2)
        window, strides, padding = (1, side, side, 1), (1, 2, 2, 1), ((0, 0), edge, edge, (0, 0))
        return lax.reduce_window(images, -arrays.inf, lax.max, window, strides, padding)

    def lstm(sequences: Tensor, entering: Tensor, recurring: Tensor, bias: Tensor) -> Tensor:
        """Return the hidden state after each time, by JAX's own loop."""

        def step(state: tuple[Tensor, Tensor], now: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
            hidden, cell = lstm_step(arrays, nn, now + state[0] @ recurring, state[1])
            return (hidden, cell), hidden

        zeros = arrays.zeros((sequences.shape[0], recurring.shape[0]), sequences.dtype)
        inputs = (sequences @ entering + bias).swapaxes(0, 1)
        return lax.scan(step, (zeros, zeros), inputs)[1].swapaxes(0, 1)

    def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
        return -arrays.take_along_axis(nn.log_softmax(logits), labels[:, None], axis=1).mean()

    def recomputed(part: Word, values: Tensor) -> Tensor:
        return jax.checkpoint(part)(values)

    own = (convolution, max_pool, lstm, recomputed, cross_entropy)
    return composed(arrays, nn) | {word.__name__: word for word in own}
