"""The lists of the cases and of the special measurements, and the adapters by their addresses."""

from collections.abc import Iterable
from pkgutil import resolve_name
from typing import TypeVar

from pipeline.bench.contract import Case, Framework
from pipeline.bench.special_measurement import SpecialMeasurement
from pipeline.errors import ContractBroken

_Registered = TypeVar("_Registered", Case, SpecialMeasurement)
_NAMES = (
    "single_operations.MATMUL", "dense_layers.MLP_INFERENCE", "single_operations.CONVOLUTION",
    "dense_layers.MLP_TRAINING", "dense_layers.MLP_ADAM_TRAINING", "single_operations.COPY",
    "single_operations.ELEMENTWISE", "single_operations.SOFTMAX", "single_operations.LAYER_NORM",
    "single_operations.ATTENTION", "single_operations.EMBEDDING", "single_operations.LSTM",
    "image_networks.CNN_INFERENCE", "image_networks.CNN_TRAINING",
    "token_networks.TRANSFORMER_INFERENCE", "token_networks.TRANSFORMER_TRAINING",
    "token_networks.LANGUAGE_MODEL_PREFILL", "token_networks.LANGUAGE_MODEL_DECODE",
    "token_networks.LANGUAGE_MODEL_TRAINING", "token_networks.LANGUAGE_MODEL_GENERATION",
    "image_networks.RESNET50_INFERENCE", "image_networks.RESNET50_TRAINING",
)  # fmt: skip
CASES: tuple[Case, ...] = tuple(resolve_name(f"pipeline.bench.cases.{name}") for name in _NAMES)
"""From the cheapest to compile to the dearest, so that what does not fit into a run's time is the dearest."""
_SPECIALS = (
    "costs.DISPATCH", "costs.COLD_START", "costs.LOADING", "costs.THREAD_SCALING", "costs.PEAK_MEMORY",
    "costs.OWN_TIMER", "accuracy.SPECIAL", "deployment.DEPLOYMENT", "deployment.SERVING",
    "several_processes.SPECIAL", "ease.SPECIAL", "idiom.SPECIAL", "shapes.SPECIAL",
)  # fmt: skip
SPECIAL_MEASUREMENTS: tuple[SpecialMeasurement, ...] = tuple(
    resolve_name(f"pipeline.bench.special_measurements.{name}") for name in _SPECIALS
)


def case_named(name: str) -> Case:
    """Return the registered case; errors as for `special_measurement_named`."""
    return _named("benchmark case", CASES, name)


def special_measurement_named(name: str) -> SpecialMeasurement:
    """Return the registered special measurement.

    Raises:
        ContractBroken: there is none of that name.
    """
    return _named("special measurement", SPECIAL_MEASUREMENTS, name)


def _named(kind: str, registered: Iterable[_Registered], name: str) -> _Registered:
    for each in registered:
        if each.name == name:
            return each
    raise ContractBroken(f"there is no {kind} {name}; register it in pipeline/bench/registry.py.")


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
