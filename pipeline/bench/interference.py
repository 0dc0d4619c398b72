"""What else went on while a block was timed, as far as the system tells, and whether the block counts as disturbed.

Four signs, each of which can be there without the others: the host took processor time away (steal), something waited
for a processor (pressure), the measured threads were put aside against their will, the processor's clock changed. With
the load of others (`timing.is_disturbed`) they are all that is looked at; how long the block took never is.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from pipeline.bench import system_load
from pipeline.bench.timing import is_disturbed

_STOLEN_CPUS = 0.25
"""Steal is counted in ticks of 10 ms: one of them in a block of 50 ms is a fifth of a processor."""
_PRESSURE_FRACTION = 0.25
_SWITCHES = 3
"""Whatever the length of the block: timers and the system's own threads need a processor now and then."""
_SWITCHES_A_THREAD_SECOND = 20
"""A neighbour on the same processor costs a turn every few milliseconds, which is a hundred and more."""
_SWITCHES_OVER_OWN = 3
"""Frameworks with more threads than processors put their own aside: only what is beyond their own habit counts."""
_CLOCK_FRACTION = 0.1
Surroundings = Mapping[str, float | int | None]
"""Counters and readings at one moment; None wherever the system does not tell."""


def look_around(cpus: frozenset[int] | None) -> Surroundings:
    """Read everything now, of these processors and of this process."""
    return {
        "stolen_seconds": system_load.stolen_seconds(cpus),
        "waited_seconds": system_load.waited_seconds(),
        "clock_mhz": system_load.clock_mhz(cpus),
        **system_load.usage(),
    }


def between(before: Surroundings, after: Surroundings, wall_seconds: float) -> dict[str, float | int | None]:
    """Return what happened from one moment to a later one, and what this process used meanwhile."""
    changes = {
        name: None if earlier is None or (later := after[name]) is None else later - earlier
        for name, earlier in before.items()
    }
    stolen, waited, clock = (changes.pop(name) for name in ("stolen_seconds", "waited_seconds", "clock_mhz"))
    clock_before = before["clock_mhz"]
    return {
        "stolen_cpus": None if stolen is None else max(0.0, stolen) / wall_seconds,
        "pressure_fraction": None if waited is None else min(1.0, max(0.0, waited) / wall_seconds),
        **changes,
        "clock_change_fraction": None if clock is None or not clock_before else abs(clock) / clock_before,
    }


def disturbances(
    block: Mapping[str, Any], threads_count: int, cores_count: int, own_switches: Sequence[int | None] = ()
) -> tuple[str, ...]:
    """Return what disturbed a block, in words.

    Args:
        block: what `between` gives, `other_cpus` and `wall_seconds`.
        threads_count: threads that the framework was given.
        cores_count: processors that it may use.
        own_switches: involuntary switches in earlier blocks of the same variant.
    """
    others = [each for each in own_switches if each is not None]
    usual = _SWITCHES + _SWITCHES_A_THREAD_SECOND * threads_count * block["wall_seconds"]
    habit = _SWITCHES_OVER_OWN * median(others) if others else 0.0
    limits = {
        "steal": ("stolen_cpus", _STOLEN_CPUS),
        "pressure": ("pressure_fraction", _PRESSURE_FRACTION),
        "switches": ("involuntary_switches_count", max(usual, habit)),
        "clock": ("clock_change_fraction", _CLOCK_FRACTION),
    }
    load = ["other load"] if is_disturbed(block["other_cpus"], threads_count, cores_count) else []
    return (*load, *(sign for sign, (column, limit) in limits.items() if (block[column] or 0) > limit))
