"""Framework adapters for the tests of the harness: NumPy as a framework, and the ways in which one can go wrong.

Worker children import this module by its name, so it must stay importable by itself.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import numpy as np

from pipeline.bench.contract import Framework, State
from pipeline.bench.frameworks.pytorch import PyTorch
from pipeline.bench.operations import Operations, Unsupported

PIDS, JOSTLED, COMPILER_CACHE = "BENCH_FAKES_PIDS", "BENCH_FAKES_JOSTLED", "BENCH_FAKES_COMPILER_CACHE"


class Steady(Framework):
    """NumPy; it has no gradients, so training cases lack an operation."""

    name = "steady"
    package = "numpy"
    modes = ("eager", "compiled")
    operations = Operations(
        matmul=np.matmul,
        dense=lambda rows, weights, bias: rows @ weights + bias,
        relu=lambda values: np.maximum(values, 0),
    )

    kinds = ("cpu",)

    @classmethod
    def environment(cls, *_threads_count_and_folder, **_kind_of_run):
        return {name: os.environ[name] for name in (PIDS, JOSTLED) if name in os.environ}

    def devices(self):
        return [{"device": kind} for kind in self.kinds]

    def start(self, threads_count, device):
        if device not in self.kinds:
            raise Unsupported(f"this framework sees no {device} device")
        if PIDS in os.environ:
            Path(os.environ[PIDS], f"{os.getpid()}").touch()
        sys.stdout.write("a framework that greets on stdout\n")
        os.write(1, b"and one that does so past Python\n")
        return np.__version__

    def read_back(self):
        return {"omp_num_threads": os.environ["OMP_NUM_THREADS"]}

    def setup(self, case, problem, mode):
        tensors = {name: laid.values for name, laid in {**problem.inputs, **problem.parameters}.items()}
        return State(step=lambda: self.compute(case, mode, tensors))

    def compute(self, case, mode, tensors):
        return case.forward(self.operations, tensors)

    def sync(self, result):
        pass


class Uncompiled(Steady):
    """Its compiler is switched off, and it does not say so."""

    def setup(self, case, problem, mode):
        state = super().setup(case, problem, mode)
        return State(step=state.step, is_compiled=lambda: None if mode == "eager" else False)


class Handing(Steady):
    """Hands each step to a thread of its own; fails where that or the step runs elsewhere than it may."""

    def setup(self, case, problem, mode):
        state, other, places = super().setup(case, problem, mode), ThreadPoolExecutor(1), count()
        every = os.sched_getaffinity(0)

        def step():
            allowed = {frozenset(os.sched_getaffinity(0)), frozenset(other.submit(os.sched_getaffinity, 0).result())}
            ((*cpus,),) = allowed
            assert len(cpus) == (1 if next(places) else len(every)), f"{cpus} of {every}"
            return other.submit(state.step).result()

        return State(step=step)


class Varied(Steady):
    """Has a mode with a further setting, which computes everything twice."""

    further_modes = {"eager, twice": lambda case, size: case.name == "matmul" and size == "small"}  # noqa: RUF012

    def compute(self, case, mode, tensors):
        for _ in range(mode.endswith("twice")):
            super().compute(case, mode, tensors)
        return super().compute(case, mode, tensors)


class Curious(Steady):
    """Looks around for switches, and for what else is installed."""

    def read_back(self):
        found = [name for name in ("torch", "jax", "prefect", "numpy.fft") if find_spec(name)]
        return {"environment": sorted(os.environ), "found": found}


class Absent(Steady):
    package = "a_framework_that_nobody_has"


class AbsentInside(Steady):
    """Found by name, but its import fails for want of itself: half uninstalled."""

    def start(self, threads_count, device):
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")


class Unstartable(Steady):
    def start(self, threads_count, device):
        sys.stderr.write("cannot open shared object file\n")
        sys.stderr.flush()
        os._exit(7)


class Lying(Steady):
    def compute(self, case, mode, tensors):
        return super().compute(case, mode, tensors) * (1.001 if mode == "compiled" else 1)


class NotANumber(Steady):
    def compute(self, case, mode, tensors):
        return super().compute(case, mode, tensors) * np.nan


class Raising(Steady):
    def compute(self, case, mode, tensors):
        if mode == "compiled":
            raise RuntimeError("no kernel for this shape\nand a long trace")
        return super().compute(case, mode, tensors)


class Exiting(Steady):
    """Ends its process in one case's first step."""

    def compute(self, case, mode, tensors):
        if case.name == "matmul" and mode == "compiled":
            sys.stderr.write("assertion failed: tile > 0\n")
            sys.stderr.flush()
            os._exit(3)
        return super().compute(case, mode, tensors)


class KilledLater(Steady):
    """Is killed when one variant has been running well for a while."""

    def setup(self, case, problem, mode):
        state = super().setup(case, problem, mode)
        if mode == "eager" or case.name != "matmul":
            return state
        steps = count()

        def step():
            if next(steps) > 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return state.step()

        return State(step=step)


class Hanging(Steady):
    def compute(self, case, mode, tensors):
        while case.name == "matmul" and mode == "compiled":
            time.sleep(60)
        return super().compute(case, mode, tensors)


