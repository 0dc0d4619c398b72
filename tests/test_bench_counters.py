"""What the kernel counts of events: the right one, in threads begun later too, and a reason where there is no count."""

import json
import mmap
import os
import platform
import re
import sys
from threading import Thread

import pytest

from pipeline.bench import system_load
from pipeline.bench.run import run_benchmarks
from pipeline.records.benchmarks import BenchSample, BenchWorker

PAGES = 2000
SOFTWARE, PAGE_FAULTS, NO_SUCH_KIND = 1, 2, 999
"""As perf_event.h numbers them."""


def counted(file):
    return int.from_bytes(os.read(file, 8), sys.byteorder)


def touch():
    """Have the system hand out pages, each by a fault; huge ones would be fewer."""
    with mmap.mmap(-1, PAGES * mmap.PAGESIZE) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        for place in range(PAGES):
            memory[place * mmap.PAGESIZE] = 1


def touch_in_a_thread():
    thread = Thread(target=touch)
    thread.start()
    thread.join()


@pytest.fixture
def faults_file():
    if platform.system() != "Linux":
        pytest.skip("only Linux counts events this way")
    file = system_load.counting_file(SOFTWARE, PAGE_FAULTS)
    if isinstance(file, str):
        pytest.skip(f"this system does not let its processes count: {file}")
    yield file
    os.close(file)


@pytest.mark.parametrize("work", [touch, touch_in_a_thread])
def test_the_event_that_is_asked_for_is_counted_in_threads_begun_later_too(faults_file, work):
    before, known_before = counted(faults_file), system_load.usage()["minor_faults"]
    work()
    found, known = counted(faults_file) - before, system_load.usage()["minor_faults"] - known_before
    assert found >= PAGES
    assert found == pytest.approx(known, abs=PAGES / 20), "as the system counts them otherwise, but for a few"


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux counts events this way")
def test_an_event_that_is_not_there_says_why():
    assert re.fullmatch(r"the system offers no such counter: \w.*", system_load.counting_file(NO_SUCH_KIND, 0))


def test_another_system_is_not_asked(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert system_load.counting_file(SOFTWARE, PAGE_FAULTS) == "counted on Linux only, on x86_64 and aarch64"


def test_a_sample_tells_instructions_or_the_worker_says_why_it_does_not(fake_options):
    result = run_benchmarks(fake_options("Steady", cases=("matmul",), launches_count=1, rounds_count=2))
    (worker,) = result.of(BenchWorker)
    told = {sample.step_instructions is not None for sample in result.of(BenchSample)}
    assert told == {json.loads(worker.read_back)["instructions"] == "counted"}


def test_what_the_file_counts_is_told_of_each_step(fake_options, faults_file):
    """Page faults stand in for instructions, which most virtual machines do not count."""
    del faults_file
    result = run_benchmarks(fake_options("FaultsCounted", cases=("matmul",), launches_count=1, rounds_count=2))
    samples = result.of(BenchSample)
    assert all(sample.step_instructions is not None for sample in samples)
    assert sum(sample.step_instructions for sample in samples) > 0
    for sample in samples:
        assert sample.step_instructions * sample.steps_count == pytest.approx(
            sample.step_minor_faults * sample.steps_count, rel=0.2, abs=50
        )
