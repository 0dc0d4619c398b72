"""The contracts of a benchmark: what a case is, what a framework adapter is, and the words they share.

A case says once what is computed, in the words of `operations.py` and Python's own `+ - *`; an adapter says once how
its framework does each operation. So a case is an object in `cases/` and an entry in `entries.toml`, and a framework is
one in `frameworks/` and an entry in the registry of frameworks. What must come out needs no words of its own:
`reference.py` speaks the same vocabulary in NumPy, with gradients. Nothing here imports a framework.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.operations import Operations, Tensor, Unsupported
from pipeline.bench.optimisers import MOVES, Optimiser

Float64s = Mapping[str, NDArray[np.float64]]
Tensors = Mapping[str, Tensor]

Layout = Literal["plain", "images", "kernels", "dense"]
"""How an array is meant, so that each framework can store it its own way: `images` batch x height x width x channels,
`kernels` height x width x in x out, `dense` in x out, `plain` as it is."""

Tier = Literal["quick", "default", "full"]
"""The shortest kind of run that measures something; a longer one measures it too."""
Tiers = Mapping[str, Tier]

CPU = "cpu"
DEVICES = (CPU, "cuda", "rocm", "metal", "tpu")
"""Where a case can run. An adapter takes those that its framework reports, and refuses the rest."""


@dataclass(frozen=True)
class Laid:
    """An array with the meaning of its axes."""

    values: NDArray[np.generic]
    layout: Layout = "plain"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The data of one case at one size, the same for every framework: made by NumPy from a seed."""

    inputs: Mapping[str, Laid]
    parameters: Mapping[str, Laid] = field(default_factory=dict)
    """Weights; a training step changes them."""
    dtype: str = "float64"
    """What the numbers are computed in. Numbers of 16 bits stand here as the float32 that equals them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One thing that is measured, at several sizes.

    A training case's `forward` gives the loss; the adapter takes its gradients and a step of the optimiser at
    `learning_rate`, written with the framework's own array operations, without an optimiser class. It trains on one
    batch over and over.
    """

    name: str
    title: str
    group: str | None = None
    """The kind of case that people ask about, within which comparisons are counted (view `performance_by_kind`)."""
    grouped_sizes: Sequence[str] = ()
    """The sizes that count in the group; all where none is named."""
    sizes: Mapping[str, Mapping[str, int]]
    """Dimensions of each size, from quick to long."""
    wording: str | Callable[..., str]
    """A size in words: with its dimensions in braces, or made of them."""
    tiers: Tiers = field(default_factory=dict)
    """By size; one that is not named is measured in full runs only."""
    data: Callable[..., Problem]
    """(generator, dimensions by name) -> the data in float64; of a network that can be trained, with `labels`."""
    result: Callable[[Operations, Tensors], Tensor]
    """(operations, inputs and parameters by name) -> the result; of a network, the classes' scores."""
    operations: Callable[..., int] | None = None
    """(dimensions by name) -> floating-point operations of one step, where the case counts them."""
    least_moved: Callable[..., int] | None = None
    """(dimensions by name) -> the numbers that a step must at least read and write, where the case counts them."""
    is_deep: bool = False
    """Whether it has so many layers that some compilers need minutes; those are left to full runs."""
    is_unrolled: bool = False
    """Whether it repeats a deep network, so that even full runs leave those compilers out."""
    is_training: bool = False
    optimiser: Optimiser = "gradient descent"
    learning_rate: float = 0.01
    output_layout: Layout = "plain"
    has_images: bool = False
    """Whether it takes images, whose axes can be stored in more than one order."""
    keeps_freed_memory: bool = False
    """Whether the allocator is told to keep what is freed, so that a step's time holds no page faults."""
    tolerances: Mapping[str, float] = field(default_factory=lambda: {"float32": 1e-4})
    """By dtype: how far an output may be from the reference, relative to the reference's largest value.

    Training is in float32: a gradient cannot be read from weights that hold eight bits.
    """

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The number types that the case can be measured in."""
        return tuple(self.tolerances)

    def group_at(self, size: str) -> str | None:
        """Return the group in which the size counts."""
        return self.group if size in (self.grouped_sizes or self.sizes) else None

    def tier(self, size: str, dtype: str = "float32") -> Tier:
        """Return the shortest kind of run that measures the size in this number type."""
        return self.tiers.get(size, "full") if dtype == "float32" else "full"

    def workload(self, size: str) -> str:
        """Return the size in words."""
        dimensions = self.sizes[size]
        return self.wording.format(**dimensions) if isinstance(self.wording, str) else self.wording(**dimensions)

    def operations_count(self, size: str) -> int | None:
        """Return the floating-point operations of one step; None where the case does not count them."""
        return self.operations(**self.sizes[size]) if self.operations else None

    def least_numbers(self, size: str) -> int | None:
        """Return how many numbers a step must at least read and write; None where the case does not count them."""
        return self.least_moved(**self.sizes[size]) if self.least_moved else None

    def kept_at_start(self, problem: Problem) -> dict[str, Laid]:
        """Return by name what the optimiser keeps from one step for the next, as it is before the first."""
        kinds = ("mean", "square") if self.optimiser == "Adam" else ()
        zeros = {name: replace(laid, values=0 * laid.values) for name, laid in problem.parameters.items()}
        arrays = {f"{kind} of {name}": laid for kind in kinds for name, laid in zeros.items()}
        return {"steps": Laid(np.zeros(())), **arrays} if kinds else {}

    def problem(self, size: str, dtype: str, seed: int) -> Problem:
        """Return the data at a size: the same bytes at every call, on every machine with the same NumPy.

        A network that is only run gets statistics of what is normalised, and no labels.
        """
        generator = np.random.default_rng([seed, *f"{self.name} {size}".encode()])
        made = self.data(generator, **self.sizes[size])
        inputs, parameters = dict(made.inputs), made.parameters
        if not self.is_training:
            inputs.pop("labels", None)
            parameters = _with_statistics(parameters, generator)
        return Problem(inputs=_cast(inputs, dtype), parameters=_cast(parameters, dtype), dtype=dtype)

    @property
    def forward(self) -> Callable[[Operations, Tensors], Tensor]:
        """What is measured: from inputs and parameters by name, the result, of a training case the loss."""
        result = self.result
        if not self.is_training:
            return result
        return lambda operations, tensors: operations.cross_entropy(result(operations, tensors), tensors["labels"])


def _with_statistics(parameters: Mapping[str, Laid], generator: np.random.Generator) -> dict[str, Laid]:
    """Return the parameters with a mean and a variance beside every convolution's scale, as after training."""
    found = dict(parameters)
    for name, laid in parameters.items():
        layer, shape = name.removesuffix(" scale"), laid.values.shape
        if name.endswith(" scale") and f"{layer} kernels" in parameters:
            found[f"{layer} mean"] = Laid(0.1 * generator.standard_normal(shape))
            found[f"{layer} variance"] = Laid(1 + 0.1 * generator.random(shape))
    return found


