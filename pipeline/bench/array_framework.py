"""The base of adapters whose framework computes with arrays of its own."""

import os
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.bench import isolation
from pipeline.bench.contract import Framework, Laid, Layout
from pipeline.bench.operations import Operations, Tensor, Unsupported, Word

DENORMAL = 1e-40
"""A number too small for full precision, by which an adapter finds out whether its framework takes it as zero."""

CHANNELS_FIRST: Mapping[Layout, tuple[int, ...]] = {"images": (0, 3, 1, 2), "kernels": (3, 2, 0, 1)}
"""Images as batch, channels, height, width; kernels as out, in, height, width."""


def write_openvino(model: object, folder: Path) -> None:
    """Convert a model, or the file of one, for OpenVINO, its numbers as they are, and write it into a new folder."""
    isolation.hide({"openvino_telemetry"})  # a conversion here is nobody's business
    import openvino  # noqa: PLC0415 — its extra may not be installed

    try:
        converted = openvino.convert_model(model)
    except Exception as error:  # of its own kinds; first it names places in its own source, last those in ours
        said = str(error).rpartition("Summary:")[2].partition("At:")[0]
        raise Unsupported(" ".join(said.split())) from error
    folder.mkdir()
    openvino.save_model(converted, folder / "model.xml", compress_to_fp16=False)


class ArrayFramework(Framework):
    """What adapters share: how arrays get in and out, and how a graph that was made is told from none."""

    stored_axes: ClassVar[Mapping[Layout, tuple[int, ...]]] = {}
    """The order in which the framework stores the axes of an array, where that is not the shared layout's."""

    operations: Operations
    device: str

    @abstractmethod
    def stored(self, values: NDArray[np.generic], dtype: str) -> Tensor:
        """Return a copy that the framework holds; numbers get the dtype, whole numbers stay whole."""

    @abstractmethod
    def numbers(self, tensor: Tensor) -> NDArray[np.generic]:
        """Return what the framework holds as float32, its axes as they are stored."""

    def put(self, laid: Laid, dtype: str) -> Tensor:
        """Return the array as the framework holds it, its axes in the framework's order."""
        axes = self.stored_axes.get(laid.layout)
        return self.stored(np.ascontiguousarray(laid.values.transpose(axes)) if axes else laid.values, dtype)

    def read(self, tensor: Tensor, layout: Layout = "plain") -> NDArray[np.generic]:
        """Return a tensor in the shared order of axes."""
        values, axes = self.numbers(tensor), self.stored_axes.get(layout)
        return values.transpose(np.argsort(axes)) if axes else values

    def put_all(self, arrays: Mapping[str, Laid], dtype: str) -> dict[str, Tensor]:
        """Return arrays as the framework holds them, by name."""
        return {name: self.put(laid, dtype) for name, laid in arrays.items()}

    def into(self, held: dict[str, Tensor], dtype: str) -> Callable[[Mapping[str, Laid]], None]:
        """Return what replaces held arrays by others of the same names."""
        return lambda arrays: held.update(self.put_all(arrays, dtype))

    def is_symbolic(self, tensor: Tensor) -> bool:
        """Say whether it stands for a tensor in a graph that is being made, rather than for numbers."""
        raise NotImplementedError

    def watched(self, word: Word, mode: str) -> tuple[Word, Callable[[], bool | None]]:
        """Return a function, and what says after the first step whether it was only called to make a graph.

        For frameworks that call it in Python to make a graph and never again; without a graph its last argument, or the
        first tensor in that, is numbers.
        """
        if mode == "eager":
            return word, lambda: None
        seen: set[bool] = set()

        def called(*given: Tensor) -> Tensor:
            last = given[-1]
            seen.add(self.is_symbolic(next(iter(last.values())) if isinstance(last, dict) else last))
            return word(*given)

        return called, lambda: seen == {True}

    def refuse_unseen(self, device: str, title: str) -> None:
        """Refuse a device that the framework does not report, as `Unsupported`."""
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
