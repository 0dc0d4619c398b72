"""Text of PDF, HTML, LaTeX and plain files, in pieces, so that a document of any length is held only in part."""

import codecs
import ctypes
import re
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from io import BufferedIOBase
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

from pipeline.detect.text.disambiguation import KEY_END, KEY_START

PIECE_BYTES = 1 << 20
_PASSWORD_ERROR = 4
_PDF_DATE = re.compile(r"D?:?((?:19[89]|20\d)\d)")
_LINE_HYPHENS = str.maketrans({"\ufffe": "-\n", "\x02": "-\n", "\x00": " "})
"""Stands for a hyphen at the end of a line in text from PDFium."""
_HTML = tomllib.loads(Path(__file__).with_name("html.toml").read_text(encoding="utf-8"))
_BLOCKS, _UNREAD = frozenset(_HTML["blocks"]), frozenset(_HTML["unread"])
_LINE_END = NavigableString("\n")
_TEX_UNREAD = re.compile(
    r"(?<!\\)%[^\n]*|\\iffalse\b.*?(?:\\fi\b|\Z)|\\begin\{(comment|hide)\}.*?(?:\\end\{\1\}|\Z)", re.DOTALL
)
_TEX_CITED = re.compile(r"\\(?:[Cc]ite\w*|\w*cite\w*)\*?(?:\[[^\]\n]*\]){0,2}\{([^}\n]*)\}")
_TEX_IN_WORD = re.compile(
    r"\\(?:text\w\w|emph)\{([A-Za-z]+)\}(?=[A-Za-z]|\\text\w\w\{[A-Za-z]+\})|(?<=[A-Za-z])\\text\w\w\{([A-Za-z]+)\}|"
    r"\{\\(?:sc|tt|bf|it|sf|rm|em)\s+([A-Za-z]+)\}(?=[A-Za-z])"
)
"""A command of fonts that holds a part of a word."""
_TEX_BRACED = re.compile(r"(?<![\\A-Za-z])(?:[A-Za-z]|\\-|\{(?:[A-Za-z]{1,6}|\\-)\}){2,40}")
_TEX_BRACE = re.compile(r"[{}]|\\-")
_TEX_ESCAPED = re.compile(r"\\([_&#%])|\\-")
_TEX_KEYS = re.compile(
    r"\\(?:ref|eqref|autoref|cref|Cref|label|includegraphics|input|include|usepackage|RequirePackage|"
    r"bibliographystyle|documentclass|bibitem)\*?(?:\[[^\]\n]*\]){0,2}\{[^}\n]*\}"
)


class Link(NamedTuple):
    """Where a link of a document stands, for people and by its character position, and the address that it leads to."""

    position: int
    place: str
    address: str


class Unreadable(Exception):
    """A document that gives nothing: the outcome that it is listed under, and the reason in a few words."""


@dataclass
class DocumentText:
    """A document's text as UTF-8 pieces, to be read once.

    While a PDF is read, `pages` grows by the character position where each page starts, and `links` by the addresses
    behind its words. `is_bibliography` marks files that hold nothing but references.
    """

    pieces: Iterator[bytes]
    is_bibliography: bool = False
    pages: list[int] = field(default_factory=list)
    year: int | None = None
    """In which a PDF was made, as it says itself."""
    links: list[Link] = field(default_factory=list)

    def page_of(self, position: int) -> int | None:
        """Return the page from 1 that a character position lies on; null where the document has no pages."""
        return sum(1 for start in self.pages if start <= position) if self.pages else None


