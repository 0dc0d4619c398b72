"""The machine's fingerprint: hardware facts that stay, and software facts that may change between runs.

Nothing in it names the owner: no host name, user, path, serial number or network address. A fact that the system does
not tell is null.
"""

import json
import os
import platform
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import distributions
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np

from pipeline.bench.system_load import text_of, usable_cores_count
from pipeline.records.bench_travel import machine_id_of
from pipeline.records.benchmarks import Machine
from pipeline.reference.toml_file import read_toml

_GIB = 1024**3
_TOLD: dict[str, Any] = read_toml(Path(__file__).with_suffix(".toml"))
"""What is looked for."""
_SECONDS = 10


def this_machine() -> Machine:
    """Return the hardware with an id that stays the same until the hardware changes."""
    facts = hardware_facts()
    fingerprint = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return Machine(
        machine_id=machine_id_of(fingerprint),
        title=_title(facts),
        is_virtual=bool(facts["is_virtual"]),
        fingerprint=fingerprint,
        identity=_identity(),
    )


def _identity() -> str | None:
    """Return what tells this machine from others of its make: a salted hash of the id that its system keeps."""
    own = _first_line(Path("/etc/machine-id")) or _command_line(["sysctl", "-n", "kern.uuid"])
    return sha256(f"framework observatory {own}".encode()).hexdigest()[:12] if own else None


def hardware_facts() -> dict[str, object]:
    """Return what identifies the machine: processor, cores, memory in GiB, virtualisation, accelerators."""
    cpu = _cpu_facts()
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpu_model": cpu.get("model") or platform.processor() or None,
        "cpu_vendor": cpu.get("vendor"),
        "cpu_flags": cpu.get("flags"),
        "cores_count": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "is_virtual": _is_virtual(cpu.get("flags")),
        "platform": _first_line(Path("/sys/class/dmi/id/product_name")),
        "accelerators": _accelerators("name,memory.total"),
    }


def environment_facts() -> dict[str, object]:
    """Return what may change on one machine: kernel, Python, packages, NumPy's BLAS, governor, drivers."""
    return {
        "kernel": platform.release(),
        "libc": " ".join(platform.libc_ver()).strip() or None,
        "python": platform.python_version(),
        "compiler": _command_line([os.environ.get("CXX", "c++"), "--version"]),
        "packages": {name: each.version for name in _TOLD["packages"] for each in islice(distributions(name=name), 1)},
        "numpy_blas": _numpy_blas(),
        "usable_cores_count": usable_cores_count(),
        "governor": _first_line(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        "huge_pages": _first_line(Path("/sys/kernel/mm/transparent_hugepage/enabled")),
        "accelerators": _accelerator_states(),
    }


def native_dtypes() -> frozenset[str]:
    """Return the number types of 16 bits that the processor multiplies by itself; others would be emulated."""
    flags = set((_cpu_facts().get("flags") or "").split())
    return frozenset({"bfloat16"} if flags & {"avx512_bf16", "amx_bf16"} else ())


def _title(facts: Mapping[str, object]) -> str:
    memory = f", {facts['memory_gib']} GiB" if facts["memory_gib"] else ""
    kind = ", virtual machine" if facts["is_virtual"] else ""
    cpu = facts["cpu_model"] or facts["architecture"]
    names = Counter(each.rpartition(",")[0] or each for each in cast("list[str]", facts["accelerators"]))
    accelerators = "".join(f", {f'{count} × ' if count > 1 else ''}{name}" for name, count in names.items())
    return f"{cpu}, {facts['cores_count']} cores{memory}{accelerators}, {facts['system']}{kind}"


def _cpu_facts() -> dict[str, str | None]:
    readers: dict[str, Callable[[], dict[str, str | None]]] = {"Linux": _linux_cpu, "Darwin": _mac_cpu}
    return readers.get(platform.system(), dict)()


def _linux_cpu() -> dict[str, str | None]:
    first = text_of(Path("/proc/cpuinfo")).split("\n\n")[0]
    pairs = dict(re.findall(r"^(.+?)\s*:\s*(.*)$", first, re.MULTILINE))
    flags = set((pairs.get("flags") or pairs.get("Features") or "").split())
    return {
        "model": pairs.get("model name") or pairs.get("CPU part"),
        "vendor": pairs.get("vendor_id") or pairs.get("CPU implementer"),
        "flags": " ".join(sorted(flags.intersection(_TOLD["cpu_flags"]))) or None,
    }


def _mac_cpu() -> dict[str, str | None]:
    return {
        "model": _command_line(["sysctl", "-n", "machdep.cpu.brand_string"]),
        "vendor": "Apple" if platform.machine() == "arm64" else "GenuineIntel",
        "flags": "hypervisor" if _command_line(["sysctl", "-n", "kern.hv_vmm_present"]) == "1" else None,
    }


def _memory_gib() -> int | None:
    if platform.system() == "Darwin":
        found = _command_line(["sysctl", "-n", "hw.memsize"])
        return round(int(found) / _GIB) if found else None
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB)
    except (AttributeError, ValueError, OSError):
        return None


def _is_virtual(flags: str | None) -> bool:
    vendor = (_first_line(Path("/sys/class/dmi/id/sys_vendor")) or "").lower()
    return "hypervisor" in (flags or "").split() or vendor.startswith(tuple(_TOLD["hypervisors"]))


def _accelerators(columns: str) -> list[str]:
    found = _command_lines(["nvidia-smi", f"--query-gpu={columns}", "--format=csv,noheader"])
    return sorted(line.strip() for line in found if line.strip())


def _accelerator_states() -> list[dict[str, str]]:
    """Return driver, compute capability, clocks and memory of each NVIDIA device, as its driver tells them now."""
    for columns in _TOLD["device_columns"]:
        if lines := _accelerators(",".join(columns)):
            return [dict(zip(columns, map(str.strip, line.split(",")), strict=False)) for line in lines]
    return []


def _numpy_blas() -> str | None:
    built_with = np.show_config(mode="dicts")
    blas = built_with.get("Build Dependencies", {}).get("blas", {}) if built_with else {}
    return " ".join(str(blas[key]) for key in ("name", "version") if key in blas) or None


def _first_line(path: Path) -> str | None:
    return text_of(path).partition("\n")[0].strip() or None


def _command_line(command: list[str]) -> str | None:
    return next(iter(_command_lines(command)), None)


def _command_lines(command: list[str]) -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603 — fixed commands, no shell
            command, capture_output=True, text=True, timeout=_SECONDS, check=True, encoding=sys.getfilesystemencoding()
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.strip().splitlines()
