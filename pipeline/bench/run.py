"""The benchmarks' one entrance: `run_benchmarks` gives everything that is to be stored about one run.

And which devices there are: each framework says itself, in a child of its own, what it could run on here.
"""

import json
import platform
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.bench import plan
from pipeline.bench import special_rounds as rounds
from pipeline.bench.case_measurement import CaseMeasurement
from pipeline.bench.contract import CPU, DEVICES
from pipeline.bench.machine import environment_facts, this_machine
from pipeline.bench.plan import BenchEvent, BenchOptions, OnEvent, RunContext
from pipeline.bench.process import Lost, Stopped, drop_unfinished, new_worker
from pipeline.bench.runner import Measurement, run_measurements
from pipeline.clock import now_utc
from pipeline.errors import BadInput
from pipeline.records.benchmarks import BenchRun, MachineResults, RunRow
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


def ask_frameworks(context: RunContext) -> Found:
    """Return what each chosen framework says; all are asked at once, each in a child that ends afterwards.

    Raises:
        Stopped: the run was stopped.
    """

    def answer(entry: BenchEntry) -> tuple[Mapping[str, Any], ...]:
        # One that is missing or fails says nothing here, and why when it is to be measured.
        try:
            with closing(new_worker(context, entry, _ANY)) as worker:
                devices = worker.ask("devices", context.protocol.limits.start_seconds)["devices"]
        except Lost:
            return ()
        return tuple(facts for facts in devices if facts["device"] in DEVICES)

    entries = plan.chosen_frameworks(context.options)
    with ThreadPoolExecutor(max_workers=len(entries)) as pool:
        answers = list(pool.map(answer, entries))
    return {entry.id: found for entry, found in zip(entries, answers, strict=True) if found}


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


def told_of(devices: Sequence[str], found: Found, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each device beside the processor: who can use it, and whether that is one alone."""
    for device in devices:
        users = [titles[name] for name, answer in found.items() if any(each["device"] == device for each in answer)]
        if users and device != CPU:
            alone = " alone: nothing can be compared there" if len(users) == 1 else ""
            yield f"{device} can be used by {', '.join(users)}{alone}"


def _native_dtypes(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the kind of device is known for; of CUDA it follows from the compute capability."""
    if facts["device"] != "cuda":
        return {"rocm": ("bfloat16", "float16"), "metal": ("float16",), "tpu": ("bfloat16",)}[facts["device"]]
    major = str(facts.get("compute_capability") or "0").partition(".")[0]
    generation = int(major) if major.isdigit() else 0
    return ("bfloat16", "float16") if generation >= _AMPERE else ("float16",) if generation >= _VOLTA else ()


def run_benchmarks(
    options: BenchOptions, on_event: OnEvent = lambda _event: None, stop: threading.Event | None = None
) -> MachineResults:
    """Measure the chosen frameworks on this machine, or one against itself, and return all that was found out.

    A framework that is not installed, crashes, or runs out of memory or time is an outcome in the result, never an
    error. Ctrl-C, or `stop` being set from another thread, ends the run with what was measured until then
    (`BenchRun.is_interrupted`); the workers are gone in every case. `on_event` may be called from several threads,
    one at a time.

    Raises:
        BadInput: an option is wrong, or the cache folder cannot be written.
    """
    rounds.wanted_special_measurements(options)
    for part in plan.parts_of(options):
        plan.make_plan(part)  # a wrong option ends the run here
    started_at = now_utc()
    with open_context(options, stop) as shared:
        context, devices = _with_devices(shared, on_event)
        rows = run_measurements(context, list(_measurements(context)), on_event)
    return _result(context, rows, started_at, devices)


def _measurements(context: RunContext) -> Iterator[Measurement]:
    """Yield the parts of a run in the order they are taken."""
    if not context.options.comparisons_count:
        if context.options.peaks:
            yield rounds.Peaks(context)
        for part in plan.parts_of(context.options):
            yield CaseMeasurement(replace(context, options=part), plan.make_plan(part))
        yield from rounds.special_rounds(context)
    yield from rounds.self_comparisons(context, rounds.wanted_comparisons(context.options))


@contextmanager
def open_context(options: BenchOptions, stop: threading.Event | None = None) -> Iterator[RunContext]:
    """Give what every part of a run shares, with a scratch folder that lasts as long as the block.

    Raises:
        BadInput: an option is wrong, or the cache folder cannot be written.
    """
    protocol = plan.protocol_of(options)
    with _folders(options.cache_folder) as (scratch, cache_folder):
        yield RunContext(
            options=replace(options, cache_folder=cache_folder),
            protocol=protocol,
            stop=stop or threading.Event(),
            scratch=scratch,
        )


def _with_devices(context: RunContext, on_event: OnEvent) -> tuple[RunContext, Found]:
    """Return the context with its devices found out, and what the frameworks say of them.

    Raises:
        BadInput: no framework sees one that was asked for.
    """
    asked = context.options
    found: Found = {}
    try:
        if set(asked.devices) != {CPU} if asked.devices else has_sign_of_accelerator():
            found = ask_frameworks(context)
        devices = devices_to_measure(asked, found)
    except (KeyboardInterrupt, Stopped):
        context.stop.set()
        devices = asked.devices or (CPU,)
    dtypes = {**dtypes_by_device(found), **asked.dtypes_by_device}
    options = replace(asked, devices=devices, dtypes_by_device=dtypes)
    titles = {entry.id: entry.title for entry in options.registered}
    for sentence in told_of(devices, found, titles):
        on_event(BenchEvent(kind="started", sentence=sentence, done_count=0, total_count=0))
    return replace(context, options=options, protocol=plan.protocol_of(options)), found


def _result(context: RunContext, rows: Sequence[RunRow], started_at: datetime, devices: Found) -> MachineResults:
    machine = this_machine()
    run = BenchRun(
        run_id=context.options.run_id,
        machine_id=machine.machine_id,
        started_at=started_at,
        finished_at=now_utc(),
        is_interrupted=context.stop.is_set(),
        settings=json.dumps(asdict(context.protocol), sort_keys=True),
        environment=json.dumps(environment_facts() | {"devices": devices}, sort_keys=True),
    )
    # Each part has workers of its own; the first of a framework, device and launch speaks for all.
    distinct = {(type(row), *(getattr(row, name) for name in row.key)): row for row in reversed(rows)}
    return MachineResults(machine=machine, rows=(run, *reversed(distinct.values())))


@contextmanager
def _folders(cache_folder: Path) -> Iterator[tuple[Path, Path]]:
    """Give a new folder, and the cache folder by a path that compilers can be called with: they get it unquoted.

    Where the system forbids links, or its own temporary folder has a space, the folder's own path is given.
    """
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        drop_unfinished(cache_folder)
        folder = tempfile.TemporaryDirectory(prefix="bench-", dir=cache_folder, ignore_cleanup_errors=True)
    except OSError as error:
        raise BadInput(
            f"{cache_folder} cannot be written ({error.strerror}); set OBSERVATORY_HOME to a folder that can."
        ) from error
    with folder as scratch, tempfile.TemporaryDirectory(prefix="observatory-", ignore_cleanup_errors=True) as other:
        link = Path(other, "cache")
        if any(character.isspace() for character in str(cache_folder)):
            with suppress(OSError):
                link.symlink_to(cache_folder.resolve(), target_is_directory=True)
        yield Path(scratch), link if link.is_symlink() else cache_folder
    drop_unfinished(cache_folder)