class Greedy(Steady):
    """Asks for more memory than its process may have."""

    def start(self, threads_count, device):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
        return super().start(threads_count, device)

    def compute(self, case, mode, tensors):
        if mode == "compiled":
            np.ones((1 << 33,), dtype=np.uint8)
        return super().compute(case, mode, tensors)


class Unprepared(Steady):
    def prepare(self, mode):
        if mode == "compiled":
            raise RuntimeError("the compiler is damaged")


class SlowCompiler(Steady):
    """Its compiled modes are ready tomorrow."""

    @classmethod
    def environment(cls, _threads_count, cache_folder, **_kind_of_run):
        return {COMPILER_CACHE: cache_folder}

    def setup(self, case, problem, mode):
        if mode == "compiled":
            Path(os.environ[COMPILER_CACHE], "half.so").touch()
            time.sleep(60)
        return super().setup(case, problem, mode)


class SlowStarter(Steady):
    """Takes longer to import than a quick run measures."""

    def start(self, threads_count, device):
        time.sleep(2)
        return super().start(threads_count, device)


class Doubling(Steady):
    """Brings a timer of its own, which is always wrong."""

    def timed_by_itself(self, step, least_seconds):
        step()
        return 2.0


class EagerPyTorch(PyTorch):
    """The real one without its compiler, which takes long to get ready."""

    modes = ("eager",)


class Jostled(Steady):
    """Its worker sees a neighbour that needs every processor, in the first blocks of each variant that are timed."""

    def start(self, threads_count, device):
        from pipeline.bench import system_load

        calls, neighbour = count(), [0.0]
        busy = system_load.busy_seconds

        def jostled(cpus):
            # Each variant is warmed up before the first sample; of a run with few blocks this covers the first ones.
            neighbour[0] += 1000.0 if next(calls) < int(os.environ.get(JOSTLED, "0")) else 0.0
            return (busy(cpus) or 0.0) + neighbour[0]

        system_load.busy_seconds = jostled
        return super().start(threads_count, device)


class Calm(Steady):
    """Its worker sees nobody beside itself, whatever else goes on here."""

    def start(self, threads_count, device):
        from pipeline.bench import system_load

        used = system_load.usage
        system_load.usage = lambda: used() | {"involuntary_switches_count": 0}
        system_load.busy_seconds = lambda cpus: 0.0
        system_load.stolen_seconds = system_load.clock_mhz = lambda cpus: None
        system_load.waited_seconds = lambda: None
        return super().start(threads_count, device)


class FaultsCounted(Steady):
    """Its worker counts page faults where it would count instructions."""

    def start(self, threads_count, device):
        from pipeline.bench import system_load

        file = system_load.counting_file(1, 2)
        system_load.instructions_file = lambda: file
        return super().start(threads_count, device)


class Calmer(Calm):
    """Another of its kind."""


class Accelerated(Steady):
    """Says that it has a device, whose memory it counts; its arrays are NumPy's all the same."""

    kinds = ("cpu", "cuda")
    held, peak = 1000, 5000

    def devices(self):
        facts = {"name": "A device", "compute_capability": "9.0", "memory_bytes": 1 << 30}
        return [{"device": "cpu"}, {"device": "cuda", **facts}]

    def start(self, threads_count, device):
        self.device = device
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES") == ""
        assert hidden == (device == "cpu"), "a device is out of sight for what runs on the processor, and only then"
        return super().start(threads_count, device)

    def setup(self, case, problem, mode):
        self.peak += 2000
        return super().setup(case, problem, mode)

    def memory_counts(self):
        return {"allocated": self.peak, "reserved": 8000, "in_use": self.held} if self.device == "cuda" else {}


class Neighboured(Accelerated):
    """Beside it something else always keeps three fifths of a processor busy."""

    def start(self, threads_count, device):
        from pipeline.bench import system_load

        system_load.busy_seconds = lambda cpus: time.process_time() + 0.6 * time.perf_counter()
        return super().start(threads_count, device)


class AlsoAccelerated(Accelerated):
    """Can set its peaks back, and then needs no more than what it held."""

    def reset_device_peaks(self):
        self.peak = self.held
        return True


class Shipped(Steady):
    """Its exported networks have learned the reference's results by heart."""

    exports = ("exact", "wrong", "wrong int8", "broken", "unreadable", "ONNX without its package")

    def put(self, laid, dtype):
        return laid.values

    def export(self, case, problem, form, path):
        if form == "broken":
            raise ValueError("no such operation\nand a long trace")
        if form.startswith("ONNX"):
            raise ModuleNotFoundError("No module named 'an_exporter'")
        path.write_bytes(b"0123456789")

    def opened(self, form, path):
        if form == "unreadable":
            raise RuntimeError(f"cannot load {path}: invalid graph")
        kept = np.load(next(path.parent.glob("CNN.npz")))
        asked, wanted = kept["asked"], kept["wanted"] * (0.9 if form.startswith("wrong") else 1)
        return lambda given: wanted[[next(i for i, each in enumerate(asked) if np.array_equal(each, given[0]))]]


class AskedInVain(Steady):
    """Breaks when it is asked for its devices, and measures well."""

    def devices(self):
        os._exit(5)
