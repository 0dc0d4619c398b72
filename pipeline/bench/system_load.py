"""What this process may use, and what the machine is busy with; None wherever the system does not tell."""

import ctypes
import errno
import os
import platform
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from statistics import mean

_STAT = Path("/proc/stat")
_SELF_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_THREADS = Path("/proc/self/task")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
ALLOCATORS = (
    "LD_PRELOAD", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_",
    "PYTORCH_CUDA_ALLOC_CONF", "TF_GPU_ALLOCATOR", "XLA_PYTHON_CLIENT_ALLOCATOR",
)  # fmt: skip
"""Whatever a person set of these holds in the children too; a device's memory is never taken ahead."""
_PRESSURE = Path("/proc/pressure/cpu")
_CLOCKS = Path("/sys/devices/system/cpu")
_MICROSECONDS = 1_000_000
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_COUNT, _ARENAS = -1, -3, -4, -8
_PERF_CALLS = {"Linux x86_64": 298, "Linux aarch64": 241}
"""The system call `perf_event_open` by system and processor."""
_PERF_SIZE, _PERF_TIMES, _PERF_CLOSED_ON_EXEC = 64, 1 | 2, 8
"""Of its attributes; what is read has also how long the event was to be counted and how long it was; a flag."""
_PERF_FLAGS, _PERF_THREADS_ONLY = 1 << 1 | 1 << 5 | 1 << 6, 1 << 35
"""What is begun later is counted too, the kernel and a hypervisor are not; and of what is begun, threads alone."""
_POLICIES = {
    "kept": {_MMAP_COUNT: 0, _TRIM_THRESHOLD: -1},
    "usual": {_MMAP_COUNT: 65_536, _MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: 64 << 20},
    "given back": {_ARENAS: 1, _MMAP_COUNT: 65_536, _MMAP_THRESHOLD: 64 << 10, _TRIM_THRESHOLD: 0},
}
"""Settings of glibc's allocator, as `mallopt` numbers them, by what becomes of freed memory."""


