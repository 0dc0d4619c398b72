"""Every check is silent on good rows and fires on its bad row.

The views are stood in for by tables of the same columns, since most bad rows cannot come out of a sound view.
"""

import re
from datetime import date

import pytest

from pipeline.errors import ContractBroken
from pipeline.warehouse.checks import CHECKS, CheckResult, offenders, read_checks, run_checks, stop_on_failure
from pipeline.warehouse.connect import open_warehouse, transaction
from pipeline.warehouse.views import VIEWS, deploy_views, migrate

VARIANT = dict.fromkeys(["case_name", "size", "dtype", "device", "framework", "mode", "machine_id"], "m")
GOOD = {
    "main.adoption": {
        "series_id": "papers.code_links",
        "population": "all",
        "period_start": date(2024, 1, 1),
        "period_end": date(2024, 12, 31),
        "framework": "pytorch",
        "measure": "use",
        "n": 40,
        "base": 100,
        "share": 0.4,
        "interval_low": 0.3,
        "interval_high": 0.5,
        "interval_method": "Wilson 95 %",
        "bound_low": 0.2,
        "bound_high": 0.9,
        "wording_id": "w1",
        "break_id": "one",
        "as_of": date(2025, 6, 1),
        "source_id": "links",
        "ruleset_id": "rules",
        "is_preliminary": False,
    },
    "main.two_way": {"series_id": "papers.code_links", "population": "all", "period_start": date(2024, 1, 1)},
    "main.pairwise": {"series_id": "papers.code_links", "population": "all", "first": "pytorch", "second": "jax"},
    "main.headline_pairs": {"headline_id": "own_code", "series_id": "papers.code_links", "first": "a", "second": "b"},
    "main.fastest": {"machine_id": "m", "device": "cpu", "mode": "eager", "framework": "pytorch"},
    "main.headlines": {"headline_id": "own_code", "series_id": "papers.code_links", "population": "all"},
    "main.headline_shares": {"headline_id": "own_code", "framework": "pytorch"},
    "main.series": {"series_id": "papers.code_links", "source_id": "links", "rows_count": 2},
    "main.source_health": {"source_id": "links", "state": "archived"},
    "main.adoption_vintages": {"series_id": "papers.code_links", "framework": "pytorch", "vintage_id": "v1"},
    "main.detector_scores": {"label_set": "s", "tier": "import", "framework": "pytorch", "subject_year": None},
    "main.download_lists": {"source_id": "links", "window_end": date(2024, 1, 1)},
    "main.mlperf_label_sets": {"competition": "c", "round": "r", "entry_group": "g", "label_set": ""},
    "main.package_families": {"package": "torch", "framework": "pytorch"},
    "main.paper_mentions": {"series_id": "papers.full_text_mentions", "paper_id": "p", "framework": "pytorch"},
    "main.paper_labels": {"source_id": "links", "subject_id": "p", "tier": "mention", "framework": "pytorch"},
    "main.series_bias_figures": {"series_id": "papers.code_links", "subject": "2024"},
    "main.series_breaks": {"series_id": "papers.code_links", "population": None, "break_id": "one"},
    "main.survey_answers": {"survey": "s", "edition_year": 2024, "respondent_group": "g", "option_label": "o"},
    "main.survey_tallies": {"survey": "s", "edition_year": 2024, "respondent_group": "g", "option_label": "o"},
    "main.survey_combinations": {"survey": "s", "edition_year": 2024, "respondent_group": "g", "combination": ""},
    "main.performance": VARIANT
    | {
        "step_seconds_median": 0.2,
        "step_seconds_low": 0.1,
        "step_seconds_high": 0.3,
        "ratio": 1.0,
        "ratio_low": 0.9,
        "ratio_high": 1.1,
        "samples_count": 10,
    },
    "main.adoption_vs_performance": VARIANT | {"series_id": "papers.code_links", "population": "all"},
    "main.benchmark_outcomes": VARIANT | {"run_id": "r1", "launch_index": 0},
    "main.benchmark_history": VARIANT | {"run_id": "r1"},
    "main.performance_tally": {"machine_id": "m", "framework": "pytorch", "mode": "eager"},
    "main.special_measurements": {
        "machine_id": "m",
        "probe_name": "dispatch",
        "framework": "pytorch",
        "mode": "eager",
        "device": "cpu",
        "threads_count": 3,
        "measure": "call",
        "outcome": "measured",
    },
    "main.machines": {"machine_id": "m"},
    "metric.series_segment": {
        "series_id": "papers.code_links",
        "break_id": "one",
        "starts_on": date(2020, 1, 1),
        "ends_before": date(2030, 1, 1),
    },
    "ref.framework": {"framework": "pytorch", "title": "PyTorch", "is_deep_learning": True},
    "ref.series": dict.fromkeys(["title", "unit", "population", "measure", "known_bias", "bias_direction"], "x")
    | {"series_id": "papers.code_links", "source_id": "links"},
    "ref.source": dict.fromkeys(["title", "public_address", "licence", "attribution"], "x")
    | {"source_id": "links", "as_of": date(2025, 6, 1)},
    "ref.wording": {"wording_id": "w1", "question": "?"},
    "ops.run": {"run_id": "r1", "started_at": date(2026, 1, 1), "mode": "x", "outcome": "complete"},
    "ops.source_run": {
        "run_id": "r1",
        "source_id": "links",
        "state": "archived",
        "records_count": 100,
        "rejects_count": 0,
    },
}
REST = {"framework": "tensorflow", "n": 60, "share": 0.6, "interval_low": 0.5, "interval_high": 0.7}
STAR = {
    "measure": "stars",
    "base": None,
    "share": None,
    "interval_low": None,
    "interval_high": None,
    "bound_low": None,
    "bound_high": None,
    "interval_method": "none: complete count without a sample",
}

