"""One file: from its bytes to what it names, imports and declares, and the outcome it is listed under.

Nothing that a file holds may end in an exception: whatever cannot be read is an outcome with a reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BufferedIOBase
from itertools import accumulate, chain, islice

from pipeline.clock import perf_counter
from pipeline.detect.code.code_names import CodeEvidence, names_of
from pipeline.detect.code.dependencies import declared_frameworks, may_document, reader_name
from pipeline.detect.code.imports import cell_of_line, code_evidence, notebook_code, read_cells
from pipeline.detect.files import file_types
from pipeline.detect.files.containers import Opener, Refusal
from pipeline.detect.files.file_types import CODE_TYPES, SNIFFED_BYTES, FileOutcome, FileType, type_of_file
from pipeline.detect.files.subjects import repository_links
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.detect.text.documents import DocumentText, Unreadable, decoded, html_text, pdf_text, plain_text, tex_text
from pipeline.detect.text.mentions import Mention, Section, finder_of
from pipeline.detect.text.negation import Negation, Role
from pipeline.records.evidence import EvidenceTier

WHOLE_FILE_BYTES: dict[FileType, int] = {"pdf": 512 << 20, "html": 64 << 20, "tex": 64 << 20, "bibliography": 64 << 20}
CODE_FILE_BYTES = 32 << 20
"""Files that are parsed as a whole are read up to this size; plain text is read in pieces and has no limit."""
LINKING_TYPES: frozenset[FileType] = frozenset({"pdf", "html", "tex"})
"""Documents whose links to repositories are kept."""
KEPT_LINKS = 20
_DOCUMENTED_BYTES = 1 << 20
"""Of a text, what is looked through for install lines and lists of requirements."""
SAME_ROWS_COUNT = 100
"""Places kept for one framework in one role of one file; more are counted, not kept."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One framework found at one place of a file; `position` counts characters, `place` names it for people."""

    tier: EvidenceTier
    framework: str
    rule_id: str
    span: str
    position: int
    place: str
    section: Section = "body"
    negation: Negation = "plain"
    backend: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result of one file: its type, outcome and reason, the detections that are kept, and how many there were."""

    file_type: FileType | None
    outcome: FileOutcome
    reason: str | None
    detections: tuple[Detection, ...] = ()
    detections_count: int = 0
    seconds: float = 0.0
    """Of the whole inspection."""
    extraction_seconds: float = 0.0
    """Of that, getting a document's text, before any name was looked for."""
    year: int | None = None
    """In which a PDF was made, as it says itself."""
    links: tuple[str, ...] = ()
    """Repositories whose addresses stand in a paper's text."""


class Inspector:
    """Inspects files under one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the rules, or take them over from an earlier inspector of this process."""
        self._finder = finder_of(ruleset)
        self._names = names_of(ruleset)
        self._extraction_seconds = 0.0
        self._year: int | None = None
        self._links: dict[str, None] = {}

    def inspect(self, path: str, size_bytes: int, open_stream: Opener, *, is_asked: bool) -> Inspection:
        """Return what the file holds; its bytes may tell its type where `is_asked`: the user named this very file."""
        started = perf_counter()
        self._extraction_seconds, self._year, self._links = 0.0, None, {}
        try:
            inspection = self._inspect(path, size_bytes, open_stream, is_asked=is_asked)
        except OSError as error:
            inspection = Inspection(None, "broken", f"it cannot be read ({error.strerror or type(error).__name__})")
        seconds = perf_counter() - started
        return replace(
            inspection,
            seconds=seconds,
            extraction_seconds=self._extraction_seconds,
            year=self._year,
            links=tuple(islice(self._links, KEPT_LINKS)),
        )

    def _inspect(self, path: str, size_bytes: int, open_stream: Opener, *, is_asked: bool) -> Inspection:
        with open_stream() as stream:
            first = stream.read(SNIFFED_BYTES)
        file_type = type_of_file(path, first, is_asked=is_asked)
        if file_type is None:
            return untyped(first, is_asked=is_asked)
        if refusal := _refusal(file_type, size_bytes, first):
            return Inspection(file_type, *refusal)
        try:
            with open_stream() as stream:
                return _kept(file_type, self._detections(file_type, path, stream))
        except Unreadable as error:
            return Inspection(file_type, *error.args)
        except (RecursionError, MemoryError) as error:
            return Inspection(file_type, "broken", f"it is nested or long beyond reading ({type(error).__name__})")

    def _detections(self, file_type: FileType, path: str, stream: BufferedIOBase) -> Iterator[Detection]:
        if file_type == "notebook":
            return self._notebook_detections(stream.read())
        if file_type in CODE_TYPES:
            return self._code_detections(file_type, path, decoded(stream.read()))
        if file_type == "text" and may_document(path) and stream.seekable():
            declared = list(self._code_detections(file_type, path, decoded(stream.read(_DOCUMENTED_BYTES))))
            stream.seek(0)
        else:
            declared = []
        document = _document(file_type, stream)
        self._year = document.year
        return chain(declared, self._text_detections(document, has_links=file_type in LINKING_TYPES))

    def _code_detections(self, file_type: FileType, path: str, source: str) -> Iterator[Detection]:
        names = self._names
        evidence = [*declared_frameworks(path, source, names), *code_evidence(file_type, path, source, names)]
        starts = _line_starts(source)
        return (_of_code(item, starts, f"line {item.line}") for item in evidence)

    def _text_detections(self, text: DocumentText, *, has_links: bool) -> Iterator[Detection]:
        for mention in self._finder.stream(self._pieces(text.pieces, has_links=has_links)):
            page = text.page_of(mention.start)
            place = f"page {page}" if page else f"line {mention.line}"
            yield _of_mention(mention, place, is_reference=text.is_bibliography)
        for link in text.links:
            for mention in self._finder.find(link.address):
                found = _of_mention(mention, link.place, is_reference=False)
                yield replace(found, tier="link", position=link.position, negation="plain", role=None)

    def _pieces(self, pieces: Iterator[bytes], *, has_links: bool) -> Iterator[bytes]:
        """The pieces, with the time that each takes to come about counted, and repositories' addresses in them kept."""
        while True:
            started = perf_counter()
            piece = next(pieces, None)
            self._extraction_seconds += perf_counter() - started
            if piece is None:
                return
            if has_links:
                self._links.update(dict.fromkeys(repository_links([piece])))
            yield piece

    def _notebook_detections(self, content: bytes) -> Iterator[Detection]:
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


