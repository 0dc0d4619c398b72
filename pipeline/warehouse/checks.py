"""Data checks: SQL files, of one statement or several, whose rows are the offenders."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.staging import put

CHECKS = Path(__file__).parent / "sql" / "checks"

_HEAD = re.compile(r"-- (fail|warn): (\S.*)\n")
_SHOWN_OFFENDERS = 3


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule that the data must keep."""

    name: str
    severity: str
    """fail: offenders stop publishing; warn: they are reported."""
    sentence: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class CheckResult(Check):
    """A check and the offenders that it found."""

    offenders_count: int
    examples: tuple[str, ...]
    """The first offenders, in words."""


def read_checks(folder: Path = CHECKS) -> list[Check]:
    """Return the checks of a folder by name.

    Raises:
        ContractBroken: a file does not begin with `-- fail: sentence` or `-- warn: sentence`.
    """
    checks = []
    for path in sorted(folder.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        head = _HEAD.match(sql)
        if head is None:
            raise ContractBroken(f"{path.name} must begin with `-- fail: sentence` or `-- warn: sentence`; correct it.")
        checks.append(Check(name=path.stem, severity=head[1], sentence=head[2].rstrip("."), sql=sql))
    return checks


def run_checks(
    connection: DuckDBPyConnection, run_id: str, folder: Path = CHECKS, before: Path | None = None
) -> list[CheckResult]:
    """Run every check, keep the results of this run in `ops.check_result`, and return them by name.

    `before` is the `adoption.parquet` of a release to compare with.

    Raises:
        ContractBroken: a check cannot be run.
    """
    # Without a schema `adoption` means a temporary copy of the view: computed once, not a dozen times.
    connection.execute("create or replace temp table adoption as from main.adoption")
    connection.execute("create or replace temp table adoption_before as from adoption limit 0")
    if before and before.is_file():
        # Named, since a release of an older version may have other columns.
        columns = "series_id, population, period_start, period_end, framework, n, as_of"
        insert = f"insert into adoption_before by name select {columns} from read_parquet(?)"
        connection.execute(insert, [str(before)])
    try:
        results = []
        for check in read_checks(folder):
            found = list(offenders(connection, check))
            examples = tuple(found[:_SHOWN_OFFENDERS])
            results.append(CheckResult(**vars(check), offenders_count=len(found), examples=examples))
    except duckdb.Error as error:
        raise ContractBroken(f"check {check.name} fails ({str(error).splitlines()[0]}); correct the file.") from error
    finally:
        connection.execute("drop table temp.adoption")
    with transaction(connection):
        connection.execute("delete from ops.check_result where run_id = ?", [run_id])
        rows = ({"run_id": run_id, "check_name": each.name, **vars(each)} for each in results)
        put(connection, "ops.check_result", rows)
    return results


def offenders(connection: DuckDBPyConnection, check: Check) -> Iterator[str]:
    """Yield each offender that a check finds, in words."""
    for statement in duckdb.extract_statements(check.sql):
        cursor = connection.execute(statement)
        columns = [column[0] for column in cursor.description or []]
        for row in cursor.fetchall():
            yield ", ".join(f"{name} {value}" for name, value in zip(columns, row, strict=True))


def stop_on_failure(results: Sequence[CheckResult]) -> None:
    """Return if the results allow publishing.

    Raises:
        ContractBroken: a check that stops publishing found offenders; the message names them.
    """
    failed = [result for result in results if result.severity == "fail" and result.offenders_count]
    if failed:
        broken = "; ".join(
            f"{result.name}: {result.sentence} ({result.offenders_count} do not, e.g. {result.examples[0]})"
            for result in failed
        )
        raise ContractBroken(
            f"nothing was published, since {broken}. Report this message; the release published before stays."
        )
