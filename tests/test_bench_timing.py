"""Timing on a clock that only moves when a step says so."""

from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.bench.timing import (
    Block,
    Clock,
    SamplingTimes,
    calibrated_steps,
    is_disturbed,
    is_flat,
    time_block,
    warm_up,
)


class FakeClock:
    """Wall, processor and machine time, in whole microseconds so that sums are exact enough to compare."""

    def __init__(self, tells_load=True):
        self.wall = self.cpu = self.busy = 0.0
        self.tells_load = tells_load

    def spend(self, wall, cpu=None, other=0.0):
        self.wall += wall
        self.cpu += wall if cpu is None else cpu
        self.busy += (wall if cpu is None else cpu) + other

    @property
    def clock(self):
        return Clock(
            wall_seconds=lambda: self.wall,
            cpu_seconds=lambda: self.cpu,
            busy_seconds=lambda: self.busy if self.tells_load else None,
        )


def test_every_step_is_waited_for_before_the_next_begins():
    fake = FakeClock()
    told = []
    results = iter(range(25))

    def step():
        fake.spend(wall=0.010, cpu=0.017)
        told.append(f"step {(result := next(results))}")
        return result

    def sync(result):
        fake.spend(wall=0.020)
        told.append(f"wait for {result}")

    block = time_block(step, sync, 25, fake.clock)
    assert told == [words for n in range(25) for words in (f"step {n}", f"wait for {n}")]
    assert block.step_seconds == pytest.approx(0.030)
    assert block.cpu_seconds == pytest.approx(25 * (0.017 + 0.020))


def test_a_pipelined_block_holds_its_steps_and_the_wait_for_the_last_one_of_each_part():
    fake = FakeClock()
    synced = []
    results = iter(range(25))

    def step():
        fake.spend(wall=0.010, cpu=0.030, other=0.005)
        return next(results)

    def sync(result):
        synced.append(result)
        fake.spend(wall=0.020)

    block = time_block(step, sync, 25, fake.clock, waits_each_step=False)
    assert synced == [2, 5, 8, 11, 14, 16, 18, 20, 22, 24], "waited for the last result of each part"
    assert block.wall_seconds == pytest.approx(25 * 0.010 + 10 * 0.020)
    assert block.parts_step_seconds == pytest.approx([0.010 + 0.020 / 3] * 5 + [0.020] * 5)
    assert block.step_seconds == pytest.approx((0.010 + 0.020 / 3 + 0.020) / 2)
    assert block.cpu_seconds == pytest.approx(25 * 0.030 + 10 * 0.020)
    assert block.other_cpus == pytest.approx(25 * 0.005 / 0.450)


def test_one_interruption_does_not_move_a_sample():
    fake = FakeClock()
    steps = iter(range(40))

    def step():
        fake.spend(wall=5.0 if next(steps) == 17 else 0.001)

    block = time_block(step, lambda _: None, 40, fake.clock)
    assert block.step_seconds == pytest.approx(0.001)
    assert block.wall_seconds > 5


@given(steps_count=st.integers(1, 500))
def test_a_block_runs_just_its_steps(steps_count):
    fake = FakeClock()
    block = time_block(lambda: fake.spend(0.5), lambda _: None, steps_count, fake.clock)
    assert fake.wall == steps_count * 0.5
    assert block.steps_count == steps_count
    assert len(block.parts_step_seconds) == min(10, steps_count)
    assert block.step_seconds == pytest.approx(0.5)


def test_load_is_unknown_where_the_system_does_not_tell():
    fake = FakeClock(tells_load=False)
    assert time_block(lambda: fake.spend(0.01), lambda _: None, 1, fake.clock).other_cpus is None


def test_load_is_never_negative():
    fake = FakeClock()

    def step():
        fake.spend(wall=0.01)
        fake.busy -= 0.005  # the machine's clock ticks more coarsely than the process's

    assert time_block(step, lambda _: None, 1, fake.clock).other_cpus == 0


@given(step_seconds=st.floats(1e-7, 10), block_seconds=st.floats(1e-3, 1), minimum_steps=st.integers(1, 10))
def test_a_sample_is_long_enough_and_no_longer_than_it_must_be(step_seconds, block_seconds, minimum_steps):
    pace = SamplingTimes(block_seconds=block_seconds, minimum_steps=minimum_steps)
    steps = calibrated_steps(step_seconds, pace)
    least = 1 if step_seconds >= pace.long_step_seconds else minimum_steps
    assert steps >= least
    assert steps * step_seconds >= block_seconds * (1 - 1e-9)
    assert steps == least or (steps - 1) * step_seconds < block_seconds


@pytest.mark.parametrize(
    ("tail", "flat"),
    [
        ([9, 1, 1], False),
        ([9, 1, 1.04, 1.02], True),
        ([1, 1, 1.06], False),
        ([1, 1], False),
        ([], False),
    ],
)
def test_flat_means_that_the_last_three_agree(tail, flat):
    assert is_flat(tail, SamplingTimes(flat_fraction=0.05)) is flat


def measured_by(step_seconds):
    """Return a measure that takes these times for its blocks, and the list of block sizes it was asked for."""
    asked = []
    times = iter(step_seconds)

    def measure(steps_count):
        asked.append(steps_count)
        wall = next(times) * steps_count
        return Block(steps_count=steps_count, wall_seconds=wall, cpu_seconds=wall, other_cpus=None)

    return measure, asked


def test_warm_up_ends_when_the_tail_is_flat():
    pace = SamplingTimes(block_seconds=0.05, warmup_block_seconds=0.02, warmup_seconds=10)
    measure, asked = measured_by(chain([1.0, 0.004, 0.002], repeat(0.001)))
    found = warm_up(measure, pace)
    assert found.is_flat
    assert asked == [1, 1, 5, 10, 20, 20]
    assert found.steps_count == sum(asked)
    assert found.steps_per_sample == 50


def test_warm_up_gives_up_when_its_time_is_over_and_says_so():
    pace = SamplingTimes(block_seconds=0.05, warmup_block_seconds=0.02, warmup_seconds=0.2)
    measure, asked = measured_by(chain.from_iterable(repeat((0.010, 0.020))))
    found = warm_up(measure, pace)
    assert not found.is_flat
    assert sum(asked) * 0.010 <= 0.2 + 0.02
    assert found.steps_per_sample in {3, 5}


def test_warm_up_runs_three_blocks_however_slow_they_are():
    measure, asked = measured_by(repeat(30.0))
    found = warm_up(measure, SamplingTimes(minimum_steps=3))
    assert asked == [1, 1, 1]
    assert found.is_flat
    assert found.steps_per_sample == 1


def test_a_step_too_quick_for_the_clock_does_not_stop_the_warm_up():
    measure, asked = measured_by(chain([0.0], repeat(0.001)))
    assert warm_up(measure, SamplingTimes()).is_flat
    assert asked[:2] == [1, 1]


@pytest.mark.parametrize(
    ("other_cpus", "threads", "cores", "disturbed"),
    [
        (0.0, 3, 4, False),
        (1.2, 3, 4, False),
        (1.3, 3, 4, True),
        (0.2, 4, 4, False),
        (0.3, 4, 4, True),
        (None, 4, 4, False),
    ],
)
def test_disturbed_means_that_there_were_not_enough_processors(other_cpus, threads, cores, disturbed):
    assert is_disturbed(other_cpus, threads, cores) is disturbed
