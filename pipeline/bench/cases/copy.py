"""Every number read and written once."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tiers


class Copy(Case):
    """The sign is turned, so that no compiler may leave the copy out; it is limited by memory alone (roofline).

    The allocator keeps what is freed: else the large size would measure how the system hands out pages, 8,192 a step.
    """

    name: ClassVar[str] = "copy"
    title: ClassVar[str] = "Memory copy"
    sizes: ClassVar[Sizes] = {"small": {"numbers": 65_536}, "large": {"numbers": 8_388_608}}
    tiers: ClassVar[Tiers] = {"large": "default"}
    keeps_freed_memory: ClassVar[bool] = True
    wording: ClassVar[str] = "{numbers:,} numbers, into memory that the allocator kept"

    def least_numbers(self, size: str) -> int:
        """Return every number read and written."""
        return 2 * self.sizes[size]["numbers"]

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return standard normal numbers."""
        return Problem(inputs={"numbers": Laid(generator.standard_normal(self.sizes[size]["numbers"]))})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the numbers with the other sign."""
        del operations
        return -tensors["numbers"]
