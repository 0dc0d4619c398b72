"""The base of adapters whose framework computes with arrays of its own: how a case becomes a step and its check."""

import os
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.contract import (
    Case,
    Framework,
    Laid,
    Layout,
    Operations,
    Problem,
    State,
    Tensor,
    Tensors,
    Unsupported,
    Word,
    gradients_from_step,
)

DENORMAL = 1e-40
"""A number too small for full precision, by which an adapter finds out whether its framework takes it as zero."""


@dataclass(frozen=True)
class Bound:
    """A case as a step of one framework."""

    step: Callable[[], object]
    weights: Mapping[str, Tensor]
    """By name, as the framework holds them; a training step changes them, or what this mapping holds."""
    loss_in: Callable[[Tensor], Tensor] = lambda result: result
    """The loss in what a training step returns."""
    is_compiled: Callable[[], bool | None] = lambda: None
    """As in a state."""


class ArrayFramework(Framework):
    """Sets a case up from what an adapter gives: the step, and how arrays get into the framework and out of it."""

    operations: Operations
    device: str

    @abstractmethod
    def put(self, laid: Laid, dtype: str) -> Tensor:
        """Return the array as the framework holds it; numbers get the dtype, whole numbers keep theirs."""

    @abstractmethod
    def read(self, tensor: Tensor, layout: Layout = "plain") -> NDArray[np.generic]:
        """Return an array of the framework in the shared layout."""

    @abstractmethod
    def bind(self, case: Case, problem: Problem, mode: str) -> Bound:
        """Return the case's step in this mode.

        Raises:
            Unsupported: the framework lacks something that the case needs.
        """

    def put_all(self, arrays: Mapping[str, Laid], dtype: str) -> dict[str, Tensor]:
        """Return arrays as the framework holds them, by name."""
        return {name: self.put(laid, dtype) for name, laid in arrays.items()}

    def setup(self, case: Case, problem: Problem, mode: str) -> State:
        """Bind the case; what a mode compiles, it compiles at its first step."""
        bound = self.bind(case, problem, mode)
        given = problem.parameters

        def weights() -> dict[str, NDArray[np.generic]]:
            return {name: self.read(bound.weights[name], laid.layout) for name, laid in given.items()}

        def check(result: object) -> Mapping[str, NDArray[np.generic]]:
            if not case.is_training:
                return {"output": self.read(result, case.output_layout)}
            before = {name: laid.values for name, laid in given.items()}
            loss = self.read(bound.loss_in(result))
            return {"loss": loss, **gradients_from_step(before, weights(), case.learning_rate)}

        return State(
            step=bound.step,
            check=check,
            is_from_cache=self.cache_question(mode),
            is_compiled=bound.is_compiled,
            weights=weights,
            loss_of=lambda result: float(bound.loss_in(result)),
        )

    def is_symbolic(self, tensor: Tensor) -> bool:
        """Say whether it stands for a tensor in a graph that is being made, rather than for numbers."""
        raise NotImplementedError

    def watched(self, case: Case, problem: Problem, mode: str) -> tuple[Word, Callable[[], bool | None]]:
        """Return the case's forward pass, and what says after the first step whether it was only used to make a graph.

        For frameworks that call it in Python to make a graph and never again; without a graph it gets numbers.
        """
        if mode == "eager":
            return case.forward, lambda: None
        seen: set[bool] = set()
        name = next(iter(problem.inputs))

        def forward(operations: Operations, tensors: Tensors) -> Tensor:
            seen.add(self.is_symbolic(tensors[name]))
            return case.forward(operations, tensors)

        return forward, lambda: seen == {True}

    def cache_question(self, mode: str) -> Callable[[], bool | None]:
        """Return what says after the first step whether the compiler had it in a cache; made before that step."""
        return lambda: None if mode == "eager" else False

    def refuse_unseen(self, device: str, title: str) -> None:
        """Refuse a device that the framework does not report.

        Raises:
            Unsupported: it does not.
        """
        if all(seen["device"] != device for seen in self.devices()):
            raise Unsupported(f"this {title} sees no {device} device")


@contextmanager
def printed_to_file() -> Iterator[Callable[[], str]]:
    """Give a way to read, after the block, what libraries printed during it to standard output, past Python."""
    with TemporaryFile() as file:
        kept = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield lambda: said
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            file.seek(0)
            said = file.read().decode(errors="replace")
