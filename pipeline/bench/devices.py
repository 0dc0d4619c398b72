"""Which devices there are: each framework says itself, in a child of its own, what it could run on here."""

import platform
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.bench.contract import CPU, DEVICES
from pipeline.bench.plan import BenchOptions, RunContext, chosen_frameworks
from pipeline.bench.process import Lost, new_worker
from pipeline.errors import BadInput
from pipeline.reference.frameworks import BenchEntry

Found = Mapping[str, tuple[Mapping[str, Any], ...]]
"""By framework, what it says of each device; a framework that cannot be asked has none."""

_SIGNS = tuple(map(Path, ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "/dev/accel0", "/dev/vfio/0")))
"""What a driver for NVIDIA or AMD, Windows' own for Linux, or one for a TPU leaves where it is loaded."""
_ANY = "any"
_VOLTA, _AMPERE = 7, 8
"""Major compute capability from which on a CUDA device computes in float16, and in bfloat16 too."""


def has_sign_of_accelerator() -> bool:
    """Say whether anything here speaks for a device beside the processor, so that asking is worth its seconds."""
    is_apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return is_apple or shutil.which("nvidia-smi") is not None or any(path.exists() for path in _SIGNS)


def must_ask(options: BenchOptions) -> bool:
    """Say whether the frameworks are to be asked: where a device was named, or there is a sign of one."""
    return has_sign_of_accelerator() if not options.devices else set(options.devices) != {CPU}


def ask_frameworks(context: RunContext) -> Found:
    """Return what each chosen framework says; all are asked at once, each in a child that ends afterwards.

    Raises:
        Stopped: the run was stopped.
    """
    entries = chosen_frameworks(context.options)
    with ThreadPoolExecutor(max_workers=len(entries)) as pool:
        answers = list(pool.map(lambda entry: _answer(context, entry), entries))
    return {entry.id: answer for entry, answer in zip(entries, answers, strict=True) if answer}


def devices_to_measure(options: BenchOptions, found: Found) -> tuple[str, ...]:
    """Return the devices that were asked for; unasked, the processor and every one that some framework sees.

    Raises:
        BadInput: no framework sees one that was asked for.
    """
    seen = {str(facts["device"]) for facts in chain.from_iterable(found.values())} | {CPU}
    there = tuple(device for device in DEVICES if device in seen)
    for device in options.devices:
        if device not in seen:
            told = "; ".join(
                f"{name} sees {', '.join(dict.fromkeys(str(facts['device']) for facts in answer))}"
                for name, answer in found.items()
            )
            raise BadInput(
                f"no framework sees a {device} device here ({told or 'none could be asked'}); choose from: "
                f"{', '.join(there)}."
            )
    return tuple(device for device in there if not options.devices or device in options.devices)


def dtypes_by_device(found: Found) -> dict[str, tuple[str, ...]]:
    """Return the number types of 16 bits that each device beside the processor computes in by itself."""
    native: dict[str, set[str]] = {}
    for facts in chain.from_iterable(found.values()):
        if facts["device"] != CPU:
            native.setdefault(str(facts["device"]), set()).update(_native_dtypes(facts))
    return {device: tuple(sorted(dtypes)) for device, dtypes in native.items()}


def told_of(devices: Sequence[str], found: Found, titles: Mapping[str, str]) -> list[str]:
    """Return a sentence for each device beside the processor: who can use it, and whether that is one alone."""
    sentences = []
    for device in devices:
        users = [titles[name] for name, answer in found.items() if any(each["device"] == device for each in answer)]
        if device != CPU:
            alone = " alone: nothing can be compared there" if len(users) == 1 else ""
            sentences.append(f"{device} can be used by {', '.join(users)}{alone}")
    return sentences


def _native_dtypes(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the kind of device is known for; of CUDA it follows from the compute capability."""
    if facts["device"] != "cuda":
        return {"rocm": ("bfloat16", "float16"), "metal": ("float16",), "tpu": ("bfloat16",)}[facts["device"]]
    major = str(facts.get("compute_capability") or "0").partition(".")[0]
    generation = int(major) if major.isdigit() else 0
    return ("bfloat16", "float16") if generation >= _AMPERE else ("float16",) if generation >= _VOLTA else ()


def _answer(context: RunContext, entry: BenchEntry) -> tuple[Mapping[str, Any], ...]:
    """Ask one framework; one that is missing or fails says nothing here, and why when it is to be measured."""
    try:
        with closing(new_worker(context, entry, _ANY)) as worker:
            answer = worker.ask("devices", context.protocol.limits.start_seconds)
    except Lost:
        return ()
    return tuple(facts for facts in answer["devices"] if facts["device"] in DEVICES)
