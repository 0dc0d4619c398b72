"""The list of the special measurements."""

from pkgutil import resolve_name

from pipeline.bench.special_measurement import SpecialMeasurement
from pipeline.errors import ContractBroken

_NAMES = ("dispatch", "cold_start", "loader", "thread_scaling", "peak_memory", "accuracy")
SPECIAL_MEASUREMENTS: tuple[SpecialMeasurement, ...] = tuple(
    resolve_name(f"pipeline.bench.special_measurements.{name}.SPECIAL") for name in _NAMES
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
