"""What native libraries print past Python, caught while they are asked something."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile


@contextmanager
def printed_to_file() -> Iterator[Callable[[], str]]:
    """Give a way to read, after the block, what libraries printed during it to standard output, past Python."""
    with TemporaryFile() as file:
        kept = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield lambda: said
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            file.seek(0)
            said = file.read().decode(errors="replace")
