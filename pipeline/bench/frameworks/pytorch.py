"""PyTorch: eager, and `torch.compile` with its default back end; in full runs with further settings too."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from types import FunctionType, ModuleType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.array_framework import CHANNELS_FIRST, DENORMAL, ArrayFramework, printed_to_file, write_openvino
from pipeline.bench.contract import Case, Layout, Problem, SampleFiles, State
from pipeline.bench.frameworks.pytorch_words import words
from pipeline.bench.operations import Operations, Tensor, Unsupported, Word
from pipeline.bench.optimisers import MEAN_DECAY, SQUARE_DECAY, TINY, corrected

_DYNAMIC = {"compiled": False, "compiled, automatic": None, "compiled, dynamic": True}
"""What `torch.compile` is told of shapes: that none changes, nothing (its default), or that all do."""
CHANNELS_LAST = "eager, channels last"
"""Images and kernels with the channels innermost in memory; their axes keep their order."""
FROZEN, TUNED = "compiled, frozen", "compiled, frozen, max-autotune"
"""Weights as constants of the graph, packed and folded when it is compiled. Without that, max-autotune finds nothing to
try on a processor: PyTorch's own kernels for matrix products there take constant weights only."""


class PyTorch(ArrayFramework):
    """Weights are plain tensors, the step is written with tensor operations and `torch.autograd.grad`.

    In compiled mode the forward pass (of training: with the loss, and so its backward pass) is one compiled graph; the
    weights are moved outside it, as `torch.compile` is used around a model.
    """

    package: ClassVar[str] = "torch"
    modes: ClassVar[tuple[str, ...]] = ("eager", "compiled")
    further_modes: ClassVar[Mapping[str, Callable[[Case, str], bool]]] = {
        CHANNELS_LAST: lambda case, _size: case.has_images,
        # What somebody would serve; compiling a deep network so takes minutes, and small steps are mostly the call.
        **dict.fromkeys(
            (FROZEN, TUNED),
            lambda case, size: case.group == "small models" and not case.is_training and size == "large",
        ),
    }
    slow_to_compile: ClassVar[tuple[str, ...]] = ("compiled",)
    variable_prefixes: ClassVar[tuple[str, ...]] = ("TORCH", "PYTORCH")
    shape_modes: ClassVar[tuple[str, ...]] = ("compiled, automatic", "compiled, dynamic")
    exports: ClassVar[tuple[str, ...]] = (
        "torch.export", "AOTInductor", "TorchScript", "ExecuTorch", "ONNX", "ONNX int8", "OpenVINO",
    )  # fmt: skip
    stored_axes: ClassVar[Mapping[Layout, tuple[int, ...]]] = {**CHANNELS_FIRST, "dense": (1, 0)}

    torch: ModuleType
    is_joined: bool = False

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Keep the compiler's files below the cache folder, and its one-time checks out of the way."""
        del threads_count
        scratch = Path(cache_folder, "torch")
        scratch.mkdir(parents=True, exist_ok=True)
        has_headers = any(scratch.glob("*/precompiled_headers/*.gch"))
        return {
            "TORCHINDUCTOR_CACHE_DIR": str(scratch / "inductor"),
            "TORCHINDUCTOR_FX_GRAPH_CACHE": "1",
            "TMPDIR": str(scratch),  # precompiled headers go below it, whatever the cache folder is
            # Compiling the headers ahead takes 8 s once and saves 3 s a kernel: not worth it for a few kernels.
            "TORCHINDUCTOR_CPP_CACHE_PRECOMPILE_HEADERS": "0" if is_quick and not has_headers else "1",
            # Spares a trial compilation of 5 s; a compiler too old for this processor then fails at the first kernel.
            "TORCHINDUCTOR_VEC_ISA_OK": "1",
        }

    def devices(self) -> Iterable[Mapping[str, object]]:
        """Yield the processor, and what PyTorch tells of a CUDA, ROCm or Metal device."""
        import torch

        yield {"device": "cpu"}
        if torch.cuda.is_available() and torch.cuda.device_count():
            kind = "rocm" if torch.version.hip else "cuda"
            yield {"device": kind, "count": torch.cuda.device_count(), **_accelerator_facts(torch)}
        if torch.backends.mps.is_available():
            yield {"device": "metal"}

    def join(self, place: int, addresses: Sequence[str]) -> None:
        """Meet the others at the first one's address."""
        from torch import distributed

        meeting = f"tcp://{addresses[0]}"
        distributed.init_process_group("gloo", init_method=meeting, rank=place, world_size=len(addresses))
        self.is_joined = True

    def start(self, threads_count: int, device: str) -> str:
        """Import PyTorch, set its two thread pools, and switch reduced-precision products off."""
        import torch

        self.torch = torch
        self.refuse_unseen(device, "PyTorch")
        self.device = {"rocm": "cuda", "metal": "mps"}.get(device, device)  # PyTorch's own name
        torch.set_num_threads(threads_count)
        torch.set_num_interop_threads(1)
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False
        # The other frameworks take numbers too small for full precision as zero; PyTorch does so when told.
        torch.set_flush_denormal(True)
        self.operations = Operations(**words(torch))
        return str(torch.__version__)

    def read_back(self) -> Mapping[str, object]:
        """Return PyTorch's own account of threads, precision and libraries."""
        torch = self.torch
        build = torch.__config__.show()
        libraries = re.findall(r"- (.*(?:Math Kernel Library|MKL-DNN|OpenMP).*)", build)
        return {
            "intra_op_threads": torch.get_num_threads(),
            "inter_op_threads": torch.get_num_interop_threads(),
            "float32_matmul_precision": torch.get_float32_matmul_precision(),
            "cudnn_allow_tf32": torch.backends.cudnn.allow_tf32,
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "blas": next(iter(re.findall(r"BLAS_INFO=(\w+)", build)), None),
            "libraries": libraries,
            "has_onednn": torch.backends.mkldnn.is_available(),
            "flushes_denormals": bool((torch.tensor([DENORMAL]) * 1).item() == 0),
            "device": {"kind": self.device, **(_accelerator_facts(torch) if self.device == "cuda" else {})},
        }

    def blas_path(self) -> str | None:
        """Return what MKL says of itself and the instructions it chose, from the log of one product."""
        mkl = self.torch.backends.mkl
        if not mkl.is_available():
            return None
        with printed_to_file() as said, mkl.verbose(mkl.VERBOSE_ON):
            one = self.torch.ones(16, 16)
            self.torch.matmul(one, one)
        chosen = re.search(r"MKL_VERBOSE (\w*MKL [\d.]+.*?) (?:Product build|for) .*?architecture (.*?),", said())
        return f"{chosen[1]}: {chosen[2]}" if chosen else None

    def prepare(self, mode: str) -> None:
        """Load the compiler, and let it build what it builds once a machine, so that no case's time holds that."""
        if mode != "compiled":
            return
        import torch._inductor.compile_fx
        import torch._inductor.config

        if torch._inductor.config.cpp_cache_precompile_headers:  # noqa: SLF001 — no public name
            try:
                self.torch.compile(lambda value: value + 1, dynamic=False)(self.torch.zeros(8))
            except Exception as error:
                if not self.is_unsupported(error):
                    raise
        self.torch.compiler.reset()

    def export(self, case: Case, problem: Problem, form: str, path: Path) -> None:
        """Write ONNX, a trace, an exported program, or what is made of that: by the compiler, XNNPACK or OpenVINO."""
        torch, (network, given) = self.torch, self._module(case, problem)
        if form.startswith("ONNX"):
            torch.onnx.export(network, given, path, external_data=False, verbose=False)
            return
        if form == "TorchScript":
            torch.jit.save(torch.jit.trace(network, given), path)
            return
        program = torch.export.export(network, given)
        if form == "AOTInductor":
            torch._inductor.aoti_compile_and_package(program, package_path=str(path))  # noqa: SLF001 — as told
        elif form == "ExecuTorch":
            from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
            from executorch.exir import to_edge_transform_and_lower

            lowered = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()])
            path.write_bytes(lowered.to_executorch().buffer)
        elif form == "OpenVINO":
            write_openvino(program, path)
        else:
            torch.export.save(program, path)

    def opened(self, form: str, path: Path) -> Callable[[NDArray[np.generic]], object]:
        """Load an exported program, a compiled one, a trace, or what ExecuTorch runs."""
        torch = self.torch
        torch.set_grad_enabled(False)
        if form == "ExecuTorch":
            from executorch.extension.pybindings import portable_lib
            from executorch.runtime import Runtime

            portable_lib._unsafe_reset_threadpool(1)  # noqa: SLF001 — no public name
            method = Runtime.get().load_program(path).load_method("forward")
            return lambda asked: method.execute((torch.from_numpy(asked),))[0]
        if form == "AOTInductor":  # the compiler's package takes seconds to import, which no other way needs
            model = torch._inductor.aoti_load_package(path)  # noqa: SLF001 — as told
        else:
            model = torch.jit.load(path) if form == "TorchScript" else torch.export.load(path).module()
        return lambda asked: model(torch.from_numpy(asked))

    def _module(self, case: Case, problem: Problem) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the forward pass as a module that holds the weights, and the inputs that it takes."""
        torch, operations, names = self.torch, self.operations, tuple(problem.inputs)

        class Network(torch.nn.Module):  # type: ignore[misc,name-defined]  # known once PyTorch is imported
            def __init__(self, weights: Mapping[str, Tensor]) -> None:
                super().__init__()
                self.held = torch.nn.ParameterDict(weights)

            def forward(self, *given: Tensor) -> Tensor:
                return case.forward(operations, {**dict(zip(names, given, strict=True)), **self.held})

        network = Network(self.put_all(problem.parameters, problem.dtype)).requires_grad_(case.is_training)
        return network, tuple(self.put_all(problem.inputs, problem.dtype).values())

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; the compiled mode compiles at its first step."""
        if self.is_joined:
            return self._shared_training(case, problem)
        torch, operations, plain = self.torch, self.operations, case.forward
        if mode in (FROZEN, TUNED):
            return self._frozen(case, problem, mode)
        tensors = self.put_all({**problem.inputs, **problem.parameters}, problem.dtype)
        if mode == CHANNELS_LAST:
            layout = torch.channels_last
            tensors |= {name: each.to(memory_format=layout) for name, each in tensors.items() if each.dim() == 4}  # noqa: PLR2004
        weights = {name: tensors[name] for name in problem.parameters}
        state = State(step=lambda: plain(operations, tensors), weights=weights, give=self.into(tensors, problem.dtype))
        if mode in _DYNAMIC:
            state.graphs_count, state.is_compiled = _graphs_made()
            state.step = self._compiled(case, tensors, _DYNAMIC[mode])
            for weight in weights.values() if _DYNAMIC[mode] else ():
                torch._dynamo.mark_static(weight)  # noqa: SLF001 — as told; a module's parameters are without it
        if not case.is_training:
            return state
        forward = state.step
        followed = tuple(weight.requires_grad_() for weight in weights.values())
        move = self._mover(case, followed)

        def train() -> object:
            loss = forward()
            move(torch.autograd.grad(loss, followed))
            return loss

        state.step = train
        return state

    def watched(self, word: Word, mode: str) -> tuple[Word, Callable[[], bool | None]]:
        """Return the function as it is, and whether its compiler made one graph for what uses it."""
        return word, _graphs_made()[1] if mode == "compiled" else lambda: None

    def sync(self, result: object) -> None:
        """Wait for the device; on the CPU a call comes back when its work is done."""
        del result
        if self.device != "cpu":
            getattr(self.torch, self.device).synchronize()

    def memory_counts(self) -> Mapping[str, int]:
        """Return what the allocator of a CUDA or ROCm device counts; that of the CPU counts nothing."""
        if self.device != "cuda":
            return {}
        counted = self.torch.cuda
        peaks = {"allocated": counted.max_memory_allocated(), "reserved": counted.max_memory_reserved()}
        return {**peaks, "in_use": counted.memory_allocated()}

    def timed_by_itself(self, step: Callable[[], object], least_seconds: float) -> float:
        """Return the median of `torch.utils.benchmark.Timer`, which sizes its blocks by itself."""
        from torch.utils.benchmark import Timer

        timer = Timer("step()", globals={"step": step}, num_threads=self.torch.get_num_threads())
        return float(timer.blocked_autorange(min_run_time=least_seconds).median)

    def reset_device_peaks(self) -> bool:
        """Let PyTorch's own peaks count from now on."""
        if self.device != "cuda":
            return False
        self.torch.cuda.reset_peak_memory_stats()
        return True

    def loaded(self, files: SampleFiles, batch: int, workers_count: int) -> Iterable[Tensor]:
        """Return the batches of a `DataLoader`; its workers are processes."""
        loads: Callable[..., Iterable[Tensor]] = self.torch.utils.data.DataLoader
        return loads(files, batch_size=batch, num_workers=workers_count)

    def is_unsupported(self, error: Exception) -> bool:
        """Count a missing C++ compiler, which surfaces inside other errors, as not supported."""
        beneath = error.__cause__ or error.__context__
        is_one = isinstance(error, Unsupported) or "InvalidCxxCompiler" in f"{type(error).__name__} {error}"
        return is_one or (isinstance(beneath, Exception) and self.is_unsupported(beneath))

    def _compiled(self, case: Case, tensors: Mapping[str, Tensor], is_dynamic: bool | None) -> Callable[[], Tensor]:
        names, operations, plain = tuple(tensors), self.operations, case.forward
        values = tensors.values()  # a view: inputs that are given later are in it, and it costs no call at a step

        def forward(*given: object) -> object:
            return plain(operations, dict(zip(names, given, strict=True)))

        # Graphs are kept, and searched through, by code object; this function's is shared by all cases, so each gets
        # one of its own, else a case's calls would be slower the more cases were compiled before it; and a name of its
        # own, by which it is remembered what has changed its shape.
        code = forward.__code__.replace(co_name=case.name)
        own = FunctionType(code, forward.__globals__, case.name, None, forward.__closure__)
        # That it is one graph is looked up after the first step: asked for here, it costs microseconds at every call.
        compiled = self.torch.compile(own, dynamic=is_dynamic)
        return lambda: compiled(*values)

    def _frozen(self, case: Case, problem: Problem, mode: str) -> State:
        from torch._inductor import config

        network, given = self._module(case, problem)
        compiled = self.torch.compile(network, dynamic=False, mode="max-autotune" if mode == TUNED else None)
        step = self.torch.no_grad()(lambda: compiled(*given))
        # The compiler freezes by a switch of the process, which is on for its first call alone.
        ways = [config.patch(freezing=True)(step)]
        # What max-autotune tried it counts in the first launch alone: those after it find the choice in the cache.
        _, is_compiled = _graphs_made("weight_pack_matcher_count")
        return State(step=lambda: ways.pop()() if ways else step(), weights=network.held, is_compiled=is_compiled)

    def _shared_training(self, case: Case, problem: Problem) -> State:
        network, given = self._module(case, problem)
        together = self.torch.nn.parallel.DistributedDataParallel(network)
        weights = tuple(network.held.values())
        move = self._mover(case, weights)

        def step() -> object:
            loss = together(*given)
            loss.backward()
            move([weight.grad for weight in weights])
            network.zero_grad()
            return loss

        return State(step=step, weights=network.held)

    def _mover(self, case: Case, weights: Sequence[Tensor]) -> Callable[[Sequence[Tensor]], None]:
        """Return what moves the weights in place by their gradients."""
        torch, rate, steps = self.torch, case.learning_rate, count(1)
        kept = [(torch.zeros_like(each), torch.zeros_like(each)) for each in weights if case.optimiser == "Adam"]

        def descend(gradients: Sequence[Tensor]) -> None:
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.sub_(gradient, alpha=rate)

        def adapt(gradients: Sequence[Tensor]) -> None:
            length = rate * corrected(next(steps))
            for weight, gradient, (mean, square) in zip(weights, gradients, kept, strict=True):
                mean.lerp_(gradient, 1 - MEAN_DECAY)
                square.mul_(SQUARE_DECAY).addcmul_(gradient, gradient, value=1 - SQUARE_DECAY)
                weight.addcdiv_(mean, square.sqrt().add_(TINY), value=-length)

        moved: Callable[[Sequence[Tensor]], None] = torch.no_grad()(adapt if kept else descend)
        return moved

    def stored(self, values: NDArray[np.generic], dtype: str) -> Tensor:
        """Return a tensor on the device."""
        held = self.torch.tensor(values)  # copies into memory aligned as PyTorch likes it
        return held.to(self.device, getattr(self.torch, dtype) if held.is_floating_point() else None)

    def numbers(self, tensor: Tensor) -> NDArray[np.generic]:
        """Return what a tensor holds."""
        values: NDArray[np.generic] = tensor.detach().cpu().float().numpy()
        return values

    def cache_question(self, mode: str) -> Callable[[], bool | None]:
        """Return what says whether the compiler counted no miss of its caches since now; frozen graphs pass them by."""
        if mode in ("eager", CHANNELS_LAST):
            return super().cache_question("eager")
        from torch._dynamo.utils import counters

        def misses() -> int:
            counted = [item for group in ("inductor", "aot_autograd") for item in counters[group].items()]
            return sum(count for name, count in counted if name.endswith(("cache_miss", "cache_bypass")))

        before = misses()
        return lambda: misses() == before


def _graphs_made(counted: str = "") -> tuple[Callable[[], int], Callable[[], bool]]:
    """Return what counts the graphs made since now, and what says if it is one, unbroken, with what is counted so."""
    from torch._dynamo.utils import counters

    def made() -> tuple[int, int]:
        return counters["stats"]["unique_graphs"], counters["graph_break"].total()

    def done() -> int:
        return sum(count for name, count in counters["inductor"].items() if counted and name.endswith(counted))

    (graphs, breaks), before = made(), done()
    return lambda: made()[0] - graphs, lambda: made() == (graphs + 1, breaks) and (done() > before or not counted)


def _accelerator_facts(torch: ModuleType) -> dict[str, object]:
    facts = torch.cuda.get_device_properties(0)
    kilohertz = getattr(facts, "clock_rate", None)  # newer versions tell it
    return {
        "name": facts.name,
        "memory_bytes": facts.total_memory,
        "compute_capability": f"{facts.major}.{facts.minor}",
        "multiprocessors": facts.multi_processor_count,
        "clock_mhz": kilohertz / 1000 if kilohertz else None,
        "runtime": torch.version.cuda or torch.version.hip,
        "cudnn": torch.backends.cudnn.version(),
    }