def _refuse_inputs(inputs: Mapping[str, Laid]) -> None:
    raise Unsupported(f"this framework's adapter cannot change {', '.join(inputs)} between steps")


@dataclass(kw_only=True)
class State:
    """One case bound to one framework, size and mode: what the worker steps and drops."""

    step: Callable[[], object]
    """Does the work once and returns its result, which may still be on its way (see `Framework.sync`)."""
    weights: Mapping[str, Tensor] = field(default_factory=dict)
    """By name, as the framework holds them; a training step changes them, or what this mapping holds."""
    give: Callable[[Mapping[str, Laid]], object] = _refuse_inputs
    """Takes other inputs of the same names for the steps from now on; only in `shape_modes` of other shapes."""
    loss_in: Callable[[Tensor], Tensor] = lambda result: result
    """The loss in what a training step returns."""
    is_compiled: Callable[[], bool | None] = lambda: None
    """After the first step: whether a graph was compiled for it; None in eager mode, and where nothing can tell."""
    graphs_count: Callable[[], int | None] = lambda: None
    """Graphs compiled for it so far, by the framework's own count; None in eager mode, and where nothing counts."""


@dataclass(frozen=True, kw_only=True)
class SampleFiles:
    """Images of raw bytes in files, one behind the other, and what a loader is to make of each."""

    paths: tuple[Path, ...]
    samples_a_file: int
    shape: tuple[int, int, int]
    """Height, width, channels."""

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.paths) * self.samples_a_file

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return int(np.prod(self.shape))

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """Read one sample and prepare it: from 0 to 1, and every second one mirrored."""
        file, place = divmod(index, self.samples_a_file)
        with self.paths[file].open("rb") as content:
            content.seek(place * self.sample_bytes)
            pixels = np.frombuffer(content.read(self.sample_bytes), dtype=np.uint8).reshape(self.shape)
        prepared = pixels.astype(np.float32) / np.float32(255)
        return prepared[:, ::-1].copy() if index % 2 else prepared


