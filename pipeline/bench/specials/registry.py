"""The list of the probes."""

from pipeline.bench.special import SpecialMeasurement
from pipeline.bench.specials.accuracy import Accuracy
from pipeline.bench.specials.cold_start import ColdStart
from pipeline.bench.specials.dispatch import Dispatch
from pipeline.bench.specials.loader import Loader
from pipeline.bench.specials.peak_memory import PeakMemory
from pipeline.bench.specials.thread_scaling import ThreadScaling
from pipeline.errors import ContractBroken

PROBES: tuple[SpecialMeasurement, ...] = (Dispatch(), ColdStart(), Loader(), ThreadScaling(), PeakMemory(), Accuracy())


def probe_named(name: str) -> SpecialMeasurement:
    """Return the registered probe.

    Raises:
        ContractBroken: there is none of that name.
    """
    for probe in PROBES:
        if probe.name == name:
            return probe
    raise ContractBroken(f"there is no benchmark probe {name}; register it in pipeline/bench/specials/registry.py.")
