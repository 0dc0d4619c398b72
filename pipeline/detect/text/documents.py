"""Text of PDF, HTML, LaTeX and plain files, in pieces, so that a document of any length is held only in part."""

import codecs
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from io import BufferedIOBase
from itertools import chain

import pypdfium2
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

PIECE_BYTES = 1 << 20
_PASSWORD_ERROR = 4
_PDF_DATE = re.compile(r"D?:?((?:19[89]|20\d)\d)")
_LINE_HYPHENS = str.maketrans({"\ufffe": "-\n", "\x02": "-\n", "\x00": " "})
"""Stands for a hyphen at the end of a line in text from PDFium."""
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li"),
        *("main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "title", "tr", "ul"),
    }
)
_LINE_END = NavigableString("\n")
_UNREAD = frozenset({"script", "style", "noscript", "template", "svg"})
_TEX_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_TEX_KEYS = re.compile(
    r"\\(?:[Cc]ite\w*|\w*cite|ref|eqref|autoref|cref|Cref|label|includegraphics|input|include|usepackage|RequirePackage|"
    r"bibliographystyle|documentclass|bibitem)\*?(?:\[[^\]\n]*\]){0,2}\{[^}\n]*\}"
)


class Unreadable(Exception):
    """A document that gives nothing: the outcome that it is listed under, and the reason in a few words."""


@dataclass
class DocumentText:
    """A document's text as UTF-8 pieces, to be read once.

    While a PDF is read, `pages` grows by the character position where each page starts. `is_bibliography` marks files
    that hold nothing but references.
    """

    pieces: Iterator[bytes]
    is_bibliography: bool = False
    pages: list[int] = field(default_factory=list)
    year: int | None = None
    """In which a PDF was made, as it says itself."""

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
    pages: list[int] = []
    made = _PDF_DATE.match(document.get_metadata_value("CreationDate"))
    return DocumentText(_pdf_pages(document, pages), pages=pages, year=int(made[1]) if made else None)


def html_text(content: bytes) -> DocumentText:
    """Return the text of an HTML page: block elements on lines of their own, scripts and styles left out."""
    soup = BeautifulSoup(content, "html.parser")
    return _whole("".join(_html_parts(soup)))


def tex_text(content: bytes, *, is_bibliography: bool = False) -> DocumentText:
    """Return LaTeX source with comments and the keys of citations and labels blanked, so that positions stay."""
    source = decoded(content)
    for expression in (_TEX_COMMENT, _TEX_KEYS):
        source = expression.sub(lambda found: " " * len(found.group()), source)
    return _whole(source, is_bibliography=is_bibliography)


def plain_text(stream: BufferedIOBase) -> DocumentText:
    """Return the text of a plain file, read as it goes: UTF-16 where its mark says so, anything else as UTF-8."""
    return DocumentText(_plain_pieces(stream))


def decoded(content: bytes) -> str:
    """Return bytes as text: UTF-16 where a mark says so, else UTF-8 with a mark dropped, else Latin-1."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _pdf_pages(document: pypdfium2.PdfDocument, pages: list[int]) -> Iterator[bytes]:
    characters_count = 0
    with closing(document):
        for number in range(len(document)):
            page_text = _page_text(document, number).translate(_LINE_HYPHENS) + "\n"
            pages.append(characters_count)
            characters_count += len(page_text)
            yield page_text.encode("utf-8", errors="replace")
    if characters_count <= len(pages):
        raise Unreadable("no-text", f"none of the {len(pages)} pages holds text; they may be images")


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    """A page that is broken in itself holds no text; the others still count."""
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as words:
            return str(words.get_text_range())
    except pypdfium2.PdfiumError:
        return ""


def _html_parts(soup: BeautifulSoup) -> Iterator[str]:
    """Texts in document order; iterative, since pages may be nested deeper than Python's stack."""
    stack: list[PageElement] = [soup]
    while stack:
        node = stack.pop()
        if isinstance(node, Tag) and node.name not in _UNREAD:
            inner = list(reversed(node.contents))
            stack += [_LINE_END, *inner, _LINE_END] if node.name in _BLOCKS else inner
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            yield str(node)


def _whole(text: str, *, is_bibliography: bool = False) -> DocumentText:
    content = text.encode("utf-8", errors="replace")
    pieces = (content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES))
    return DocumentText(pieces, is_bibliography=is_bibliography)


def _plain_pieces(stream: BufferedIOBase) -> Iterator[bytes]:
    first = stream.read(PIECE_BYTES)
    pieces = chain([first.removeprefix(codecs.BOM_UTF8)], iter(partial(stream.read, PIECE_BYTES), b""))
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        texts = codecs.iterdecode(pieces, "utf-16", errors="replace")
        return (text.encode("utf-8", errors="replace") for text in texts)
    return pieces
