"""What the kernel counts of events: the right one, in threads begun later too, and a reason where there is no count."""

import json
import mmap
import os
import platform
import re
import struct
import subprocess
import sys
from contextlib import contextmanager
from threading import Event, Thread
from time import process_time, sleep

import pytest

from pipeline.bench import system_load
from pipeline.bench.run import run_benchmarks
from pipeline.records.benchmarks import BenchSample, BenchWorker

PAGES = 2000
SOFTWARE, TASK_CLOCK, PAGE_FAULTS, CONTEXT_SWITCHES, NO_SUCH_KIND = 1, 1, 2, 3, 999
"""As perf_event.h numbers them."""
TOUCHING = f"""
import mmap
memory = mmap.mmap(-1, {PAGES} * mmap.PAGESIZE)
memory.madvise(mmap.MADV_NOHUGEPAGE)
for place in range({PAGES}):
    memory[place * mmap.PAGESIZE] = 1
"""
knows_threads = pytest.mark.skipif(
    tuple(map(int, re.findall(r"\d+", platform.release())[:2])) < (5, 13),
    reason="Linux counts threads alone from 5.13 on",
)


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


@contextmanager
def in_a_living_thread(work):
    """Let a thread do its work, and give a way to look while it has done it and has not ended."""
    is_done, may_end = Event(), Event()

    def run():
        work()
        is_done.set()
        may_end.wait()

    thread = Thread(target=run)
    thread.start()
    is_done.wait()
    yield
    assert thread.is_alive()
    may_end.set()
    thread.join()


@contextmanager
def counting(event):
    if platform.system() != "Linux":
        pytest.skip("only Linux counts events this way")
    file = system_load.counting_file(SOFTWARE, event)
    if isinstance(file, str):
        pytest.skip(f"this system does not let its processes count: {file}")
    yield file
    os.close(file)


@pytest.fixture
def faults_file():
    with counting(PAGE_FAULTS) as file:
        yield file


@pytest.mark.parametrize("work", [touch, touch_in_a_thread])
def test_the_event_that_is_asked_for_is_counted_in_threads_begun_later_too(faults_file, work):
    before, known_before = system_load.events_count(faults_file), system_load.usage()["minor_faults"]
    work()
    found = system_load.events_count(faults_file) - before
    known = system_load.usage()["minor_faults"] - known_before
    assert found >= PAGES
    assert found == pytest.approx(known, abs=PAGES / 20), "as the system counts them otherwise, but for a few"


def test_threads_that_have_not_ended_are_in_what_is_read(faults_file):
    before = system_load.events_count(faults_file)
    with in_a_living_thread(touch), in_a_living_thread(touch):
        assert system_load.events_count(faults_file) - before >= 2 * PAGES
    assert system_load.events_count(faults_file) - before >= 2 * PAGES, "and they stay in it when they have"


def test_threads_begun_before_are_not_in_it():
    may_touch, is_done = Event(), Event()

    def run():
        may_touch.wait()
        touch()
        is_done.set()

    thread = Thread(target=run)
    thread.start()
    with counting(PAGE_FAULTS) as file:
        before = system_load.events_count(file)
        may_touch.set()
        is_done.wait()
        thread.join()
        assert system_load.events_count(file) - before < PAGES / 2, "so a worker opens it before its framework"


def test_time_of_threads_is_summed_as_the_system_sums_it():
    """The task clock counts nanoseconds on a processor: of one thread here, and of two that wait meanwhile."""

    def spin():
        until = process_time() + 0.1
        while process_time() < until:
            pass

    with counting(TASK_CLOCK) as file:
        before, known_before = system_load.events_count(file), process_time()
        with in_a_living_thread(spin), in_a_living_thread(spin):
            found, known = system_load.events_count(file) - before, process_time() - known_before
    assert found / 1e9 == pytest.approx(known, rel=0.2)


def test_what_the_kernel_does_is_left_out():
    """A thread is put aside within the kernel, so that all the times when this one waits are none of those counted."""
    with counting(CONTEXT_SWITCHES) as file:
        before = system_load.usage()["switches"]
        for _ in range(20):
            sleep(0.001)
        assert system_load.usage()["switches"] - before >= 20
        assert system_load.events_count(file) == 0


@knows_threads
def test_other_processes_begun_here_are_left_out(faults_file):
    before = system_load.events_count(faults_file)
    subprocess.run([sys.executable, "-c", TOUCHING], check=True)
    assert system_load.events_count(faults_file) - before < PAGES


def test_a_program_begun_here_is_not_given_the_file(faults_file):
    assert not os.get_inheritable(faults_file)


def test_what_was_counted_for_a_part_of_the_time_is_not_told(tmp_path):
    """Three numbers are read: a count, how long it was to be counted and how long it was."""
    told = []
    for wanted, counted in ((10, 10), (10, 9), (0, 0)):
        (tmp_path / "counter").write_bytes(struct.pack("=3Q", 7, wanted, counted))
        file = os.open(tmp_path / "counter", os.O_RDONLY)
        told.append(system_load.events_count(file))
        os.close(file)
    assert told == [7, None, 7]


REFUSED = """
import ctypes, struct, sys
from pipeline.bench import system_load
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
# Of each system call: is it this one, then the error "not permitted", else go on; as the rules of a container have it.
rules = b"".join(struct.pack("=HBBI", *rule) for rule in (
    (0x20, 0, 0, 0), (0x15, 0, 1, int(sys.argv[1])), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000),
))
program = struct.pack("=HxxxxxxQ", 4, ctypes.cast(rules, ctypes.c_void_p).value)
assert libc.prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()
print(system_load.counting_file(1, 2))
"""


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux counts events this way")
def test_a_system_that_forbids_counting_says_what_allows_it():
    call = system_load._PERF_CALLS[f"Linux {platform.machine()}"]
    ran = subprocess.run([sys.executable, "-c", REFUSED, str(call)], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == (
        "not allowed here (Operation not permitted); kernel.perf_event_paranoid=2, in a container --cap-add=PERFMON, "
        "allows it"
    )


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
