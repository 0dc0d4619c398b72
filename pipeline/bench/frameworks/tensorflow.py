"""TensorFlow: eager, `tf.function` with its default graph optimisations, and `tf.function` through XLA."""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.array_framework import DENORMAL, ArrayFramework, printed_to_file, write_openvino
from pipeline.bench.contract import Case, Problem, SampleFiles, State, Tier
from pipeline.bench.operations import EPSILON, UNSEEN, Operations, Tensor, Word, composed
from pipeline.bench.optimisers import moves


class TensorFlow(ArrayFramework):
    """Weights are `tf.Variable`s, inputs are arguments; of training, the whole step is one graph in compiled mode.

    The shared layouts are TensorFlow's own: channels last, dense weights in x out.
    """

    package: ClassVar[str] = "tensorflow"
    modes: ClassVar[tuple[str, ...]] = ("eager", "compiled", "xla")
    mode_tiers: ClassVar[Mapping[str, Tier]] = {"xla": "full"}
    variable_prefixes: ClassVar[tuple[str, ...]] = ("TF", "XLA")
    shape_modes: ClassVar[tuple[str, ...]] = ("compiled", "compiled, open signature", "xla")
    exports: ClassVar[tuple[str, ...]] = ("SavedModel", "LiteRT", "LiteRT int8", "ONNX", "ONNX int8", "OpenVINO")

    tf: ModuleType
    strategy: Tensor = None
    """In each of several processes that train together: how they do."""

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Set the thread pools before the import, and leave out what is no error from the log.

        Of oneDNN's log only the head is wanted, which tells the instructions it chose; shuffles, of which every call
        would be logged too, are in no case.
        """
        del cache_folder, is_quick
        return {
            "TF_NUM_INTRAOP_THREADS": str(threads_count),
            "TF_NUM_INTEROP_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "ONEDNN_VERBOSE": "profile_exec,filter=shuffle",
        }

    def devices(self) -> Iterable[Mapping[str, object]]:
        """Yield the processor, and what TensorFlow tells of a GPU, whose kind follows from the build, or a TPU."""
        import tensorflow as tf

        self.tf = tf
        yield {"device": "cpu"}
        for name in ("GPU", "TPU"):
            if listed := tf.config.list_physical_devices(name):
                build = tf.sysconfig.get_build_info()
                gpu = "rocm" if build.get("is_rocm_build") else "cuda" if build.get("is_cuda_build") else "metal"
                kind = gpu if name == "GPU" else "tpu"
                yield {"device": kind, "count": len(listed), **_details(tf, name)}

    def join(self, place: int, addresses: Sequence[str]) -> None:
        """Name all processes in the variable by which TensorFlow finds them when it starts."""
        told = {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": place}}
        os.environ["TF_CONFIG"] = json.dumps(told)

    def start(self, threads_count: int, device: str) -> str:
        """Import TensorFlow, set its two thread pools, and switch reduced-precision products off."""
        import tensorflow as tf

        self.tf = tf
        self.refuse_unseen(device, "TensorFlow")
        self.device = {"cpu": "CPU", "tpu": "TPU"}.get(device, "GPU")  # also of builds for ROCm and Metal
        tf.config.threading.set_intra_op_parallelism_threads(threads_count)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        if self.device == "CPU":
            tf.config.set_visible_devices([], "GPU")
        self.operations = Operations(**_words(tf))
        if "TF_CONFIG" in os.environ:
            self.strategy = tf.distribute.MultiWorkerMirroredStrategy()
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
            "flushes_denormals": bool((tf.constant([DENORMAL]) * 1.0).numpy()[0] == 0),
            "device": {"kind": "cpu"} if self.device == "CPU" else {"kind": self.device, **_details(tf, self.device)},
        }

    def blas_path(self) -> str | None:
        """Return what oneDNN, which multiplies matrices for TensorFlow on processors, says of itself at first use."""
        with printed_to_file() as said:
            one = self.tf.ones((16, 16))
            self.tf.matmul(one, one)
        version, chosen = (
            re.search(rf"onednn_verbose,.*info,{what}", said()) for what in (r"(oneDNN \S+)", "cpu,isa:(.*)")
        )
        return f"{version[1]}: {chosen[1].strip()}" if version and chosen else None

    def prepare(self, mode: str) -> None:
        """Create the runtime and, for graphs, the tracer, so that no case's time holds that."""
        self._in_mode(self.tf.negative, mode)(self.tf.constant(1.0))

    def export(self, case: Case, problem: Problem, form: str, path: Path) -> None:
        """Write a SavedModel, or what the converters to LiteRT, ONNX or OpenVINO make of the network."""
        tf, operations, model = self.tf, self.operations, self.tf.Module()
        ((name, given),) = self.put_all(problem.inputs, problem.dtype).items()
        weights = {key: tf.Variable(each) for key, each in self.put_all(problem.parameters, problem.dtype).items()}
        model.held, signature = list(weights.values()), [tf.TensorSpec(given.shape, given.dtype)]

        @tf.function(input_signature=signature, autograph=False)  # type: ignore[untyped-decorator]
        def serve(asked: Tensor) -> Tensor:
            return case.forward(operations, {name: asked, **weights})

        if form.startswith("ONNX"):
            import tf2onnx

            tf2onnx.convert.from_function(serve, input_signature=signature, output_path=str(path))
        elif form.startswith("LiteRT"):
            converter = tf.lite.TFLiteConverter.from_concrete_functions([serve.get_concrete_function()], model)
            converter.optimizations = [tf.lite.Optimize.DEFAULT] if form.endswith("int8") else []
            path.write_bytes(converter.convert())
        else:
            saved = path.with_suffix(".saved") if form == "OpenVINO" else path
            tf.saved_model.save(model, str(saved), signatures=serve.get_concrete_function())
            if form == "OpenVINO":
                write_openvino(saved, path)

    def opened(self, form: str, path: Path) -> Callable[[NDArray[np.generic]], object]:
        """Load a SavedModel."""
        del form
        serve = self.tf.saved_model.load(str(path)).signatures["serving_default"]
        return lambda asked: next(iter(serve(self.tf.constant(asked)).values()))

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; the compiled mode traces at its first step."""
        tf, operations, rate = self.tf, self.operations, case.learning_rate
        inputs = self.put_all(problem.inputs, problem.dtype)
        # A constant weight would be folded into the graph; a variable is what a model has.
        variables, kept = (
            {name: tf.Variable(each) for name, each in self.put_all(arrays, problem.dtype).items()}
            for arrays in (problem.parameters, case.kept_at_start(problem))
        )
        names = tuple(inputs)
        pass_forward, is_compiled = self.watched(case.forward, mode)

        def forward(*given: object) -> Tensor:
            return pass_forward(operations, {**dict(zip(names, given, strict=True)), **variables})

        def train(*given: object) -> Tensor:
            with tf.GradientTape() as tape:
                loss = forward(*given)
            gradients = tape.gradient(loss, variables)
            if self.strategy:  # each process changes its own copy, all in the same way
                gradients = tf.distribute.get_replica_context().all_reduce("mean", gradients)
            # Of a table it is a list of rows.
            falls, after = moves({name: tf.convert_to_tensor(each) for name, each in gradients.items()}, kept)
            for name, fall in falls.items():
                variables[name].assign_sub(rate * fall)
            for name, value in after.items():
                kept[name].assign(value)
            return loss

        step = train if case.is_training else forward
        run = (lambda *given: self.strategy.run(step, given)) if self.strategy else step
        called = self._in_mode(run, mode, *inputs.values())
        state = State(step=lambda: called(*inputs.values()), weights=variables, is_compiled=is_compiled)
        state.give = self.into(inputs, problem.dtype)
        state.graphs_count = getattr(called, "experimental_get_tracing_count", state.graphs_count)
        return state

    def is_symbolic(self, tensor: Tensor) -> bool:
        """Ask TensorFlow."""
        return bool(self.tf.is_symbolic_tensor(tensor))

    def memory_counts(self) -> Mapping[str, int]:
        """Return what TensorFlow counts on a device; what it reserves beyond that it does not report."""
        if self.device == "CPU":
            return {}
        counted = self.tf.config.experimental.get_memory_info(f"{self.device}:0")
        return {"allocated": counted["peak"], "in_use": counted["current"]}

    def reset_device_peaks(self) -> bool:
        """Let TensorFlow's own peak count from now on."""
        if self.device == "CPU":
            return False
        self.tf.config.experimental.reset_memory_stats(f"{self.device}:0")
        return True

    def loaded(self, files: SampleFiles, batch: int, workers_count: int) -> Iterable[Tensor]:
        """Return the batches of a `tf.data` pipeline; its workers are threads."""
        tf = self.tf

        @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]  # TensorFlow has no types
        def prepared(index: Tensor, record: Tensor) -> Tensor:
            pixels = tf.reshape(tf.io.decode_raw(record, tf.uint8), files.shape)
            numbers = tf.cast(pixels, tf.float32) / 255.0
            return tf.cond(index % 2 == 1, lambda: tf.reverse(numbers, axis=[1]), lambda: numbers)

        records = tf.data.FixedLengthRecordDataset([str(path) for path in files.paths], files.sample_bytes)
        mapped = records.enumerate().map(prepared, num_parallel_calls=workers_count or None)
        batches: Iterable[Tensor] = mapped.batch(batch).prefetch(1 if workers_count else 0)
        return batches

    def is_unsupported(self, error: Exception) -> bool:
        """Count what TensorFlow itself calls not implemented, as XLA does of some operations."""
        return super().is_unsupported(error) or type(error).__name__ == "UnimplementedError"

    def sync(self, result: Tensor) -> None:
        """Wait for the result; on the CPU this copies nothing."""
        if self.device == "CPU":
            result.numpy()
        else:
            self.tf.test.experimental.sync_devices()

    def _in_mode(self, step: Callable[..., object], mode: str, *inputs: Tensor) -> Callable[..., object]:
        if mode == "eager":
            return step
        is_open, kind = mode.endswith("open signature"), self.tf.TensorSpec
        signature = [kind((None, *each.shape[1:]), each.dtype) for each in inputs] if is_open else None
        # No case decides by a tensor's value, so nothing needs to be rewritten, which would leave files behind.
        compiled = partial(self.tf.function, autograph=False, jit_compile=mode == "xla" or None)
        found: Callable[..., object] = compiled(step, input_signature=signature)
        return found

    def stored(self, values: NDArray[np.generic], dtype: str) -> Tensor:
        """Return a constant."""
        held = self.tf.constant(values)
        return self.tf.cast(held, dtype) if held.dtype.is_floating else held

    def numbers(self, tensor: Tensor) -> NDArray[np.generic]:
        """Return what a tensor or variable holds."""
        values: NDArray[np.generic] = self.tf.cast(tensor, "float32").numpy()
        return values


