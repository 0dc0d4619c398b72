"""Importing much at once, faster."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def imports_that_stay() -> Iterator[None]:
    """Import in the block without looking for garbage; afterwards what was imported is never looked through again.

    The modules of Prefect, pandas and Altair make a million objects that all stay: searching them, again and again
    while they come in and at each later collection, takes seconds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
