"""Reading what services answer: of JSON and CSV only the fields relied upon, strictly; others are ignored.

HTML and XML are read with tools that raise where something relied upon is absent.
"""

import codecs
import csv
from collections.abc import Iterator
from io import BufferedIOBase
from typing import TypeVar
from xml.etree import ElementTree as ET

from bs4 import BeautifulSoup, Tag
from defusedxml import DTDForbidden
from defusedxml.ElementTree import fromstring
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page
from pipeline.records.record import field_at_fault

Answer = TypeVar("Answer")
_CELL_LIMIT = 1 << 20


def csv_rows(page: Page, stream: BufferedIOBase) -> Iterator[list[str]]:
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


def html(page: Page) -> Tag:
    """Return the page as a tree, parsed by the one parser that every parser of ours is written against.

    Raises:
        LayoutChanged: the bytes are not text in the character set that the service names, or else the page.
    """
    # html.parser, not lxml or html5lib: they move a paragraph inside a paragraph elsewhere, and it comes out empty.
    soup = BeautifulSoup(page.text() if page.provenance.encoding else page.body, "html.parser")
    if soup.contains_replacement_characters:
        raise LayoutChanged(f"{page.address} is no text in {soup.original_encoding}; look at the page.")
    return soup


def some(page: Page, tree: Tag, selector: str) -> list[Tag]:
    """Return every element that the CSS selector finds.

    Raises:
        LayoutChanged: there is none.
    """
    found = list(tree.select(selector))
    if not found:
        raise LayoutChanged(f"{page.address} has no {selector!r}; look at the page and report the change.")
    return found


def one(page: Page, tree: Tag, selector: str) -> Tag:
    """Return the first element that the CSS selector finds.

    Raises:
        LayoutChanged: there is none.
    """
    return some(page, tree, selector)[0]


def attribute(page: Page, element: Tag, name: str) -> str:
    """Return an attribute of an element.

    Raises:
        LayoutChanged: the element has no such attribute.
    """
    value = element.get(name)
    if not isinstance(value, str):
        raise LayoutChanged(f"{page.address} has a <{element.name}> without {name!r}; report the change.")
    return value


def words(element: Tag | str) -> str:
    """Return the text of an element, or a text, with every run of white space as one space."""
    text = element if isinstance(element, str) else element.get_text()
    return " ".join(text.split())


def xml(page: Page) -> ET.Element:
    """Return the root of an XML page; nothing outside the page is ever read.

    Raises:
        LayoutChanged: it is not well-formed (cut short, for one), or it declares a document type: with one come
            entities, and with entities other files and endless expansion. No service of ours needs one.
    """
    try:
        return fromstring(page.body, forbid_dtd=True)
    except DTDForbidden as found:
        raise LayoutChanged(
            f"{page.address} declares a document type, {found.name}, which is not read; look at it."
        ) from None
    except (ET.ParseError, LookupError, ValueError) as error:
        raise LayoutChanged(
            f"{page.address} is cut short or no XML ({error}); run again, and if it stays so look at the page."
        ) from error


def child_text(page: Page, element: ET.Element, path: str, names: dict[str, str]) -> str:
    """Return the text of the first element at a path.

    Raises:
        LayoutChanged: there is none, or it is empty.
    """
    text = element.findtext(path, namespaces=names)
    if text is None or not text.strip():
        raise LayoutChanged(f"{page.address} has no <{path}> where one was relied upon; report the change.")
    return words(text)
