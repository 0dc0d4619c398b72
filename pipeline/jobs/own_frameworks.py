"""What the code of each scanned repository itself is written in, from the evidence of all its files."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection

from pipeline.detect.code.own_framework import FileUse, OwnAnswer, own_frameworks, uses_of_file
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.records import OwnFramework
from pipeline.warehouse.load import load_records

_FETCHED_ROWS = 10_000
_LOADED_SUBJECTS = 500
_THIS_SCAN = "ruleset_id = $ruleset_id and observed_on = $observed_on and seen_at = $seen_at and outcome = 'read'"
_USES = f"""
    with file as (
        select subject_id, path, page_sha256, reading from core.scanned_file
        where {_THIS_SCAN} and reading in ('python', 'notebook', 'lua', 'r', 'c')
    ),
    holder as (
        select page_sha256, count(distinct subject_id) as holders_count from core.scanned_file
        where ruleset_id = $ruleset_id and page_sha256 in (select page_sha256 from file)
        group by page_sha256
    ),
    found as (
        select * from core.evidence
        where ruleset_id = $ruleset_id and tier in ('import', 'use') and page_sha256 in (select page_sha256 from file)
        qualify row_number() over (
            partition by page_sha256, reading, tier, framework, case tier when 'use' then rule_id end
            order by position, rule_id
        ) = 1
    )
    select
        file.subject_id, file.path, found.tier, found.framework, found.rule_id, found.span, found.position, found.place,
        file.page_sha256, holder.holders_count
    from file
    join holder using (page_sha256)
    left join found on found.page_sha256 = file.page_sha256 and found.reading = file.reading
    order by file.subject_id, file.path, found.framework, found.tier desc, found.rule_id
"""


class _Row(NamedTuple):
    subject_id: str
    path: str
    tier: str
    framework: str
    rule_id: str
    span: str
    position: int
    place: str
    page_sha256: str
    holders_count: int


def load_own_frameworks(connection: DuckDBPyConnection, ruleset: Ruleset, observed_on: date, seen_at: datetime) -> None:
    """Tell and load the own frameworks of the subjects with code that one scan came across, in place of older answers.

    Under rules that were frozen before own frameworks were told, nothing is loaded.
    """
    if ruleset.own_code is None:
        return
    moment = seen_at.replace(tzinfo=None)
    values = {"ruleset_id": ruleset.ruleset_id, "observed_on": observed_on, "seen_at": moment}
    subjects = f"subject_id in (select subject_id from core.scanned_file where {_THIS_SCAN})"
    of_day = "ruleset_id = $ruleset_id and observed_on = $observed_on"
    connection.execute(f"delete from core.own_framework where {of_day} and {subjects}", values)
    waiting: list[OwnFramework] = []
    for _, rows in groupby(_rows(connection, values), key=lambda row: row.subject_id):
        waiting += _records(list(rows), ruleset, observed_on, seen_at)
        if len(waiting) >= _LOADED_SUBJECTS:
            load_records(connection, OwnFramework, waiting)
            waiting = []
    load_records(connection, OwnFramework, waiting)


def _rows(connection: DuckDBPyConnection, values: dict[str, Any]) -> Iterator[_Row]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(_USES, values)
        while rows := cursor.fetchmany(_FETCHED_ROWS):
            yield from (_Row(*row) for row in rows)


def _records(rows: Sequence[_Row], ruleset: Ruleset, observed_on: date, seen_at: datetime) -> Iterator[OwnFramework]:
    """One record for each framework of a subject's answer; where it is none, one that says so."""
    answer = own_frameworks(_uses(rows), ruleset)
    first = rows[0]
    nothing = FileUse(first.path, "none", "incidental", "none", "line 1", content_sha256=first.page_sha256)
    for framework, share_fraction, files_count, use in _shown(answer) or [("none", 0.0, 0, nothing)]:
        yield OwnFramework(
            source_id="scan",
            page_sha256=use.content_sha256,
            seen_at=seen_at,
            subject_id=first.subject_id,
            observed_on=observed_on,
            ruleset_id=ruleset.ruleset_id,
            framework=framework,
            state=answer.state,
            share_fraction=share_fraction,
            files_count=files_count,
            path=use.path,
            rule_id=f"{framework}/own/{use.role}" if files_count else "none/own",
            span=use.span,
            position=use.position,
            place=use.place,
        )


def _shown(answer: OwnAnswer) -> list[tuple[str, float, int, FileUse]]:
    return [(item.framework, item.share_fraction, item.files_count, item.uses[0]) for item in answer.frameworks]


def _uses(rows: Sequence[_Row]) -> Iterator[FileUse]:
    for path, of_file in groupby(rows, key=lambda row: row.path):
        held = list(of_file)
        found = [row for row in held if row.tier]
        yield from uses_of_file(path, found, held[0].page_sha256, held[0].holders_count)
