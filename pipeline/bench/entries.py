"""What `entries.toml` says of each case and special measurement."""

import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import ContractBroken

ENTRIES: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
"""Of each kind, `case` and `special`, by name in the order in which they are taken."""


def entry_of(kind: str, name: str) -> dict[str, Any]:
    """Return the name with what its entry says, as `Case` or `SpecialMeasurement` takes it.

    Raises:
        ContractBroken: it has none.
    """
    if name not in ENTRIES[kind]:
        raise ContractBroken(f"{name} has no entry in entries.toml; write it there, where it is to be taken.")
    return {"name": name, **ENTRIES[kind][name]}