# Which check fires when this row is added, or (True) replaces the good one.
BAD = [
    ("adoption_grain", "main.adoption", {"base": None, "share": None}, False),
    ("adoption_range", "main.adoption", {"share": 1.2, "n": 120}, True),
    ("adoption_range", "main.adoption", {"share": float("nan")}, True),
    ("adoption_range", "main.adoption", {"n": -1}, True),
    ("adoption_range", "main.adoption", {"n": 101}, True),
    ("adoption_range", "main.adoption", {"interval_low": 0.41}, True),
    ("adoption_range", "main.adoption", {"interval_high": 0.39}, True),
    ("adoption_range", "main.adoption", {"interval_high": 1.01}, True),
    ("adoption_range", "main.adoption", {"interval_low": -0.01}, True),
    ("adoption_range", "main.adoption", {"bound_low": 0.45}, True),
    ("adoption_range", "main.adoption", {"bound_high": 0.35}, True),
    ("adoption_share_is_n_of_base", "main.adoption", {"share": 0.41}, True),
    ("adoption_share_is_n_of_base", "main.adoption", {"share": None}, True),
    ("adoption_share_is_n_of_base", "main.adoption", {"base": None, "n": None}, True),
    ("adoption_interval_explained", "main.adoption", {"interval_low": None}, True),
    ("adoption_interval_explained", "main.adoption", {"bound_high": None}, True),
    ("adoption_interval_explained", "main.adoption", {"interval_low": None, "interval_high": None}, True),
    ("adoption_interval_explained", "main.adoption", {"interval_method": None}, True),
    (
        "adoption_interval_explained",
        "main.adoption",
        {"interval_method": "none: complete count without a sample"},
        True,
    ),
    ("adoption_exclusive_shares", "main.adoption", {"n": 39, "share": 0.39}, True),
    ("adoption_exclusive_shares", "main.adoption", {"framework": "keras", "n": 1, "share": 0.01}, False),
    ("adoption_segments", "main.adoption", {"break_id": None}, True),
    ("adoption_segments", "main.adoption", {"break_id": "two"}, True),
    ("adoption_segments", "metric.series_segment", {"starts_on": date(2024, 1, 2)}, True),
    ("adoption_periods", "main.adoption", {"period_end": date(2023, 12, 31)}, True),
    ("adoption_periods", "main.adoption", {"period_end": None}, True),
    ("adoption_periods", "main.adoption", {"as_of": date(2026, 1, 2)}, True),
    ("adoption_periods", "ops.run", {"started_at": date(2023, 12, 31)}, True),
    ("benchmark_grains", "main.performance", {"ratio": 2.0}, False),
    ("benchmark_grains", "main.adoption_vs_performance", {"ratio": 2.0}, False),
    ("benchmark_grains", "main.benchmark_outcomes", {"message": "again"}, False),
    ("benchmark_grains", "main.performance_tally", {"faster_count": 1}, False),
    ("benchmark_grains", "main.special_measurements", {"value_median": 2.0}, False),
    ("benchmark_grains", "main.machines", {"title": "again"}, False),
    ("performance_range", "main.performance", {"step_seconds_median": 0.0}, True),
    ("performance_range", "main.performance", {"step_seconds_median": float("nan")}, True),
    ("performance_range", "main.performance", {"step_seconds_low": 0.4}, True),
    ("performance_range", "main.performance", {"ratio": -1.0}, True),
    ("performance_range", "main.performance", {"ratio_high": 0.5}, True),
    ("performance_range", "main.performance", {"samples_count": 0}, True),
    ("known_frameworks", "main.adoption", {"framework": "pytroch"}, True),
    ("known_frameworks", "main.adoption", {"framework": None}, True),
    ("known_series", "main.adoption", {"series_id": "papers.unheard"}, True),
    ("known_sources", "main.adoption", {"source_id": "nowhere"}, True),
    ("known_wordings", "main.adoption", {"wording_id": "w2"}, True),
    ("measures", "main.adoption", {"measure": "fame"}, True),
    ("measures", "main.adoption", {"measure": None}, True),
    ("view_grains", "main.two_way", {"measure": "mention"}, False),
    ("view_grains", "main.series", {"rows_count": 3}, False),
    ("view_grains", "main.adoption_vintages", {"n": 3}, False),
    ("view_grains", "main.detector_scores", {"labels_count": 3}, False),
    ("view_grains", "main.download_lists", {"packages_count": 3}, False),
    ("view_grains", "main.mlperf_label_sets", {"entries_count": 3}, False),
    ("view_grains", "main.package_families", {"framework": "jax"}, False),
    ("view_grains", "main.paper_labels", {"venue": "CVPR"}, False),
    ("view_grains", "main.paper_mentions", {"as_of": date(2026, 1, 1)}, False),
    ("view_grains", "main.series_bias_figures", {"n": 3}, False),
    ("view_grains", "main.series_breaks", {"reason": "another"}, False),
    ("view_grains", "main.survey_answers", {"n": 3}, False),
    ("view_grains", "main.survey_combinations", {"n": 3}, False),
    ("view_grains", "main.survey_tallies", {"n": 3}, False),
    ("survey_tallies_agree", "main.survey_tallies", {"denominator": "neither"}, True),
    ("series_without_rows", "main.series", {"rows_count": 0}, True),
    ("series_sources", "ref.series", {"source_id": "nowhere"}, True),
    ("sources_answered", "main.source_health", {"state": "stale"}, True),
    ("sources_answered", "main.source_health", {"state": "missing"}, True),
    ("values_withheld", "main.withheld", {"subject": "stars", "withheld_on": date(2026, 1, 1)}, False),
    ("figures_kept", "main.adoption_before", {"population": "lost"}, True),
    ("magnitudes_kept", "main.adoption_before", {"n": 19_000}, True),
    ("magnitudes_kept", "main.adoption_before", {"n": 90}, True),
    ("records_fell", "ops.source_run", {"run_id": "r2", "records_count": 79}, False),
]


