"""The lists of the cases and of the special measurements, and the adapters by their addresses."""

from pkgutil import resolve_name

from pipeline.bench.contract import Case, Framework
from pipeline.bench.special_measurement import SpecialMeasurement
from pipeline.errors import ContractBroken

_NAMES = (
    "matmul.CASE", "mlp.INFERENCE", "convolution.CASE", "mlp.TRAINING", "copy.CASE", "elementwise.CASE", "softmax.CASE",
    "layer_norm.CASE", "attention.CASE", "embedding.CASE", "lstm.CASE", "cnn.INFERENCE", "cnn.TRAINING",
    "transformer.INFERENCE", "transformer.TRAINING", "language_model.PREFILL", "language_model.DECODE",
    "language_model.TRAINING", "language_model.GENERATION", "resnet50.INFERENCE", "resnet50.TRAINING",
)  # fmt: skip
CASES: tuple[Case, ...] = tuple(resolve_name(f"pipeline.bench.cases.{name}") for name in _NAMES)
"""From the cheapest to compile to the dearest, so that what does not fit into a run's time is the dearest."""
_SPECIALS = ("dispatch", "cold_start", "loader", "thread_scaling", "peak_memory", "accuracy", "deployment")
SPECIAL_MEASUREMENTS: tuple[SpecialMeasurement, ...] = tuple(
    resolve_name(f"pipeline.bench.special_measurements.{name}.SPECIAL") for name in _SPECIALS
)


def case_named(name: str) -> Case:
    """Return the registered case.

    Raises:
        ContractBroken: there is none of that name.
    """
    for case in CASES:
        if case.name == name:
            return case
    raise ContractBroken(f"there is no benchmark case {name}; register it in pipeline/bench/registry.py.")


def special_measurement_named(name: str) -> SpecialMeasurement:
    """Return the registered special measurement.

    Raises:
        ContractBroken: there is none of that name.
    """
    for special in SPECIAL_MEASUREMENTS:
        if special.name == name:
            return special
    raise ContractBroken(f"there is no special measurement {name}; register it in pipeline/bench/registry.py.")


def adapter_class(address: str) -> type[Framework]:
    """Return the adapter at `module:class`.

    Raises:
        ContractBroken: there is none.
    """
    module, _, name = address.partition(":")
    found = getattr(resolve_name(module), name, None)
    if not (isinstance(found, type) and issubclass(found, Framework)):
        raise ContractBroken(f"{address} is no framework adapter; mend its entry in data/reference/frameworks.")
    return found
