"""Guards what reads a page: whatever value nobody expects there is a changed layout of its source, and no crash."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pydantic import ValidationError

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page
from pipeline.records.record import field_at_fault
from pipeline.sources.source import ODD_VALUES, Source

_Found = TypeVar("_Found")


def carefully(source: Source) -> Source:
    """Return the source with its readers guarded: each raises nothing but this project's own errors."""
    return replace(
        source,
        check=_guarded(source.check),
        follow=_guarded(source.follow),
        page_info=_guarded(source.page_info),
        pause_seconds=_guarded(source.pause_seconds),
        details=_guarded(lambda page: list(source.details(page))),
        parse=_guarded(lambda page: list(source.parse(page))),
    )


def _guarded(read: Callable[[Page], _Found]) -> Callable[[Page], _Found]:
    def guarded(page: Page) -> _Found:
        try:
            return read(page)
        except ODD_VALUES as error:
            reason = field_at_fault(error) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
            raise LayoutChanged(f"{page.address}: {reason}; look at the page and report the change.") from error

    return guarded
