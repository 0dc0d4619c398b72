"""Results of a scan into tables without indexes, and the index on the disk that keeps each row there once.

DuckDB's own indexes stay in memory until a checkpoint, whatever its memory limit. SQLite's private temporary database
is a B-tree in a file that nobody else sees: it holds a few megabytes in memory, and asking it takes the same time
however much was scanned.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.records import Evidence, Record, ScannedFile, ScannedSubject
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import same_key, stage_records
from pipeline.warehouse.staging import BATCH, rows_in_turn

NO_CONTENT = "0" * 64
"""Stands for the checksum of a file that was not read, so it is no content that could be known."""
_UNFINISHED = frozenset({"timed-out", "crashed"})
"""Outcomes that another attempt may turn: their contents count as not scanned."""
_TABLES = Path(__file__).parent / "sql" / "scanned_index.sql"


@dataclass(frozen=True, kw_only=True)
class ScannedIndex:
    """The contents with their outcomes that the warehouse holds under one ruleset, and the files of one day."""

    ruleset_id: str
    observed_on: date
    _store: sqlite3.Connection
    _lock: Lock

    def outcome_of(self, sha256: str, reading: str) -> tuple[Any, ...] | None:
        """Return what a content gave, null where it was not scanned to an end.

        That is its outcome, reason, count of findings, the year that it says of itself, and its links in one word.
        """
        with self._lock:
            found: tuple[Any, ...] | None = self._store.execute(
                "select outcome, reason, findings_count, document_year, repository_links from content "
                "where sha256 = ? and reading = ?",
                (sha256, reading),
            ).fetchone()
        return found

    def files_of(self, subject_id: str, paths: Sequence[str] | None) -> list[tuple[Any, ...]]:
        """Return a subject's files of the newest sight that have a stamp: all, or those of these paths.

        Each is path, stamp, size, checksum, reading, and what `outcome_of` tells.
        """
        chosen = "" if paths is None else f" and path in ({', '.join('?' * len(paths))})"
        with self._lock:
            return self._store.execute(
                f"select path, stamp, size_bytes, sha256, reading, outcome, reason, findings_count, document_year, "
                f"repository_links from seen where subject_id = ?{chosen}",
                (subject_id, *(paths or ())),
            ).fetchall()

    def add_subject(self, subject_id: str) -> bool | None:
        """Note a subject; return whether the day held it before, or null where this scan noted it already."""
        with self._lock:
            found = self._store.execute("select is_held from subject where subject_id = ?", (subject_id,)).fetchone()
            self._store.execute("insert or replace into subject values (?, null)", (subject_id,))
        return bool(found[0]) if found and found[0] is not None else None if found else False

    def add_content(self, sha256: str, reading: str, outcome: str, *facts: object) -> None:
        """Note what scanning a content gave, unless another attempt may give something else."""
        if outcome not in _UNFINISHED and sha256 != NO_CONTENT:
            self.add("content", sha256, reading, outcome, *facts)

    def add(self, table: str, *values: object) -> bool:
        """Note a row of one of the index's own tables; return whether its key was not there before."""
        places = ", ".join("?" * len(values))
        with self._lock:
            added = self._store.execute(f"insert or ignore into {table} values ({places})", values)
            return added.rowcount == 1


@contextmanager
def scanned_index(connection: DuckDBPyConnection, ruleset_id: str, observed_on: date) -> Iterator[ScannedIndex]:
    """Give the index of what is held at this moment; its file is gone afterwards."""
    # Autocommit, since nothing is ever taken back; threads take turns by the lock.
    with closing(sqlite3.connect("", isolation_level=None, check_same_thread=False)) as store:
        store.executescript(_TABLES.read_text(encoding="utf-8"))
        index = ScannedIndex(ruleset_id=ruleset_id, observed_on=observed_on, _store=store, _lock=Lock())
        store.execute("begin")
        _fill(index, connection)
        store.execute("commit")
        yield index


def load_scanned(
    connection: DuckDBPyConnection,
    index: ScannedIndex,
    evidence: Sequence[Evidence],
    files: Sequence[ScannedFile],
    subjects: Sequence[ScannedSubject] = (),
) -> None:
    """Load what scanning some files gave, in one transaction; the index is that of their ruleset and day.

    Evidence of a content that is held already is passed over; a file or subject that is held is replaced. The time that
    this takes does not depend on what is held, except where files are replaced.

    Raises:
        ContractBroken: a table's columns are not the record's fields.
    """
    contents = {(item.page_sha256, item.reading) for item in evidence}
    fresh = {content for content in contents if index.add("evidenced", *content)}
    is_held = [not index.add("file", file.subject_id, file.path) for file in files]
    met = {subject.subject_id: subject for subject in subjects}
    held = {subject_id: index.add_subject(subject_id) for subject_id in met}
    new = [subject for subject_id, subject in met.items() if held[subject_id] is not None]
    with transaction(connection):
        _append(connection, ScannedSubject, new, replaces=any(held.values()))
        _append(connection, Evidence, [item for item in evidence if (item.page_sha256, item.reading) in fresh])
        _append(connection, ScannedFile, files, replaces=any(is_held))
    for file in files:
        links = " ".join(file.repository_links or ()) or None
        facts = file.outcome, file.reason, file.findings_count, file.document_year, links
        index.add_content(file.page_sha256, file.reading, *facts)


def _append(
    connection: DuckDBPyConnection, record_type: type[Record], records: Sequence[Record], *, replaces: bool = False
) -> None:
    if not records:
        return
    stage_records(connection, record_type, records)
    if replaces:
        connection.execute(f"delete from {record_type.table} old using {BATCH} new where {same_key(record_type.key)}")
    connection.execute(f"insert into {record_type.table} by name from {BATCH}")


def _fill(index: ScannedIndex, connection: DuckDBPyConnection) -> None:
    of_rules: list[object] = [index.ruleset_id]
    contents = (
        "page_sha256, reading, outcome, reason, findings_count, document_year, array_to_string(repository_links, ' ') "
        "from core.scanned_file where ruleset_id = ?"
    )
    for row in rows_in_turn(connection, f"select {contents}", of_rules):
        index.add_content(*row)
    # A content's rows were written at once and lie side by side.
    found = rows_in_turn(connection, "select page_sha256, reading from core.evidence where ruleset_id = ?", of_rules)
    for content, _ in groupby(found):
        index.add("evidenced", *content)
    files = "subject_id, path from core.scanned_file where ruleset_id = ? and observed_on = ?"
    for row in rows_in_turn(connection, f"select {files}", [*of_rules, index.observed_on]):
        index.add("file", *row)
    for row in rows_in_turn(connection, "from files_to_pass_by(?, ?)", [*of_rules, sorted(_UNFINISHED)]):
        index.add("seen", *row)
    held = "select subject_id from core.scanned_subject where observed_on = ?"
    for (subject_id,) in rows_in_turn(connection, held, [index.observed_on]):
        index.add("subject", subject_id, 1)
