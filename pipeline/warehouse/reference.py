"""The hand-readable lists in data/reference, brought into `ref.*` as a whole."""

from pathlib import Path

from duckdb import DuckDBPyConnection

from pipeline.reference import Frameworks, read_frameworks
from pipeline.reference.lists import Ledger, ReferenceLists, read_claims, read_lists
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import LoadCount
from pipeline.warehouse.staging import BATCH, count_rows, stage

Rows = list[dict[str, object]]
_FRAMEWORK_COLUMNS = {"title", "is_deep_learning", "note", "kind", "criterion"}
_SPEAKER_COLUMNS = {"populations", "least_base"}
_PACKAGE_COLUMNS = {"is_main", "is_summed", "is_asked_for"}


def load_reference(connection: DuckDBPyConnection, folder: Path) -> LoadCount:
    """Make the tables of `ref` but `ref.source` hold exactly what the files in `folder` say.

    All files are read and validated first, then everything changes in one transaction; unchanged rows are not touched.

    Raises:
        BadInput: a file is missing, is no TOML, or an entry is not what it should be.
    """
    tables = _tables(read_frameworks(folder), read_lists(folder), read_claims(folder))
    with transaction(connection):
        return sum((_replace(connection, *table) for table in tables.items()), LoadCount())


def _tables(frameworks: Frameworks, lists: ReferenceLists, ledger: Ledger) -> dict[str, Rows]:
    tracked, packages, series = frameworks.repositories(tracked=True), frameworks.packages("pypi"), lists.series
    return {
        "ref.framework": [
            {"framework": f.id, "place": f.order, **f.model_dump(include=_FRAMEWORK_COLUMNS), "runs_on": [*f.runs_on]}
            for f in frameworks
            if f.has_figures
        ],
        "ref.framework_repository": [{"repository": r.name, "framework": f.id, "title": f.title} for f, r in tracked],
        "ref.registered_repository": [
            {"repository": r.name, "framework": f.id, "role": r.role} for f, r in frameworks.repositories()
        ],
        "ref.framework_package": [
            {"package": p.name, "framework": f.id, **p.model_dump(include=_PACKAGE_COLUMNS)} for f, p in packages
        ],
        "ref.series": [{"series_id": s.id, **s.model_dump(exclude={"id", "breaks"})} for s in series],
        "ref.series_break": [
            {"series_id": s.id, "break_id": c.id, **c.model_dump(exclude={"id"})} for s in series for c in s.breaks
        ],
        "ref.claim": [dict(claim) for claim in ledger.claims],
        "ref.claim_test": [dict(test) for test in ledger.tests],
        "ref.claim_tolerance": [{"tolerance_class": t.id, **t.model_dump(exclude={"id"})} for t in ledger.tolerance],
        "ref.claim_frame": [{**dict(each), "claims": [*each.claims]} for each in ledger.entry],
        "ref.event": [{"event_id": event.id, **event.model_dump(exclude={"id"})} for event in ledger.event],
        # The series that may speak for each topic, numbered in the order of trust.
        "ref.headline_series": [
            {"headline_id": h.id, "trust_place": place, "series_id": s.id, **s.model_dump(include=_SPEAKER_COLUMNS)}
            for h in lists.headline
            for place, s in enumerate(h.series, start=1)
        ],
        "ref.wording": [{"wording_id": w.id, "question": w.question} for w in lists.wording],
    }


def _replace(connection: DuckDBPyConnection, table: str, rows: Rows) -> LoadCount:
    stage(connection, table, rows)
    absent = f"not exists (select 1 from {BATCH} new where new is not distinct from old)"
    removed = count_rows(connection, f"delete from {table} old where {absent}")
    inserted = count_rows(connection, f"insert into {table} by name (from {BATCH} except from {table})")
    return LoadCount(inserted=inserted, removed=removed, unchanged=len(rows) - inserted)
