"""The venues of raw files, by the one name that each has here."""

from pathlib import Path

from pipeline.errors import BadInput
from pipeline.layouts.venues import venue_called


def venue_of(path: Path, code: str) -> str:
    """Return the venue that a raw file calls `code`, in any case.

    Raises:
        BadInput: the code is not known.
    """
    venue = venue_called(code)
    if venue is None:
        raise BadInput(f"{path}: the venue {code!r} is not known; add it to pipeline/layouts/venues.py.")
    return venue