def _details(tf: ModuleType, name: str) -> dict[str, object]:
    found = tf.config.experimental.get_device_details(tf.config.list_physical_devices(name)[0])
    capability = found.get("compute_capability")
    build = tf.sysconfig.get_build_info()
    return {
        "name": found.get("device_name"),
        "compute_capability": ".".join(map(str, capability)) if capability else None,
        "runtime": build.get("cuda_version"),
        "cudnn": build.get("cudnn_version"),
    }


def _words(tf: ModuleType) -> dict[str, Word]:
    """Return the words by TensorFlow's functions; what they lack is put together from their parts."""
    nn, matmul = tf.nn, tf.linalg.matmul

    def layer_norm(rows: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        mean, variance = nn.moments(rows, axes=-1, keepdims=True)
        return nn.batch_normalization(rows, mean, variance, shift, scale, EPSILON)

    def attention(query: Tensor, key: Tensor, value: Tensor, *, is_causal: bool = False) -> Tensor:
        scores = matmul(query, key, transpose_b=True) * (query.shape[-1] ** -0.5)
        if is_causal:
            seen = tf.linalg.band_part(tf.ones(scores.shape[-2:]), -1, 0)
            scores = tf.where(seen > 0, scores, UNSEEN)
        return matmul(nn.softmax(scores), value)

    own: dict[str, Word] = {
        "dense": lambda rows, weights, bias: nn.bias_add(matmul(rows, weights), bias),
        "mean_pool": lambda images: tf.reduce_mean(images, axis=(1, 2)),
        "layer_norm": layer_norm,
        "attention": attention,
        "gelu": nn.gelu,
        "embedding": tf.gather,
        "concatenate": lambda past, new: tf.concat((past, new), 2),
        "recomputed": lambda part, values: tf.recompute_grad(part)(values),
        "cross_entropy": lambda logits, labels: tf.reduce_mean(
            nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        ),
    }
    return composed(tf, nn) | _image_words(tf) | own


def _image_words(tf: ModuleType) -> dict[str, Word]:
    def convolution(images: Tensor, kernels: Tensor, stride: int = 1) -> Tensor:
        edge = kernels.shape[0] // 2
        # With a stride, TensorFlow's own "SAME" pads one side more than the other.
        padding = "SAME" if stride == 1 else [[0, 0], [edge, edge], [edge, edge], [0, 0]]
        return tf.nn.conv2d(images, kernels, strides=stride, padding=padding)

    def max_pool(images: Tensor, side: int) -> Tensor:
        if side > 2:  # noqa: PLR2004 — XLA has no pooling that pads by itself
            beyond = [[0, 0], [side - 2, side - 2], [side - 2, side - 2], [0, 0]]
            images = tf.pad(images, beyond, constant_values=images.dtype.min)
        return tf.nn.max_pool2d(images, ksize=side, strides=2, padding="VALID")

    def norm(images: Tensor, *numbers: Tensor) -> Tensor:
        """Normalise images of any number type, by their own statistics or, after scale and shift, by those given."""
        full = [tf.cast(each, "float32") for each in numbers]  # TensorFlow takes no others
        is_training = not numbers[2:]
        return tf.compat.v1.nn.fused_batch_norm(images, *full, epsilon=EPSILON, is_training=is_training)[0]

    return {"convolution": convolution, "max_pool": max_pool, "batch_norm": norm, "fixed_norm": norm}
