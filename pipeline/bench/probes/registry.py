"""The list of the probes."""

from pipeline.bench.probe import Probe
from pipeline.bench.probes.accuracy import Accuracy
from pipeline.bench.probes.cold_start import ColdStart
from pipeline.bench.probes.dispatch import Dispatch
from pipeline.bench.probes.loader import Loader
from pipeline.bench.probes.peak_memory import PeakMemory
from pipeline.bench.probes.thread_scaling import ThreadScaling
from pipeline.errors import ContractBroken

PROBES: tuple[Probe, ...] = (Dispatch(), ColdStart(), Loader(), ThreadScaling(), PeakMemory(), Accuracy())


def probe_named(name: str) -> Probe:
    """Return the registered probe.

    Raises:
        ContractBroken: there is none of that name.
    """
    for probe in PROBES:
        if probe.name == name:
            return probe
    raise ContractBroken(f"there is no benchmark probe {name}; register it in pipeline/bench/probes/registry.py.")
