"""The cases and the special measurements in the order in which they are taken, and the adapters by their addresses."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules, resolve_name
from types import ModuleType
from typing import TypeVar

from pipeline.bench import cases, special_measurements
from pipeline.bench.contract import Case, Framework
from pipeline.bench.entries import ENTRIES
from pipeline.bench.special_measurement import SpecialMeasurement
from pipeline.errors import ContractBroken

_Registered = TypeVar("_Registered", Case, SpecialMeasurement)


def _in_order(kind: type[_Registered], entries: Iterable[str], package: ModuleType) -> tuple[_Registered, ...]:
    """Return what the files of a package hold of a kind, as its entries are ordered.

    Raises:
        ContractBroken: an entry names none of them.
    """
    modules = (import_module(f"{package.__name__}.{each.name}") for each in iter_modules(package.__path__))
    held = {each.name: each for module in modules for each in vars(module).values() if isinstance(each, kind)}
    if lost := [name for name in entries if name not in held]:
        raise ContractBroken(f"entries.toml names {lost[0]}, which no file of {package.__name__} holds; add it.")
    return tuple(held[name] for name in entries)


CASES = _in_order(Case, ENTRIES["case"], cases)
SPECIAL_MEASUREMENTS = _in_order(SpecialMeasurement, ENTRIES["special"], special_measurements)


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
    raise ContractBroken(f"there is no {kind} {name}; register it in pipeline/bench/entries.toml.")


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