@pytest.fixture(scope="module")
def stage(migrated_warehouse):
    """A warehouse whose views are tables, and whose macros and other tables are the real ones."""
    columns = migrated_warehouse.execute(
        "select schema_name || '.' || table_name, string_agg(format('\"{}\" {}', column_name, data_type), ', ') "
        "from duckdb_columns() where schema_name in ('main', 'metric') and database_name <> 'temp' group by all"
    ).fetchall()
    with open_warehouse(None) as connection:
        migrate(connection)
        deploy_views(connection, views=CHECKS / "no views here")
        for view, types in columns:
            connection.execute(f"create table {view} ({types})")
        connection.execute("create table main.adoption_before as from main.adoption limit 0")  # the release before
        yield connection


@pytest.fixture
def good(stage):
    """The stage with good rows; what a test does to it is undone."""
    stage.begin()
    for table, row in GOOD.items():
        add(stage, table, row)
    add(stage, "ref.framework", GOOD["ref.framework"] | {"framework": "tensorflow"})
    add(stage, "main.adoption", GOOD["main.adoption"] | REST)
    add(stage, "main.adoption", GOOD["main.adoption"] | STAR | {"population": "a/b"})
    for number in range(12):
        settled = GOOD["main.adoption"] | STAR | {"population": f"p{number}"}
        add(stage, "main.adoption", settled)
        add(stage, "main.adoption_before", settled)
    yield stage
    stage.rollback()


def add(connection, table, row):
    connection.execute(
        f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
    )


def fired(connection):
    """Run each check by its own SQL: storing the results would need a transaction of its own."""
    return {check.name for check in read_checks() if list(offenders(connection, check))}


def test_good_rows_are_silent(good):
    assert fired(good) == set()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad[0]}: {bad[2]}")
