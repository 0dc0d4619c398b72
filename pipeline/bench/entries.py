"""What `entries.toml` says of each case and special measurement."""

import tomllib
from pathlib import Path
from typing import Any

ENTRIES: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
"""Of each kind, `case` and `special`, by name in the order in which they are taken."""


def entry_of(kind: str, name: str) -> dict[str, Any]:
    """Return the name with what its entry says, as `Case` or `SpecialMeasurement` takes it."""
    return {"name": name, **ENTRIES[kind][name]}