class Framework(ABC):
    """An adapter: the only place that knows one framework. One process uses one adapter."""

    package: ClassVar[str]
    """The module whose absence means that the framework is not installed."""
    modes: ClassVar[tuple[str, ...]]
    """The first is how the framework is usually run."""
    mode_tiers: ClassVar[Tiers] = {}
    """The shortest kind of run that measures a mode; one that is not named is measured in all."""
    further_modes: ClassVar[Mapping[str, Callable[[Case, str], bool]]] = {}
    """A mode with one more setting, named `mode, setting`, and of which case and size full runs measure it.

    On the processor in float32, compared with the mode itself, no other framework's; no special measurement has it.
    """
    slow_to_compile: ClassVar[tuple[str, ...]] = ()
    """Modes whose compiler needs minutes for a deep network."""
    variable_prefixes: ClassVar[tuple[str, ...]] = ()
    """How names of variables begin by which its users change what it does; its children are given none of theirs."""
    shape_modes: ClassVar[tuple[str, ...]] = ()
    """Modes that compile for batches of several sizes; after a comma, what the compiler is told of them."""
    exports: ClassVar[tuple[str, ...]] = ()
    """Formats in which a network leaves it for use."""

    @classmethod
    def packages(cls) -> frozenset[str]:
        """Return the packages that it cannot do without."""
        return frozenset({cls.package})

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Return variables that must stand in the child's environment before the framework is imported."""
        del threads_count, cache_folder, is_quick
        return {}

    def devices(self) -> Iterable[Mapping[str, object]]:
        """Import the framework and yield what it says of each kind of device it could run on here.

        Each entry has `device`, one of `DEVICES`, and what the framework tells of it: name, memory, capability, clock.
        """
        return [{"device": CPU}]

    def join(self, place: int, addresses: Sequence[str]) -> None:
        """Make this process, not started yet, one of those that share batches: every step takes the mean gradients.

        Raises:
            Unsupported: its adapter knows no way to.
        """
        del place, addresses
        raise Unsupported("this framework's adapter knows no training by several processes")

    @abstractmethod
    def start(self, threads_count: int, device: str) -> str:
        """Import the framework, set threads and precision, and return its version.

        Raises:
            ModuleNotFoundError: it is not installed.
            Unsupported: it does not see the device.
        """

    def export(self, case: Case, problem: Problem, form: str, path: Path) -> None:
        """Write a network of one input, its weights inside, to a file or folder in a format of `exports`."""
        raise NotImplementedError

    def opened(self, form: str, path: Path) -> Callable[[NDArray[np.generic]], object]:
        """Load what was exported in a format of its own, and return what answers an input as the framework lays it."""
        raise NotImplementedError

    @abstractmethod
    def read_back(self) -> Mapping[str, object]:
        """Return threads, precision switches and build as the framework states them now."""

    def blas_path(self) -> str | None:
        """Return the code path that matrix products take on this processor, as their library tells it; None if not."""
        return None

    def prepare(self, mode: str) -> None:
        """Load what the mode needs once a process, so that no case pays for it. Does nothing by default."""
        del mode

    @abstractmethod
    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case: the problem's arrays in the framework's own layout, and a step in this mode.

        What a mode compiles, it compiles at its first step.

        Raises:
            Unsupported: the framework lacks something that the case needs.
        """

    def read(self, tensor: Tensor, layout: Layout = "plain") -> NDArray[np.generic]:
        """Return an array of the framework in the shared layout."""
        del layout
        return np.asarray(tensor)

    def weights(self, state: State, problem: Problem) -> dict[str, NDArray[np.generic]]:
        """Return a state's weights as they are now, in the layouts of the problem; without training, none change."""
        return {name: self.read(state.weights[name], laid.layout) for name, laid in problem.parameters.items()}

    def outputs(self, case: Case, problem: Problem, state: State, result: object) -> Mapping[str, NDArray[np.generic]]:
        """Return what the first step made, from its result, named as in `reference.expected`."""
        if not case.is_training:
            return {"output": self.read(result, case.output_layout)}
        before = {name: laid.values for name, laid in problem.parameters.items()}
        after = self.weights(state, problem)
        return {"loss": self.read(state.loss_in(result)), **moves_from_step(case, before, after)}

    def cache_question(self, mode: str) -> Callable[[], bool | None]:
        """Return what says after the first step whether the compiler had it in a cache; made before that step.

        It says None where nothing is compiled.
        """
        return lambda: None if mode == "eager" else False

    @abstractmethod
    def sync(self, result: object) -> None:
        """Return when the result of the last step, and so everything before it, has been computed."""

    def memory_counts(self) -> Mapping[str, int]:
        """Return the bytes that the framework counts on its device: the peaks `allocated` and `reserved`, `in_use` now.

        Most count none on a processor.
        """
        return {}

    def timed_by_itself(self, step: Callable[[], object], least_seconds: float) -> float:
        """Return the median seconds of the step as the framework's own benchmark timer finds them, if it brings one."""
        raise NotImplementedError

    def reset_device_peaks(self) -> bool:
        """Let the peaks of `memory_counts` count from now on; False where that cannot be done."""
        return False

    def loaded(self, files: SampleFiles, batch: int, workers_count: int) -> Iterable[Tensor]:
        """Return batches of prepared samples from the framework's own data loader, in order.

        Raises:
            Unsupported: the framework has no data loader of its own.
        """
        del files, batch, workers_count
        raise Unsupported("this framework has no data loader of its own")

    def is_unsupported(self, error: Exception) -> bool:
        """Say whether the error means that this cannot be done here, rather than that it went wrong."""
        return isinstance(error, Unsupported)