def reading_of(path: str, file_type: FileType | None) -> str:
    """Return how a file is read: the same bytes read in the same way give the same detections."""
    reader = reader_name(path) if file_type == file_types.type_of_name(path) else None
    return f"{file_type}:{reader}" if reader else file_type or "unknown"


def untyped(first: bytes, *, is_asked: bool) -> Inspection:
    """Return what becomes of a file that holds neither text nor code."""
    if not first:
        return Inspection(None, "empty", "it holds nothing")
    return Inspection(None, "unsupported" if is_asked else "passed-over", "it is neither text nor source code")


def _refusal(file_type: FileType, size_bytes: int, first: bytes) -> Refusal | None:
    """The outcome and reason of a file that is not read for its type, size or first bytes; null for any other."""
    if file_type == "archive":
        return "unsupported", "a packed file within an archive or a folder is not opened"
    if not first.strip():
        return "empty", "it holds nothing"
    if file_type != "pdf" and not file_types.looks_like_text(first):
        return "not-text", "it holds binary data, whatever its name says"
    largest = CODE_FILE_BYTES if file_type in CODE_TYPES else WHOLE_FILE_BYTES.get(file_type, size_bytes)
    return ("too-large", f"it is larger than {largest >> 20} MiB") if size_bytes > largest else None


def _document(file_type: FileType, stream: BufferedIOBase) -> DocumentText:
    if file_type == "text":
        return plain_text(stream)
    content = stream.read()
    if file_type == "pdf":
        return pdf_text(content)
    return html_text(content) if file_type == "html" else tex_text(content, is_bibliography=file_type == "bibliography")


def _kept(file_type: FileType, detections: Iterable[Detection]) -> Inspection:
    """All detections counted, and of each role of each framework the first ones kept."""
    kept: list[Detection] = []
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for detection in detections:
        role = (detection.tier, detection.framework, detection.section, detection.negation)
        seen[role] += 1
        if seen[role] <= SAME_ROWS_COUNT:
            kept.append(detection)
    return Inspection(file_type, "read", None, tuple(dict.fromkeys(kept)), seen.total())


def _of_mention(mention: Mention, place: str, *, is_reference: bool) -> Detection:
    section: Section = "bibliography" if is_reference else mention.section
    span = " ".join(mention.span.split()) or "?"
    found = mention.framework, mention.rule_id, span, mention.start, place
    return Detection("mention", *found, section, mention.negation, role=mention.role)


def _of_code(item: CodeEvidence, starts: list[int], place: str) -> Detection:
    position = starts[min(item.line, len(starts)) - 1]
    return Detection(item.tier, item.framework, item.rule_id, item.span or "?", position, place, backend=item.backend)


def _line_starts(source: str) -> list[int]:
    return [0, *accumulate(map(len, source.splitlines(keepends=True)))]
