"""The contracts of a benchmark: what a case is, what a framework adapter is, and the words they share.

A case says once what is computed, in the vocabulary `Operations`; an adapter says once how its framework does each
operation. So a case is one file and a line in `registry.py`, and so is a framework. Nothing here imports a framework.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

Float64s = Mapping[str, NDArray[np.float64]]
Tensors = Mapping[str, object]
"""Arrays of one framework by name; only its own operations look inside."""

Layout = Literal["plain", "images", "kernels", "dense"]
"""How an array is meant, so that each framework can store it its own way: `images` batch x height x width x channels,
`kernels` height x width x in x out, `dense` in x out, `plain` as it is."""


class Unsupported(Exception):
    """The framework cannot do this here: it lacks the operation, the mode, the device or a compiler."""


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


@dataclass(frozen=True)
class _Lacking:
    """A word that an adapter left out."""

    name: str

    def __call__(self, *_arguments: object) -> object:
        raise Unsupported(f"this framework's adapter has no operation {self.name}")


@dataclass(frozen=True, kw_only=True)
class Operations:
    """The vocabulary of the cases, each word bound to one framework's own function, with nothing in between.

    A word that an adapter leaves out makes the cases that need it `unsupported` there.
    """

    matmul: Callable[..., object] = field(default=_Lacking("matmul"))
    """(left, right) -> matrix product."""
    convolution: Callable[..., object] = field(default=_Lacking("convolution"))
    """(images, kernels) -> images of the same height and width; stride 1, odd kernels."""
    dense: Callable[..., object] = field(default=_Lacking("dense"))
    """(rows, weights, bias) -> rows · weights + bias."""
    relu: Callable[..., object] = field(default=_Lacking("relu"))
    cross_entropy: Callable[..., object] = field(default=_Lacking("cross_entropy"))
    """(logits, labels) -> mean over the rows of the softmax cross-entropy, natural logarithm."""


class Case(ABC):
    """One thing that is measured, at several sizes.

    A training case's `forward` gives the loss; the adapter takes its gradients and a step of plain gradient descent at
    `learning_rate`, written with the framework's own array operations, without an optimiser class.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    sizes: ClassVar[Mapping[str, Mapping[str, int]]]
    """Dimensions of each size, from quick to long."""
    is_training: ClassVar[bool] = False
    learning_rate: ClassVar[float] = 0.01
    output_layout: ClassVar[Layout] = "plain"
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-4}
    """By dtype: how far an output may be from the reference, relative to the reference's largest value."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The number types that the case can be measured in."""
        return tuple(self.tolerances)

    @abstractmethod
    def workload(self, size: str) -> str:
        """Return the size in words."""

    @abstractmethod
    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return the data in float64; the adapter's dtype is applied by `make_problem`."""

    @abstractmethod
    def forward(self, operations: Operations, tensors: Tensors) -> object:
        """Return the result (of a training case: the loss) from inputs and parameters by name."""

    @abstractmethod
    def reference(self, problem: Problem) -> Float64s:
        """Return what must come out, in float64: `output`, or for training `loss` and one `gradient of …` a weight."""


@dataclass(kw_only=True)
class State:
    """One case bound to one framework, size and mode: what the worker steps, checks and drops."""

    step: Callable[[], object]
    """Does the work once and returns its result, which may still be on its way (see `Framework.sync`)."""
    check: Callable[[object], Mapping[str, NDArray[np.generic]]]
    """Given the first step's result, returns what that step made, named as in `Case.reference`; called once."""
    is_from_cache: Callable[[], bool | None] = lambda: None
    """After the first step: whether the compiler had it in a cache; None where nothing is compiled."""


class Framework(ABC):
    """An adapter: the only place that knows one framework. One process uses one adapter."""

    name: ClassVar[str]
    """Framework id, as in data/reference/frameworks.toml."""
    package: ClassVar[str]
    """The module whose absence means that the framework is not installed."""
    modes: ClassVar[tuple[str, ...]]

    @classmethod
    def environment(cls, threads_count: int, cache_folder: str, *, is_quick: bool) -> Mapping[str, str]:
        """Return variables that must stand in the child's environment before the framework is imported."""
        del threads_count, cache_folder, is_quick
        return {}

    @abstractmethod
    def start(self, threads_count: int, device: str) -> str:
        """Import the framework, set threads and precision, and return its version.

        Raises:
            ModuleNotFoundError: it is not installed.
            Unsupported: it does not see the device.
        """

    @abstractmethod
    def read_back(self) -> Mapping[str, object]:
        """Return threads, precision switches and build as the framework states them now."""

    def prepare(self, mode: str) -> None:
        """Load what the mode needs once a process, so that no case pays for it. Does nothing by default."""
        del mode

    @abstractmethod
    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case: the problem's arrays in the framework's own layout, and a step in this mode.

        Raises:
            Unsupported: the framework lacks something that the case needs.
        """

    @abstractmethod
    def sync(self, result: object) -> None:
        """Return when the result of the last step, and so everything before it, has been computed."""

    def is_unsupported(self, error: Exception) -> bool:
        """Say whether the error means that this cannot be done here, rather than that it went wrong."""
        return isinstance(error, Unsupported)


def make_problem(case: Case, size: str, dtype: str, seed: int) -> Problem:
    """Return the case's data at a size: the same bytes at every call, on every machine with the same NumPy."""
    name_as_numbers = list(f"{case.name} {size}".encode())
    problem = case.problem(size, np.random.default_rng([seed, *name_as_numbers]))
    return Problem(inputs=_cast(problem.inputs, dtype), parameters=_cast(problem.parameters, dtype))


def problem_digest(problem: Problem) -> str:
    """Return a hash of every array, by which two processes can tell that they compute the same."""
    digest = sha256()
    for name, laid in sorted({**problem.inputs, **problem.parameters}.items()):
        digest.update(name.encode() + np.ascontiguousarray(laid.values).tobytes())
    return digest.hexdigest()


def _cast(arrays: Mapping[str, Laid], dtype: str) -> dict[str, Laid]:
    return {
        name: Laid(laid.values.astype(dtype) if laid.values.dtype.kind == "f" else laid.values, laid.layout)
        for name, laid in arrays.items()
    }


def gradients_from_step(
    before: Mapping[str, NDArray[np.generic]], after: Mapping[str, NDArray[np.generic]], learning_rate: float
) -> dict[str, NDArray[np.generic]]:
    """Return the gradients that one step of plain gradient descent must have used, by the names of the check."""
    return {
        f"gradient of {name}": (values.astype(np.float64) - after[name].astype(np.float64)) / learning_rate
        for name, values in before.items()
    }
