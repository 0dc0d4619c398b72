"""Training steps shared by two processes: what is measured, what is refused, and the real frameworks."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from bench_fakes import Steady
from test_bench_deployment import taken_round

from pipeline.bench.contract import State
from pipeline.bench.operations import Unsupported
from pipeline.bench.plan import registered_frameworks
from pipeline.bench.registry import adapter_class, special_measurement_named
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time

HERE = Path(__file__).parent
SPECIAL = special_measurement_named("several_processes")
REAL = [
    (entry, mode)
    for entry in registered_frameworks()
    if find_spec(adapter_class(entry.adapter).package) and entry.tier != "full"
    for mode in SPECIAL.modes(adapter_class(entry.adapter))[-1:]
]
"""Each in the last of its modes; Keras's backends have no way of their own."""


class Joining(Steady):
    """Its gradient is the mean of the data that it was given; `shares` says whether it hears of the others' as well."""

    shares = True
    together = None

    def join(self, place, addresses):
        assert len(set(addresses)) == 2
        self.together = place

    def setup(self, case, problem, mode):
        return State(step=lambda: 0)

    def outputs(self, case, problem, state, result):
        whole = case.problem("large", "float32", 2024)
        shared = self.together is not None and self.shares
        found = (whole if shared else problem).inputs
        return {"loss": np.array(self.together), "gradient of all": next(iter(found.values())).values.mean(axis=0)}


@pytest.fixture
def measured(tmp_path):
    """The figures of each child of a round, one after the other in this process."""
    SPECIAL.prepare(tmp_path, 2024)
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)

    def of(framework):
        tools = SpecialTools(
            framework=framework, mode="eager", seed=2024, clock=clock, pace=SamplingTimes(), folder=tmp_path,
            import_seconds=0,
        )  # fmt: skip
        return [SPECIAL.measure(replace(tools, place=place))[0] for place in (0, 1, 2)]

    return of


def test_the_first_child_is_alone_and_of_those_that_share_one_has_the_figures(measured):
    alone, shared, silent = measured(Joining())
    assert alone.keys() == {"MLP, one process", "transformer, one process"}
    assert shared.keys() == {"MLP, two processes", "transformer, two processes"}
    assert silent == {}
    assert {*alone, *shared} == SPECIAL.measures.keys()


def test_processes_that_do_not_hear_of_each_other_are_found_out(measured):
    class Deaf(Joining):
        shares = False

    with pytest.raises(OutputsDiffer, match=r"a gradient of two processes is off by .* of that of one"):
        measured(Deaf())


def test_what_knows_no_way_says_so_before_it_trains(measured):
    with pytest.raises(Unsupported, match="knows no training by several processes"):
        measured(Steady())


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize(("entry", "mode"), [pytest.param(*each, id=f"{each[0].id} {each[1]}") for each in REAL])
def test_real_frameworks_share_a_step(tmp_path, entry, mode):
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, mode)
    assert (outcome, message) == ("measured", None)
    assert figures.keys() == SPECIAL.measures.keys()
    assert all(0 < seconds < 60 for seconds in figures.values())
