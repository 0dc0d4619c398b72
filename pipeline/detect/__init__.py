"""Evidence of frameworks in texts and code: rules as data, documents and archives read safely, one outcome per file.

For use from Python: which frameworks a text, a file or a tree of files names, imports and declares. Today's rules of
the project's reference folder hold; they are compiled at the first call.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pipeline.detect.files.containers import opener
from pipeline.detect.files.inspection import Inspection, Inspector
from pipeline.detect.files.scan import ScanControl, scan
from pipeline.detect.files.scan_units import FileResult, scan_units_of
from pipeline.detect.rules.ruleset import Ruleset, read_rules
from pipeline.detect.text.mentions import Mention, finder_of

FILE_SECONDS = 60.0
"""How long one file of a tree may take before it is listed as timed out."""


def frameworks_in_text(text: str) -> list[Mention]:
    """Return every framework that a text names, in order; `is_counted` tells plain naming in the body."""
    return finder_of(todays_rules()).find(text)


def frameworks_in_file(path: str | os.PathLike[str]) -> Inspection:
    """Return what one paper, notebook, source or dependency file holds; one that cannot be read has an outcome.

    Raises:
        OSError: there is no such file.
    """
    file = Path(path)
    return Inspector(todays_rules()).inspect(file.name, file.stat().st_size, opener(file), is_asked=True)


def frameworks_in_tree(path: str | os.PathLike[str], *, workers_count: int | None = None) -> Iterator[FileResult]:
    """Yield a result for every file of the papers and repositories below a folder or in an archive, in any order.

    Files are read in processes of their own, so that none can end or hold up the rest.

    Raises:
        BadInput: there is nothing at the path.
    """
    workers = workers_count or os.cpu_count() or 1
    units = scan_units_of(Path(path))
    return scan(units, todays_rules(), ScanControl(), workers_count=workers, file_seconds=FILE_SECONDS)


@cache
def todays_rules() -> Ruleset:
    """Return the rules of the project's reference folder."""
    # A worker imports this package too, and needs no settings.
    from pipeline.settings import Settings  # noqa: PLC0415

    return read_rules(Settings().reference_folder)
