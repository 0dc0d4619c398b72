"""The contract of an importer, which reads one public place's raw files and yields records; and how raw files are read.

Adding one: an `Importer` in a file that `build.py` names, a `[[source]]` in the archive's `manifest.toml`,
and its series in `data/reference/series.toml`. Every cell of a raw file is read as text, and every surprise is a
`BadInput` that names the file. The address of a code repository is recognised.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

import duckdb
from pydantic import ValidationError

from pipeline.errors import BadInput, LayoutChanged
from pipeline.records import Record
from pipeline.sources.source import ODD_VALUES

Fields = Mapping[str, object]
"""Fields of one record; those that may be null and are left out are null."""
Rows = Callable[[Path], Iterable[Fields]]
"""Takes the raw file; yields the fields of each record but its provenance, in any order; raises `BadInput` or
`LayoutChanged` for a missing or odd file."""


@dataclass(frozen=True)
class ArchiveFile:
    """One tracked CSV file: its name, the kind of record that its rows are, and what makes them from raw files."""

    name: str
    record: type[Record]
    raw_file: str
    """The file that it is mainly made of, in the importer's raw folder."""
    rows: Rows

    def read(self, folder: Path, stamp: Fields) -> Iterator[Record]:
        """Yield the records that the raw files in a folder make.

        Raises:
            BadInput: a raw file is missing or odd, or one of its rows is no valid record.
        """
        path, common = folder / self.raw_file, {**dict.fromkeys(self.record.nullable()), **stamp}
        validated = self.record.__pydantic_validator__.validate_python  # without a detour per row
        try:
            for fields in self.rows(path):
                yield validated({**common, **fields})
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{path}: {'.'.join(map(str, first['loc']))} is {first['input']!r:.60}"
            raise BadInput(f"{where}, but {first['msg']}; get the raw file again.") from error
        except (LayoutChanged, *ODD_VALUES) as error:
            raise BadInput(f"{path} is odd ({error}); get the raw file again.") from error


class Importer:
    """Makes small tracked files of the raw files of one public place; the manifest describes that place."""

    def __init__(self, source_id: str, *files: ArchiveFile, folder: str | None = None) -> None:
        """Make a source's files from a folder below `archive build --from DIR`, by default that of its own name."""
        self.source_id, self.files, self.raw_folder = source_id, [*files], folder or source_id

    def file(self, name: str, record: type[Record], raw_file: str) -> Callable[[Rows], Rows]:
        """Declare a tracked file by the function that makes its rows; the arguments are those of `ArchiveFile`."""

        def declared(rows: Rows) -> Rows:
            self.files.append(ArchiveFile(name, record, raw_file, rows))
            return rows

        return declared

    @property
    def stamp(self) -> Fields:
        """The provenance of its records while they are read from raw files; the archive is read with its own."""
        return {"source_id": self.source_id, "page_sha256": "0" * 64, "seen_at": datetime(1970, 1, 1, tzinfo=UTC)}


Value = TypeVar("Value")
Word = TypeVar("Word")

_CSV_OPTIONS = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"'"


def text_rows(path: Path, columns: Sequence[str], among: Collection[str] | None = None) -> list[tuple[str, ...]]:
    """Return the named columns of a CSV (plain or gzip) or Parquet file as text, one tuple per row; null is "".

    Of a large file only those rows may be taken whose first column is `among` some values.

    Raises:
        BadInput: the file is missing, unreadable, or lacks a column.
    """
    if not path.is_file():
        raise BadInput(f"{path} is missing; put the raw file there.")
    table = "read_parquet($path)" if path.suffix == ".parquet" else f"read_csv($path, {_CSV_OPTIONS})"
    cells = ", ".join(f"""coalesce(cast("{column}" as varchar), '')""" for column in columns)
    values: dict[str, object] = {"path": str(path)}
    condition = "true"
    if among is not None:
        condition, values["among"] = f'list_contains($among, "{columns[0]}")', list(among)
    try:
        with duckdb.connect() as connection:
            return connection.execute(f"select {cells} from {table} where {condition}", values).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{path} cannot be read as expected ({reason}); get the raw file again.") from error


def _value(kind: Callable[[str], Value], in_words: str, path: Path, what: str, text: str) -> Value:
    try:
        return kind(text)
    except (ValueError, InvalidOperation) as error:
        raise BadInput(f"{path}: {what} is {text!r:.60}, not {in_words}; get the raw file again.") from error


# Each takes a path, what it is and its text, and raises `BadInput` where the text is none. A day is its midnight.
count_of = partial(_value, int, "a whole number")
decimal_of = partial(_value, Decimal, "a number")
moment_of = partial(_value, datetime.fromisoformat, "a day or moment")


def meaning_of(path: Path, what: str, meanings: Mapping[Word, Value], word: Word) -> Value:
    """Return what a word of the file stands for.

    Raises:
        BadInput: that is not known.
    """
    if word not in meanings:
        raise BadInput(f"{path}: {word!r:.60} is no known {what}; decide what it stands for and add it.")
    return meanings[word]


# Case and spaces vary: "https: //GitHub.com/…"; some addresses name the forge twice.
_REPOSITORY = re.compile(
    r"(?:(?:github\.com|gitlab\.[a-z.]+|bitbucket\.org|gitee\.com)[/:]+)+(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)",
    re.IGNORECASE | re.ASCII,
)
# Accounts and repositories that nobody has: filled in by a program, or a stand-in for a blinded review.
_PLACEHOLDER_OWNER = re.compile(
    r"(anonymous|anonmyous|alice-bob|author_or).*|authors?|authorname|user|(your-?)?username|xxx|example"
    r"|publish_after_accepting|\W+"
)
_PLACEHOLDER_NAMES = {"paper-summarizer", "example-research-project"}
_GUESS = re.compile(r"not (?:been )?provided|assuming this|may vary|link is hidden", re.IGNORECASE)


def repository_of(address: str) -> str | None:
    """Return `owner/name` in lower case for the first repository that an address names, or None where it names none.

    Project pages, shortened addresses, an owner alone, placeholders and addresses that say they are guesses name none.
    Folders below the repository, a closing `.git` and a closing full stop are dropped.
    """
    # Addresses copied out of a PDF hold ligatures (one character for "fi").
    match = _REPOSITORY.search(normalize("NFKC", address))
    if match is None or _GUESS.search(address):
        return None
    owner, name = match["owner"].lower(), match["name"].lower().rstrip(".").removesuffix(".git")
    if _PLACEHOLDER_OWNER.fullmatch(owner) or name in _PLACEHOLDER_NAMES or not name.strip("._-"):
        return None
    return f"{owner}/{name}"