def test_a_bad_row_fires(good, bad):
    name, table, change, replaces = bad
    if name == "records_fell":
        add(good, "ops.run", GOOD["ops.run"] | {"run_id": "r2", "started_at": date(2026, 1, 2)})
    if replaces:
        row = "framework = 'pytorch' and measure = 'use'" if table == "main.adoption" else "true"
        good.execute(
            f"update {table} set {', '.join(f'{column} = ?' for column in change)} where {row}", [*change.values()]
        )
    else:
        add(good, table, GOOD.get(table, {}) | change)
    assert name in fired(good)


def test_every_check_has_its_bad_row():
    assert {check.name for check in read_checks()} == {name for name, *_ in BAD}


# One row a key of the table beneath, or of a view whose grain is checked.
UNIQUE_BY_THEIR_TABLE = {
    "benchmark_samples",
    "check_results",
    "claim_history",
    "detector_corrected_shares",
    "dictionary",
    "evidence",
    "evidence_history",
    "events",
    "frameworks",
    "label_balance",
    "migrations",
    "publication_changes",
    "publications",
    "rejects",
    "run_history",
    "scanned_files",
    "source_health",
    "two_way_newest",
    "withheld",
}


def test_the_grain_of_every_public_view_is_checked():
    checked = " ".join(check.sql for check in read_checks() if "grain" in check.name)
    views = {path.stem for path in VIEWS.glob("*.sql")} - {"series_segment", "figures", "papers_naming"}
    public = {name for name in views if not name.startswith(("metric_", "claim_test_"))}
    assert {name for name in public if not re.search(rf"\bfrom (main\.)?{name}\b", checked)} == UNIQUE_BY_THEIR_TABLE


def test_results_are_kept_for_their_run_and_replace_earlier_ones(warehouse, tmp_path):
    for name in ("of_old", min(path.stem for path in CHECKS.glob("*.sql"))):
        (tmp_path / f"{name}.sql").write_text("-- warn: Numbers are small\nselect 10 as n")
    run_checks(warehouse, "r1", tmp_path)
    results = run_checks(warehouse, "r1")
    kept = warehouse.execute("select check_name, severity, has_passed from check_results order by 1").fetchall()
    assert kept == [(r.name, r.severity, r.offenders_count == 0) for r in results]
    assert [r.name for r in results] == sorted(path.stem for path in CHECKS.glob("*.sql"))


def test_only_a_failing_check_that_is_meant_to_stops_publishing(warehouse, tmp_path):
    (tmp_path / "a.sql").write_text("-- warn: Numbers are small.\nselect 10 as n")
    (tmp_path / "b.sql").write_text("-- fail: Nothing is wrong\nselect 1 as n where false")
    results = run_checks(warehouse, "r1", tmp_path)
    stop_on_failure(results)
    (tmp_path / "c.sql").write_text("-- fail: Numbers are even\nselect * from (values (1, 'x'), (3, null)) t(n, text)")
    with pytest.raises(ContractBroken, match=r"published, since c: Numbers are even \(2 do not, e\.g\. n 1, text x\)"):
        stop_on_failure(run_checks(warehouse, "r1", tmp_path))


def test_examples_are_few(warehouse, tmp_path):
    (tmp_path / "a.sql").write_text("-- warn: Few\nfrom range(10)")
    (found,) = run_checks(warehouse, "r1", tmp_path)
    assert found == CheckResult(
        name="a",
        severity="warn",
        sentence="Few",
        sql="-- warn: Few\nfrom range(10)",
        offenders_count=10,
        examples=("range 0", "range 1", "range 2"),
    )


def test_a_check_may_have_several_statements(warehouse, tmp_path):
    (tmp_path / "a.sql").write_text("-- fail: None\nselect 1 as n where false; select 2 as n; select 3 as m")
    (found,) = run_checks(warehouse, "r1", tmp_path)
    assert (found.offenders_count, found.examples) == (2, ("n 2", "m 3"))


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select 1", "must begin with"),
        ("-- fail:\nselect 1", "must begin with"),
        ("-- fail: X\nfrom nowhere", "a fails"),
    ],
)
def test_a_check_that_is_none_is_our_own_mistake(warehouse, tmp_path, sql, message):
    (tmp_path / "a.sql").write_text(sql)
    with pytest.raises(ContractBroken, match=message):
        run_checks(warehouse, "r1", tmp_path)
    with transaction(warehouse):
        assert warehouse.execute("select count(*) from ops.check_result").fetchall() == [(0,)]
