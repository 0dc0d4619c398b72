"""The list of the special measurements."""

from pipeline.bench.special_measurement import SpecialMeasurement
from pipeline.bench.special_measurements.accuracy import Accuracy
from pipeline.bench.special_measurements.cold_start import ColdStart
from pipeline.bench.special_measurements.dispatch import Dispatch
from pipeline.bench.special_measurements.loader import Loader
from pipeline.bench.special_measurements.peak_memory import PeakMemory
from pipeline.bench.special_measurements.thread_scaling import ThreadScaling
from pipeline.errors import ContractBroken

SPECIAL_MEASUREMENTS: tuple[SpecialMeasurement, ...] = (
    Dispatch(),
    ColdStart(),
    Loader(),
    ThreadScaling(),
    PeakMemory(),
    Accuracy(),
)


def special_measurement_named(name: str) -> SpecialMeasurement:
    """Return the registered special measurement.

    Raises:
        ContractBroken: there is none of that name.
    """
    for special in SPECIAL_MEASUREMENTS:
        if special.name == name:
            return special
    raise ContractBroken(
        f"there is no special measurement {name}; register it in pipeline/bench/special_measurements/registry.py."
    )
