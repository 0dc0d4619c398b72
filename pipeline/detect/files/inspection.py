"""One file: from its bytes to what it names, imports and declares, and the outcome it is listed under.

Nothing that a file holds may end in an exception: whatever cannot be read is an outcome with a reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal

from pipeline.clock import perf_counter
from pipeline.detect.code.code_names import CodeEvidence, CodeNames, names_of
from pipeline.detect.code.dependencies import declared_frameworks, reader_name
from pipeline.detect.code.imports import NotPython, c_includes, lua_imports, python_imports, r_imports
from pipeline.detect.code.notebooks import cell_of_line, notebook_code, read_cells
from pipeline.detect.files.file_types import (
    CODE_KINDS,
    SNIFFED_BYTES,
    FileKind,
    kind_of_content,
    kind_of_name,
    looks_like_text,
)
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.detect.text.documents import DocumentText, Unreadable, decoded, html_text, pdf_text, plain_text, tex_text
from pipeline.detect.text.mentions import Mention, MentionFinder, Section, finder_of

Outcome = Literal[
    "read", "empty", "encrypted", "broken", "no-text", "not-text", "too-large", "refused", "timed-out", "crashed",
    "unsupported", "unreachable",
]  # fmt: skip
"""`read` is well; the others are listed with their reason."""

WHOLE_FILE_BYTES: dict[FileKind, int] = {"pdf": 512 << 20, "html": 64 << 20, "tex": 64 << 20, "bibliography": 64 << 20}
CODE_FILE_BYTES = 32 << 20
"""Files that are parsed as a whole are read up to this size; plain text is read in pieces and has no limit."""
SAME_ROWS_COUNT = 100
"""Places kept for one framework in one role of one file; more are counted, not kept."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One framework found at one place of a file; `position` counts characters, `place` says it for people."""

    tier: Literal["mention", "import", "dependency"]
    framework: str
    rule_id: str
    span: str
    position: int
    place: str
    section: Section = "body"
    stance: Literal["plain", "negated", "likeness"] = "plain"
    backend: str | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one file gave: its kind, outcome and reason, the findings that are kept, and how many there were."""

    kind: FileKind | None
    outcome: Outcome
    reason: str | None
    findings: tuple[Finding, ...] = ()
    findings_count: int = 0
    seconds: float = 0.0
    """How long it took altogether."""
    extraction_seconds: float = 0.0
    """How much of that went into getting a document's text, before any name was looked for."""