def pdf_text(content: bytes) -> DocumentText:
    """Return the text of a PDF file, page by page.

    Raises:
        Unreadable: it is encrypted or no PDF; while the pieces are read, when no page held any text.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR:
            raise Unreadable("encrypted", "the PDF asks for a password") from error
        raise Unreadable("broken", "the PDF cannot be read; it may be cut off") from error
    pages, links = list[int](), list[Link]()
    made = _PDF_DATE.match(document.get_metadata_value("CreationDate"))
    year = int(made[1]) if made else None
    return DocumentText(_pdf_pages(document, pages, links), pages=pages, links=links, year=year)


def html_text(content: bytes) -> DocumentText:
    """Return the text of an HTML page: block elements on lines of their own, scripts and styles left out."""
    soup = BeautifulSoup(content, "html.parser")
    parts, links = list[str](), list[Link]()
    position, line = 0, 1
    for part in _html_parts(soup):
        if isinstance(part, str):
            parts.append(part)
            position, line = position + len(part), line + part.count("\n")
        elif isinstance(address := part.get("href"), str):
            links.append(Link(position, f"line {line}", address))
    return replace(_whole("".join(parts)), links=links)


def tex_text(content: bytes, *, is_bibliography: bool = False) -> DocumentText:
    """Return what LaTeX source says, on the same lines: no comments nor labels, and words whole.

    The keys of citations stay as context, between marks, and name nothing.
    """
    source = _TEX_UNREAD.sub(lambda found: "\n" * found[0].count("\n"), decoded(content))
    source = _TEX_KEYS.sub(" ", _TEX_CITED.sub(rf"{KEY_START}\1{KEY_END}", source))
    source = _TEX_IN_WORD.sub(lambda found: found[1] or found[2] or found[3], source)
    source = _TEX_BRACED.sub(lambda found: _TEX_BRACE.sub("", found[0]), source)
    return _whole(_TEX_ESCAPED.sub(r"\1", source), is_bibliography=is_bibliography)


def plain_text(stream: BufferedIOBase) -> DocumentText:
    """Return the text of a plain file, read as it goes: UTF-16 where its mark says so, anything else as UTF-8."""
    first = stream.read(PIECE_BYTES)
    pieces = chain([first.removeprefix(codecs.BOM_UTF8)], iter(partial(stream.read, PIECE_BYTES), b""))
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        texts = codecs.iterdecode(pieces, "utf-16", errors="replace")
        return DocumentText(text.encode("utf-8", errors="replace") for text in texts)
    return DocumentText(pieces)


def decoded(content: bytes) -> str:
    """Return bytes as text: UTF-16 where a mark says so, else UTF-8 with a mark dropped, else Latin-1."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _pdf_pages(document: pypdfium2.PdfDocument, pages: list[int], links: list[Link]) -> Iterator[bytes]:
    characters_count = 0
    with closing(document):
        for number in range(len(document)):
            words, addresses = _page_text(document, number)
            page_text = words.translate(_LINE_HYPHENS) + "\n"
            pages.append(characters_count)
            links += [Link(characters_count, f"page {number + 1}", address) for address in addresses]
            characters_count += len(page_text)
            yield page_text.encode("utf-8", errors="replace")
    if characters_count <= len(pages):
        raise Unreadable("no-text", f"none of the {len(pages)} pages holds text; they may be images")


def _page_text(document: pypdfium2.PdfDocument, number: int) -> tuple[str, list[str]]:
    """The page's text and the addresses of its links; one that is broken in itself has none, the others still count."""
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as words:
            return str(words.get_text_range()), list(_addresses(document, page))
    except pypdfium2.PdfiumError:
        return "", []


def _addresses(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> Iterator[str]:
    place, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    while pdfium.FPDFLink_Enumerate(page.raw, ctypes.byref(place), ctypes.byref(link)):
        action = pdfium.FPDFLink_GetAction(link)
        if pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_URI:
            size_bytes = pdfium.FPDFAction_GetURIPath(document.raw, action, None, 0)
            address = ctypes.create_string_buffer(size_bytes)
            pdfium.FPDFAction_GetURIPath(document.raw, action, address, size_bytes)
            yield address.value.decode("utf-8", errors="replace")


def _html_parts(soup: BeautifulSoup) -> Iterator[str | Tag]:
    """Texts, and links before their own text, in document order.

    Iterative, since pages may be nested deeper than Python's stack.
    """
    stack: list[PageElement] = [soup]
    while stack:
        node = stack.pop()
        if isinstance(node, Tag) and node.name not in _UNREAD:
            if node.name == "a":
                yield node
            inner = list(reversed(node.contents))
            stack += [_LINE_END, *inner, _LINE_END] if node.name in _BLOCKS else inner
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            yield str(node)


def _whole(text: str, *, is_bibliography: bool = False) -> DocumentText:
    content = text.encode("utf-8", errors="replace")
    pieces = (content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES))
    return DocumentText(pieces, is_bibliography=is_bibliography)
