"""The hand-readable lists in data/reference, brought into `ref.*` as a whole."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipeline.reference import Frameworks, read_frameworks
from pipeline.reference.claims import Ledger, read_claims
from pipeline.reference.lists import HeadlineEntry, SeriesEntry, read_lists
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import LoadCount
from pipeline.warehouse.staging import BATCH, count_rows, stage

Rows = list[dict[str, object]]
_FRAMEWORK_COLUMNS = {"title", "is_deep_learning", "note", "kind", "criterion"}
_PACKAGE_COLUMNS = {"is_main", "is_summed", "is_asked_for"}


def load_reference(connection: DuckDBPyConnection, folder: Path) -> LoadCount:
    """Make the tables of `ref` but `ref.source` hold exactly what the files in `folder` say.

    All files are read and validated first, then everything changes in one transaction; unchanged rows are not touched.

    Raises:
        BadInput: a file is missing, is no TOML, or an entry is not what it should be.
    """
    frameworks, lists = read_frameworks(folder), read_lists(folder)
    tables = {**_framework_rows(frameworks), **_series_rows(lists.series), **_ledger_rows(read_claims(folder))}
    tables["ref.headline_series"] = list(_speakers(lists.headline))
    tables["ref.wording"] = [{"wording_id": w.id, "question": w.question} for w in lists.wording]
    total = LoadCount()
    with transaction(connection):
        for table, rows in tables.items():
            total += _replace(connection, table, rows)
    return total


def _framework_rows(frameworks: Frameworks) -> dict[str, Rows]:
    return {
        "ref.framework": [
            {"framework": f.id, "place": f.order, **f.model_dump(include=_FRAMEWORK_COLUMNS), "runs_on": [*f.runs_on]}
            for f in frameworks
            if f.has_figures
        ],
        "ref.framework_repository": [
            {"repository": each.name, "framework": f.id, "title": f.title}
            for f, each in frameworks.repositories(tracked=True)
        ],
        "ref.framework_package": [
            {"package": each.name, "framework": f.id, **each.model_dump(include=_PACKAGE_COLUMNS)}
            for f, each in frameworks.packages("pypi")
        ],
    }


def _series_rows(series: Iterable[SeriesEntry]) -> dict[str, Rows]:
    return {
        "ref.series": [{"series_id": s.id, **s.model_dump(exclude={"id", "breaks"})} for s in series],
        "ref.series_break": [
            {"series_id": s.id, "break_id": c.id, **c.model_dump(exclude={"id"})} for s in series for c in s.breaks
        ],
    }


def _ledger_rows(ledger: Ledger) -> dict[str, Rows]:
    return {
        "ref.claim": [dict(claim) for claim in ledger.claims],
        "ref.claim_test": [dict(test) for test in ledger.tests],
        "ref.claim_tolerance": [
            {"tolerance_class": each.id, **each.model_dump(exclude={"id"})} for each in ledger.tolerance
        ],
        "ref.claim_frame": [{**dict(each), "claims": [*each.claims]} for each in ledger.entry],
        "ref.event": [{"event_id": event.id, **event.model_dump(exclude={"id"})} for event in ledger.event],
    }


def _speakers(headlines: Iterable[HeadlineEntry]) -> Iterator[dict[str, object]]:
    """Yield the series that may speak for each topic, numbered in the order of trust."""
    for entry in headlines:
        for place, each in enumerate(entry.series, start=1):
            yield {
                "headline_id": entry.id,
                "trust_place": place,
                "series_id": each.id,
                "populations": [*each.populations],
                "least_base": each.least_base,
            }


def _replace(connection: DuckDBPyConnection, table: str, rows: Rows) -> LoadCount:
    stage(connection, table, rows)
    absent = f"not exists (select 1 from {BATCH} new where new is not distinct from old)"
    removed = count_rows(connection, f"delete from {table} old where {absent}")
    inserted = count_rows(connection, f"insert into {table} by name (from {BATCH} except from {table})")
    return LoadCount(inserted=inserted, removed=removed, unchanged=len(rows) - inserted)