class Inspector:
    """Inspects files under one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the rules, or take them over from an earlier inspector of this process."""
        self._finder: MentionFinder = finder_of(ruleset)
        self._names: CodeNames = names_of(ruleset)
        self._extraction_seconds = 0.0

    def inspect(self, path: str, size_bytes: int, open_stream: Callable[[], BinaryIO], *, is_asked: bool) -> Inspection:
        """Return what the file holds; its bytes may tell its kind where `is_asked`: the user named this very file."""
        started = perf_counter()
        self._extraction_seconds = 0.0
        try:
            with open_stream() as stream:
                inspection = self._inspect(path, size_bytes, stream, is_asked=is_asked)
        except OSError as error:
            inspection = Inspection(None, "broken", f"it cannot be read ({error.strerror or type(error).__name__})")
        seconds = perf_counter() - started
        return replace(inspection, seconds=seconds, extraction_seconds=self._extraction_seconds)

    def _inspect(self, path: str, size_bytes: int, stream: BinaryIO, *, is_asked: bool) -> Inspection:
        first = stream.read(SNIFFED_BYTES)
        kind = kind_of_name(path) or (kind_of_content(first) if is_asked else None)
        if kind is None or kind == "archive":
            reason = "an archive within an archive is not opened" if kind else "it is neither text nor source code"
            return Inspection(kind, "unsupported", reason)
        if not first.strip():
            return Inspection(kind, "empty", "it holds nothing")
        if kind != "pdf" and not looks_like_text(first):
            return Inspection(kind, "not-text", "it holds binary data, whatever its name says")
        if size_bytes > limit_of(kind):
            return Inspection(kind, "too-large", f"it is larger than {limit_of(kind) >> 20} MiB")
        return self._read(kind, path, _Rejoined(first, stream))

    def _read(self, kind: FileKind, path: str, stream: "_Rejoined") -> Inspection:
        try:
            if kind == "text":
                return _kept(kind, self._text_findings(plain_text(stream)))
            if kind in CODE_KINDS:
                return self._read_code(kind, path, stream.read())
            return _kept(kind, self._text_findings(_document(kind, stream.read())))
        except Unreadable as error:
            return Inspection(kind, error.outcome, str(error))
        except (RecursionError, MemoryError) as error:
            return Inspection(kind, "broken", f"it is nested or long beyond reading ({type(error).__name__})")

    def _read_code(self, kind: FileKind, path: str, content: bytes) -> Inspection:
        if kind == "notebook":
            return _kept(kind, self._notebook_findings(content))
        source = decoded(content)
        evidence = [*declared_frameworks(path, source, self._names), *_imports(kind, source, self._names)]
        starts = _line_starts(source)
        return _kept(kind, (_of_code(item, starts, f"line {item.line}") for item in evidence))

    def _text_findings(self, text: DocumentText) -> Iterator[Finding]:
        for mention in self._finder.stream(self._timed(text.pieces)):
            page = text.page_of(mention.start)
            yield _of_mention(
                mention, f"page {page}" if page else f"line {mention.line}", is_reference=text.is_bibliography
            )

    def _timed(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, with the time that each takes to come about counted."""
        while True:
            started = perf_counter()
            piece = next(pieces, None)
            self._extraction_seconds += perf_counter() - started
            if piece is None:
                return
            yield piece

    def _notebook_findings(self, content: bytes) -> Iterator[Finding]:
        cells, language = read_cells(content)
        whole = "\n".join(cell.source for cell in cells)
        starts = _line_starts(whole)
        for item in notebook_code(cells, language, self._names):
            number, line = cell_of_line(cells, item.line)
            yield _of_code(item, starts, f"cell {number}, line {line}")
        prose = "\n".join(cell.source if not cell.is_code else "\n" * cell.source.count("\n") for cell in cells)
        for mention in self._finder.find(prose):
            number, line = cell_of_line(cells, mention.line)
            yield _of_mention(mention, f"cell {number}, line {line}", is_reference=False)


def reading_of(path: str) -> str:
    """Return how a file of this name is read: the same bytes read in the same way give the same findings."""
    kind = kind_of_name(path) or "asked"
    return f"{kind}:{reader}" if (reader := reader_name(path)) else kind


def limit_of(kind: FileKind) -> int:
    """Return the largest size in bytes at which a file of this kind is read."""
    return WHOLE_FILE_BYTES.get(kind, CODE_FILE_BYTES if kind in CODE_KINDS else 1 << 62)


def _document(kind: FileKind, content: bytes) -> DocumentText:
    if kind == "pdf":
        return pdf_text(content)
    return html_text(content) if kind == "html" else tex_text(content, is_bibliography=kind == "bibliography")


def _imports(kind: FileKind, source: str, names: CodeNames) -> list[CodeEvidence]:
    readers = {"python": python_imports, "lua": lua_imports, "r": r_imports, "c": c_includes}
    try:
        return readers[kind](source, names) if kind in readers else []
    except NotPython:
        raise Unreadable("not-text", "no line of it reads as Python") from None


def _kept(kind: FileKind, findings: Iterable[Finding]) -> Inspection:
    """All findings counted, and of each role of each framework the first ones kept."""
    kept: list[Finding] = []
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for finding in findings:
        role = (finding.tier, finding.framework, finding.section, finding.stance)
        seen[role] += 1
        if seen[role] <= SAME_ROWS_COUNT:
            kept.append(finding)
    return Inspection(kind, "read", None, tuple(dict.fromkeys(kept)), seen.total())


def _of_mention(mention: Mention, place: str, *, is_reference: bool) -> Finding:
    section: Section = "bibliography" if is_reference else mention.section
    span = " ".join(mention.span.split())
    return Finding("mention", mention.framework, mention.rule_id, span, mention.start, place, section, mention.stance)


def _of_code(item: CodeEvidence, starts: list[int], place: str) -> Finding:
    position = starts[min(item.line, len(starts)) - 1]
    return Finding(item.tier, item.framework, item.rule_id, item.span, position, place, backend=item.backend)


def _line_starts(source: str) -> list[int]:
    starts, position = [0], 0
    for line in source.splitlines(keepends=True):
        position += len(line)
        starts.append(position)
    return starts


class _Rejoined:
    """A stream whose first bytes were read already."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes:
        first, self._first = self._first, b""
        return first + self._rest.read(size if size < 0 else max(0, size - len(first)))
