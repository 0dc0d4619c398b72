"""tinygrad: by its `TinyJit`, which captures a step's kernels and replays them, and without it."""

import os
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from shutil import which
from subprocess import CalledProcessError
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.array_framework import CHANNELS_FIRST, DENORMAL, ArrayFramework
from pipeline.bench.contract import Case, Laid, Layout, Problem, State
from pipeline.bench.operations import BY_METHODS, EPSILON, Operations, Tensor, Unsupported, Word, composed
from pipeline.bench.optimisers import moves


class Tinygrad(ArrayFramework):
    """A step makes a graph of all that it computes and realises it as a whole, so that `eager` fuses operations too."""

    package: ClassVar[str] = "tinygrad"
    modes: ClassVar[tuple[str, ...]] = ("compiled", "eager")
    shape_modes: ClassVar[tuple[str, ...]] = ("compiled",)
    variable_prefixes: ClassVar[tuple[str, ...]] = ("BEAM", "DEFAULT_FLOAT", "DEV", "JIT", "NOOPT", "WINO")
    stored_axes: ClassVar[Mapping[Layout, tuple[int, ...]]] = CHANNELS_FIRST

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Name processor, threads and compiler; no kernel is kept in files, so that first steps compile theirs."""
        del cache_folder, is_quick
        return {"DEV": "CPU", "NUM_CPU_THREADS": str(threads_count), "CC": _clang() or "clang", "CACHELEVEL": "0"}

    def start(self, threads_count: int, device: str) -> str:
        """Import tinygrad; without clang it can compute nothing."""
        del threads_count
        import tinygrad

        self.tinygrad: ModuleType = tinygrad
        self.refuse_unseen(device, "adapter of tinygrad")
        if not _clang():
            raise Unsupported("tinygrad compiles every kernel by clang, which is not found here; install clang")
        self.operations = Operations(**_words(tinygrad.Tensor))
        return version("tinygrad")

    def read_back(self) -> Mapping[str, object]:
        """Return tinygrad's own account of threads and search, and the compiler that it calls."""
        helpers = self.tinygrad.helpers
        return {
            "intra_op_threads": helpers.NUM_CPU_THREADS.value,
            "beam_search": helpers.BEAM.value,
            "compiler": os.environ.get("CC"),
            "flushes_denormals": bool((self.stored(np.array([DENORMAL]), "float32") * 1.5).numpy()[0] == 0),
            "device": {"kind": "cpu"},
        }

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; all that a step computes is compiled, and captured, at the first one. Weights are held."""
        arrays = (problem.inputs, problem.parameters, case.kept_at_start(problem))
        inputs, weights, kept = (self.put_all(each, problem.dtype) for each in arrays)
        operations, rate = self.operations, case.learning_rate

        def run(inputs: Mapping[str, Tensor]) -> Tensor:
            result = case.forward(operations, {**inputs, **weights})
            if not case.is_training:
                return result.realize()
            gradients = zip(weights, result.gradient(*weights.values()), strict=True)
            falls, after = moves(dict(gradients), kept)
            for name, fall in falls.items():
                weights[name].assign(weights[name] - rate * fall)
            for name, value in after.items():
                kept[name].assign(value)
            return result.realize(*weights.values(), *kept.values())

        captures = defaultdict[object, Tensor](lambda: self.tinygrad.TinyJit(run))
        state = State(step=lambda: run(inputs), weights=weights, give=self.into(inputs, problem.dtype))
        if mode == "eager":
            return state

        def give(arrays: Mapping[str, Laid]) -> None:
            """Step by the capture of these shapes; one refuses all others."""
            inputs.update(self.put_all(arrays, problem.dtype))
            jit = captures[tuple(each.shape for each in inputs.values())]
            jit.cnt = jit.cnt or 1  # a call for what is made once would go before the one captured; nothing is, here
            state.step = partial(jit, inputs)

        give({})
        state.give, state.graphs_count = give, lambda: sum(each.captured is not None for each in captures.values())
        state.is_compiled = lambda: state.graphs_count() == len(captures)
        return state

    def sync(self, result: object) -> None:
        """Wait for all that the processor's queue holds."""
        del result
        self.tinygrad.Device["CPU"].synchronize()

    def stored(self, values: NDArray[np.generic], dtype: str) -> Tensor:
        """Return a copy in a buffer; some compilers lack a type of 16 bits."""
        try:
            held = self.tinygrad.Tensor(values, dtype="int32" if values.dtype.kind == "i" else dtype)
            return held.clone().realize()  # else a single number would be a constant
        except CalledProcessError as error:
            raise Unsupported(f"the clang found here compiles no {dtype}; a newer one does") from error

    def numbers(self, tensor: Tensor) -> NDArray[np.generic]:
        """Return a copy, as a training step overwrites the memory of weights."""
        return np.array(tensor.float().numpy())


def _clang() -> str | None:
    """Return where the compiler is that the environment names, if it is a clang, or else the usual one."""
    return next(filter(None, (which(name) for name in (os.environ.get("CC", ""), "clang") if "clang" in name)), None)


def _words(tensor: Tensor) -> dict[str, Word]:
    """Return the words by methods of tinygrad's tensors, which are mostly called as PyTorch's."""
    arrays = SimpleNamespace(
        **{name: getattr(tensor, name) for name in ("argmax", "matmul", "reshape", "tanh")},
        split=lambda values, count, axis: values.chunk(count, axis),
        stack=lambda parts, axis: tensor.stack(*parts, dim=axis),
        unstack=lambda values, axis: [part.squeeze(axis) for part in values.split(1, axis)],
        zeros=lambda shape, dtype: tensor.zeros(shape, dtype=dtype),
    )
    own: dict[str, Word] = {
        "convolution": lambda images, kernels, stride=1: images.conv2d(
            kernels, stride=stride, padding=kernels.shape[-1] // 2
        ),
        "max_pool": lambda images, side: images.max_pool2d((side, side), stride=2, padding=side - 2),
        "batch_norm": lambda images, scale, shift: (
            images.layernorm((0, 2, 3), EPSILON) * scale[:, None, None] + shift[:, None, None]
        ),
        "fixed_norm": lambda images, *linear: images.batchnorm(*linear[:3], (linear[3] + EPSILON).rsqrt()),
        "layer_norm": lambda rows, scale, shift: rows.layernorm(eps=EPSILON) * scale + shift,
        "gelu": lambda values: values.gelu("none"),
        "attention": tensor.scaled_dot_product_attention,
        "concatenate": lambda past, new: past.cat(new, dim=2),
        "cross_entropy": tensor.sparse_categorical_crossentropy,
    }
    return composed(arrays, tensor) | BY_METHODS | own
