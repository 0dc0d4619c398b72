"""What keeps each row of a scan in the warehouse once, where the tables themselves have no index."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.records import Evidence, ScannedFile
from pipeline.warehouse.connect import limited_memory, open_warehouse
from pipeline.warehouse.load import LoadCount, load_records
from pipeline.warehouse.scanned import NO_CONTENT, load_scanned, scanned_index
from pipeline.warehouse.staging import put
from pipeline.warehouse.views import MIGRATIONS, migrate

RULESET = "rules-1"
DAY = date(2024, 3, 1)
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND = "a" * 64, "b" * 64


def found(content=FIRST, *, seen_at=NOON, **changed):
    record = Evidence(
        source_id="scan",
        page_sha256=content,
        seen_at=seen_at,
        reading="text",
        ruleset_id=RULESET,
        tier="mention",
        framework="jax",
        rule_id="jax/name/JAX",
        span="JAX",
        position=0,
        place="line 1",
        section="body",
        stance="plain",
        backend=None,
    )
    return record.model_copy(update=changed)


def scanned(content=FIRST, *, path="paper.txt", outcome="read", seen_at=NOON):
    return ScannedFile(
        source_id="scan",
        page_sha256=content,
        seen_at=seen_at,
        subject_id="paper",
        observed_on=DAY,
        path=path,
        ruleset_id=RULESET,
        reading="text",
        size_bytes=3,
        outcome=outcome,
        reason=None if outcome == "read" else "it was ended",
        findings_count=1,
    )


def load(warehouse, evidence, files):
    """Load as a scan of its own does."""
    with scanned_index(warehouse, RULESET, DAY) as index:
        load_scanned(warehouse, index, evidence, files)


def held(warehouse):
    return (
        warehouse.execute("select page_sha256, position from core.evidence order by all").fetchall(),
        warehouse.execute("select path, page_sha256, seen_at from core.scanned_file order by all").fetchall(),
    )


def at(moment):
    return moment.replace(tzinfo=None)


def test_a_file_that_changes_and_changes_back_within_a_day_is_held_once(warehouse):
    for hour, content in enumerate((FIRST, SECOND, FIRST)):
        moment = NOON + timedelta(hours=hour)
        load(warehouse, [found(content, seen_at=moment)], [scanned(content, seen_at=moment)])
    assert held(warehouse) == ([(FIRST, 0), (SECOND, 0)], [("paper.txt", FIRST, at(NOON + timedelta(hours=2)))])


def test_a_content_of_several_files_has_its_evidence_once(warehouse):
    with scanned_index(warehouse, RULESET, DAY) as index:
        both = [found(), found(position=9)]
        load_scanned(warehouse, index, [*both, *both], [scanned(path="one.txt"), scanned(path="two.txt")])
        load_scanned(warehouse, index, both, [scanned(path="three.txt")])
    files = [("one.txt", FIRST, at(NOON)), ("three.txt", FIRST, at(NOON)), ("two.txt", FIRST, at(NOON))]
    assert held(warehouse) == ([(FIRST, 0), (FIRST, 9)], sorted(files))


def test_a_file_told_twice_in_one_load_is_held_once(warehouse):
    load(warehouse, [], [scanned(), scanned()])
    assert held(warehouse)[1] == [("paper.txt", FIRST, at(NOON))]


@pytest.mark.parametrize(
    ("content", "outcome", "known"),
    [
        (FIRST, "read", ("read", None, 1)),
        (FIRST, "broken", ("broken", "it was ended", 1)),
        (FIRST, "timed-out", None),
        (FIRST, "crashed", None),
        (NO_CONTENT, "refused", None),
    ],
)
def test_what_counts_as_scanned_to_an_end(warehouse, content, outcome, known):
    with scanned_index(warehouse, RULESET, DAY) as index:
        load_scanned(warehouse, index, [], [scanned(content, outcome=outcome)])
        assert index.outcome_of(content, "text") == (known and (*known, None, None))
        assert index.outcome_of(content, "tex") is None
    with scanned_index(warehouse, RULESET, DAY) as index:
        assert index.outcome_of(content, "text") == (known and (*known, None, None))
    with scanned_index(warehouse, "rules-2", DAY) as index:
        assert index.outcome_of(content, "text") is None


def test_records_of_a_table_without_an_index_are_loaded_like_all_others(warehouse):
    assert load_records(warehouse, Evidence, [found(), found(position=9)]) == LoadCount(inserted=2)
    assert load_records(warehouse, Evidence, [found()]) == LoadCount(unchanged=1)
    older = found(span="jax", seen_at=NOON - timedelta(days=1))
    assert load_records(warehouse, Evidence, [older]) == LoadCount(unchanged=1)
    assert load_records(warehouse, Evidence, [found(span="jax")]) == LoadCount(updated=1)
    spans = warehouse.execute("select position, span from core.evidence order by all").fetchall()
    assert spans == [(0, "jax"), (9, "JAX")]


def test_what_an_older_version_scanned_is_kept(tmp_path):
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < "0012":
            shutil.copy(path, tmp_path)
    with open_warehouse(tmp_path / "warehouse.duckdb") as warehouse:
        migrate(warehouse, tmp_path)
        put(warehouse, "core.evidence", [{key: value for key, value in vars(found()).items() if key != "role"}])
        put(warehouse, "core.scanned_file", [vars(scanned())])
        assert migrate(warehouse)[0] == "0012_scan_without_indexes.sql"
        assert held(warehouse) == ([(FIRST, 0)], [("paper.txt", FIRST, at(NOON))])


def test_the_limit_of_memory_ends_with_its_block(warehouse):
    def limit():
        return warehouse.execute("select current_setting('memory_limit')").fetchall()

    before = limit()
    with limited_memory(warehouse, 256):
        assert limit() == [("256.0 MiB",)]
    assert limit() == before
