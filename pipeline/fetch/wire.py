"""Reading JSON and CSV: only the fields relied upon, strictly; others are ignored."""

import codecs
import csv
from collections.abc import Iterator
from typing import BinaryIO, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page
from pipeline.records.record import field_at_fault

Answer = TypeVar("Answer")
_CELL_LIMIT = 1 << 20


def csv_rows(page: Page, stream: BinaryIO) -> Iterator[list[str]]:
    """Yield the rows of a large CSV page from where its stream stands, one after the other.

    Raises:
        LayoutChanged: it is no UTF-8 text, a quotation mark is never closed, or a cell is longer than people write.
    """
    csv.field_size_limit(_CELL_LIMIT)
    try:
        yield from csv.reader(codecs.getreader("utf-8-sig")(stream), strict=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise LayoutChanged(f"{page.address} is no table of answers ({error}); get it again.") from error


class Wire(BaseModel):
    """Part of an answer of a service: strict types, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


def json_of(page: Page, shape: type[Answer]) -> Answer:
    """Return the page's JSON in this shape, e.g. a `Wire` model or `list[Repository]`.

    Raises:
        LayoutChanged: it is no JSON, or a field that is relied upon is missing or of another type.
    """
    try:
        return TypeAdapter(shape).validate_json(page.body)
    except ValidationError as error:
        raise LayoutChanged(
            f"{page.address}: {field_at_fault(error)}; look at the page and report the change."
        ) from None
