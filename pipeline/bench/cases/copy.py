"""Every number read and written once: limited by memory alone (roofline).

The sign is turned, so that no compiler may leave the copy out. The allocator keeps what is freed: else the large size
would measure how the system hands out pages, 8,192 a step.
"""

from pipeline.bench.contract import Case, Laid, Problem

CASE = Case(
    name="copy",
    title="Memory copy",
    sizes={"small": {"numbers": 65_536}, "large": {"numbers": 8_388_608}},
    tiers={"large": "default"},
    keeps_freed_memory=True,
    wording="{numbers:,} numbers, into memory that the allocator kept",
    data=lambda generator, numbers: Problem(inputs={"numbers": Laid(generator.standard_normal(numbers))}),
    result=lambda _operations, tensors: -tensors["numbers"],
    least_moved=lambda numbers: 2 * numbers,
)
