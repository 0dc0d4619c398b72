"""What the code of each scanned repository itself is written in, from the evidence of all its files."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.detect.code.own_framework import FileUse, own_frameworks, uses_of_file
from pipeline.detect.code.own_framework import OwnFramework as Own
from pipeline.detect.files.inspection import Detection
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.records import OwnFramework
from pipeline.warehouse.load import load_records
from pipeline.warehouse.staging import rows_in_turn

_LOADED_RECORDS = 500
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
        file.subject_id, file.path, file.page_sha256, holder.holders_count,
        found.tier, found.framework, found.rule_id, found.span, found.position, found.place
    from file
    join holder using (page_sha256)
    left join found on found.page_sha256 = file.page_sha256 and found.reading = file.reading
    order by file.subject_id, file.path, found.framework, found.tier desc, found.rule_id
"""


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
    records = (
        record
        for subject_id, of_subject in groupby(rows_in_turn(connection, _USES, values), key=itemgetter(0))
        for record in _records(
            list(of_subject), ruleset, {"seen_at": seen_at, "subject_id": subject_id, "observed_on": observed_on}
        )
    )
    while batch := list(islice(records, _LOADED_RECORDS)):
        load_records(connection, OwnFramework, batch)


def _records(rows: Sequence[tuple[Any, ...]], ruleset: Ruleset, common: dict[str, Any]) -> Iterator[OwnFramework]:
    """One record for each framework of a subject's answer; where it is none, one that says so."""
    uses: list[FileUse] = []
    for (path, *content), of_file in groupby(rows, key=itemgetter(1, 2, 3)):
        found = [Detection(*row[4:]) for row in of_file if row[4]]
        uses += uses_of_file(path, found, *content)
    answer = own_frameworks(uses, ruleset)
    nothing = FileUse(rows[0][1], "none", "incidental", "none", "line 1", content_sha256=rows[0][2])
    for item in answer.frameworks or (Own("none", 0.0, 0, (nothing,)),):
        use = item.uses[0]
        yield OwnFramework(
            source_id="scan",
            page_sha256=use.content_sha256,
            **common,
            ruleset_id=ruleset.ruleset_id,
            framework=item.framework,
            state=answer.state,
            share_fraction=item.share_fraction,
            files_count=item.files_count,
            path=use.path,
            rule_id=f"{item.framework}/own/{use.role}" if item.files_count else "none/own",
            span=use.span,
            position=use.position,
            place=use.place,
        )