def problem_digest(problem: Problem) -> str:
    """Return a hash of every array, by which two processes can tell that they compute the same."""
    digest = sha256()
    for name, laid in sorted({**problem.inputs, **problem.parameters}.items()):
        digest.update(name.encode() + np.ascontiguousarray(laid.values).tobytes())
    return digest.hexdigest()


def _cast(arrays: Mapping[str, Laid], dtype: str) -> dict[str, Laid]:
    return {
        name: Laid(_rounded(laid.values, dtype) if laid.values.dtype.kind == "f" else laid.values, laid.layout)
        for name, laid in arrays.items()
    }


def _rounded(values: NDArray[np.generic], dtype: str) -> NDArray[np.generic]:
    if dtype == "bfloat16":  # NumPy has none: the upper half of a float32, rounded to even
        bits = values.astype(np.float32).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
    if dtype == "float16":
        return values.astype(np.float16).astype(np.float32)
    return values.astype(dtype)


def moves_from_step(
    case: Case, before: Mapping[str, NDArray[np.generic]], after: Mapping[str, NDArray[np.generic]]
) -> dict[str, NDArray[np.float64]]:
    """Return by how many learning rates one step must have moved each weight, by the names of the check.

    Of plain gradient descent these are the gradients that it used.
    """
    return {
        f"{MOVES[case.optimiser]} of {name}": (values.astype("f8") - after[name].astype("f8")) / case.learning_rate
        for name, values in before.items()
    }
