"""What this process may use, and what the machine is busy with; None wherever the system does not tell."""

import os
from pathlib import Path

_STAT = Path("/proc/stat")
_SELF_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_ALLOCATORS = (
    "LD_PRELOAD",
    "MALLOC_ARENA_MAX",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "PYTORCH_CUDA_ALLOC_CONF",
    "TF_GPU_ALLOCATOR",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
)
"""Whatever a person set of these holds in the children too; a device's memory is never taken ahead."""
_IDLE_FIELDS = {3, 4}  # idle and iowait
_COUNTED_FIELDS = 8  # user nice system idle iowait irq softirq steal; guest time is in user already


def usable_cpus() -> frozenset[int] | None:
    """Return the processors this process may run on; None where the system knows no such limit."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def usable_cores_count() -> int:
    """Return how many processors this process may keep busy: its affinity, and a container's quota, rounded down."""
    cpus = usable_cpus()
    count = len(cpus) if cpus else os.cpu_count() or 1
    quota = _cgroup_quota()
    return max(1, min(count, int(quota))) if quota else count


def busy_seconds(cpus: frozenset[int] | None, stat: Path = _STAT) -> float | None:
    """Return how long these processors have been busy since the system started, stolen time included, summed."""
    try:
        lines = stat.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    ticks = 0
    for line in lines:
        name, *values = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and (cpus is None or int(name[3:]) in cpus):
            ticks += sum(int(v) for i, v in enumerate(values[:_COUNTED_FIELDS]) if i not in _IDLE_FIELDS)
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes() -> int | None:
    """Return the memory that this process holds now."""
    return _status_bytes("VmRSS")


def peak_resident_bytes() -> int | None:
    """Return the most memory that this process held since it started or since `reset_peak`."""
    return _status_bytes("VmHWM")


def reset_peak() -> bool:
    """Let the peak count from now on; False where the system does not allow it."""
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def memory_policy() -> dict[str, str | None]:
    """Return the settings of allocators in this process's environment; None for one that is as it comes."""
    return {name: os.environ.get(name) for name in _ALLOCATORS}


def _status_bytes(field: str) -> int | None:
    try:
        lines = _SELF_STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = [line.split() for line in lines if line.startswith(f"{field}:")]
    return int(found[0][1]) * 1024 if found else None


def _cgroup_quota() -> float | None:
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return int(quota) / int(period) if quota != "max" else None