def usable_cpus() -> frozenset[int] | None:
    """Return the processors this process may run on; None where the system knows no such limit."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def separate_cpus(count: int, cpus: frozenset[int], folder: Path = _CLOCKS) -> frozenset[int]:
    """Return so many of these processors: each core once before any twice, and the fastest first."""
    cores = {each: text_of(folder / f"cpu{each}" / "topology" / "thread_siblings_list") or each for each in cpus}

    def place(number: int) -> tuple[bool, int, int]:
        is_taken = any(other < number and core == cores[number] for other, core in cores.items())
        clock = text_of(folder / f"cpu{number}" / "cpufreq" / "cpuinfo_max_freq").strip()
        return is_taken, -int(clock or 0), -number

    return frozenset(sorted(cpus, key=place)[:count])


def keep_to(cpus: frozenset[int]) -> None:
    """Let every thread of this process, and those that they begin, run on these processors alone; on Linux."""
    for thread in _THREADS.glob("*"):
        with suppress(OSError):  # it ended meanwhile
            os.sched_setaffinity(int(thread.name), cpus)


def usable_cores_count() -> int:
    """Return how many processors this process may keep busy: its affinity, and a container's quota, rounded down."""
    cpus = usable_cpus()
    count = len(cpus) if cpus else os.cpu_count() or 1
    quota = re.match(r"(\d+) (\d+)", text_of(_QUOTA))
    return max(1, min(count, int(quota[1]) // int(quota[2]))) if quota else count


def _counted_seconds(fields: frozenset[int], cpus: frozenset[int] | None, stat: Path = _STAT) -> float | None:
    text = text_of(stat)
    counted = [
        int(ticks)
        for number, counters in re.findall(r"^cpu(\d+) (.*)$", text, re.MULTILINE)
        if cpus is None or int(number) in cpus
        for place, ticks in enumerate(counters.split())
        if place in fields
    ]
    return sum(counted) / os.sysconf("SC_CLK_TCK") if text else None


# User, nice, system, interrupts of both kinds and steal; not idle and iowait, nor guests, who are in user already.
busy_seconds = partial(_counted_seconds, frozenset({0, 1, 2, 5, 6, 7}))
"""Returns how long these processors have been busy since the system started, stolen time included, summed."""
stolen_seconds = partial(_counted_seconds, frozenset({7}))
"""Returns how long the host kept these processors from running since the system started, summed."""


def waited_seconds(pressure: Path = _PRESSURE) -> float | None:
    """Return how long anything at all has been waiting for a processor since the system started."""
    found = re.search(r"^some .*total=(\d+)", text_of(pressure), re.MULTILINE)
    return int(found[1]) / _MICROSECONDS if found else None


def usage() -> dict[str, int | float | None]:
    """Return what this process has used until now, all threads; None where the system does not tell.

    Involuntary switches put a thread aside while it still had work; `switches` are these and those that waited. Minor
    faults are pages of memory handed out at first touch, system seconds processor time in the kernel, instructions
    those outside of it.
    """
    names = ("involuntary_switches_count", "switches", "minor_faults", "system_seconds", "instructions")
    if os.name != "posix":
        return dict.fromkeys(names)
    import resource  # noqa: PLC0415 — not on every system

    used = resource.getrusage(resource.RUSAGE_SELF)
    file = instructions_file()
    instructions = None if isinstance(file, str) else events_count(file)
    figures = (used.ru_nivcsw, used.ru_nvcsw + used.ru_nivcsw, used.ru_minflt, used.ru_stime, instructions)
    return dict(zip(names, figures, strict=True))


def counting_file(kind: int, event: int) -> int | str:
    """Return a file that tells how often an event came in this thread and those begun later; or why there is none.

    Kind and event are numbers of Linux's perf_event.h.
    """
    call = _PERF_CALLS.get(f"{platform.system()} {platform.machine()}")
    if call is None:
        return "counted on Linux only, on x86_64 and aarch64"
    for flags in (_PERF_FLAGS | _PERF_THREADS_ONLY, _PERF_FLAGS):  # Linux before 5.13 knows the second alone
        attributes = struct.pack("=IIQQQQQ", kind, _PERF_SIZE, event, 0, 0, _PERF_TIMES, flags).ljust(_PERF_SIZE, b"\0")
        library = ctypes.CDLL(None, use_errno=True)
        if (file := int(library.syscall(call, attributes, 0, -1, -1, _PERF_CLOSED_ON_EXEC))) >= 0:
            return file
    said = os.strerror(error := ctypes.get_errno())
    if error in {errno.EACCES, errno.EPERM}:
        return f"not allowed here ({said}); kernel.perf_event_paranoid=2, in a container --cap-add=PERFMON, allows it"
    return f"the system offers no such counter: {said}"


def events_count(file: int) -> int | None:
    """Return how often the event of a counting file came so far; None where it was not counted all the time.

    That is so where more events are asked for than there are counters, and in cores of another kind than the first.
    """
    count, wanted, counted = struct.unpack("=3Q", os.read(file, 24))
    return int(count) if counted == wanted else None


instructions_file = cache(partial(counting_file, 0, 1))
"""Returns the file of instructions, opened at the first call, or why there is none."""


def clock_mhz(cpus: frozenset[int] | None, folder: Path = _CLOCKS) -> float | None:
    """Return the mean clock of these processors now; None where they do not tell, as in most virtual machines."""
    names = (f"cpu{number}" for number in sorted(cpus)) if cpus else ("cpu0",)
    try:
        return mean(int((folder / name / "cpufreq" / "scaling_cur_freq").read_text()) / 1000 for name in names)
    except (OSError, ValueError):
        return None


def _status_bytes(field: str) -> int | None:
    found = re.search(rf"^{field}:\s*(\d+)", text_of(_SELF_STATUS), re.MULTILINE)
    return int(found[1]) * 1024 if found else None


resident_bytes = partial(_status_bytes, "VmRSS")
"""Returns the memory that this process holds now."""
peak_resident_bytes = partial(_status_bytes, "VmHWM")
"""Returns the most memory that this process held since it started or since `reset_peak`."""


def reset_peak() -> bool:
    """Let the peak count from now on; False where the system does not allow it."""
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def memory_policy() -> dict[str, str | None]:
    """Return the settings of allocators in this process's environment; None for one that is as it comes."""
    return {name: os.environ.get(name) for name in ALLOCATORS}


def set_allocator(policy: str) -> bool:
    """Let the C library keep freed memory for the next use, let it go as usual, or give it back at once, if it can.

    Kept memory costs no page faults when it is used again. "Usual" is what glibc adjusts its two thresholds to once
    large arrays come and go.
    """
    adjust = _c_library_function("mallopt")
    return min(adjust(*setting) for setting in _POLICIES[policy].items()) == 1


def _c_library_function(name: str) -> Callable[..., int]:
    """Return the function of that name; one that does nothing where the C library is another one than glibc."""
    return getattr(ctypes.CDLL(None), name, lambda *_: 0) if os.name == "posix" else lambda *_: 0


give_back_freed_memory = partial(_c_library_function("malloc_trim"), 0)
"""Lets the C library return what it keeps of freed memory to the system, where it can."""


def text_of(path: Path) -> str:
    """Return what a file of the system says; nothing where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
