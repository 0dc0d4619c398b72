"""Benchmark results travel in a file: everything arrives, once, apart from this machine's own; the rest is refused."""

import gzip
import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from published import rows_of_run

from pipeline.bench.machine import this_machine
from pipeline.errors import BadInput, ContractBroken
from pipeline.estimate.ratios import derive_performance
from pipeline.jobs.bench import export_here, import_here, load_export
from pipeline.jobs.context import open_job
from pipeline.jobs.publish import release
from pipeline.metrics.read import read_view
from pipeline.records.bench_travel import as_imported, from_file, machine_id_of, to_file, without_samples
from pipeline.records.benchmarks import (
    OF_A_RUN,
    TRAVELLING,
    BenchRun,
    BenchSample,
    BenchVariant,
    DerivedPerformance,
    Machine,
    MachineResults,
)
from pipeline.report.build import build_page
from pipeline.settings import Settings
from pipeline.warehouse.bench import load_bench, read_results, replace_imported

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
ELSEWHERE = '{"cores_count": 64}'


def machine(fingerprint=ELSEWHERE):
    return Machine(
        machine_id=machine_id_of(fingerprint), title="A large machine", is_virtual=False, fingerprint=fingerprint
    )


def results_of(now, fingerprint=ELSEWHERE, **more):
    its = machine(fingerprint)
    return MachineResults(machine=its, rows=tuple(rows_of_run(now, its.machine_id, **more)))


@pytest.fixture
def settings(prepared_home: Path) -> Settings:
    return Settings(home=prepared_home)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, prepared_warehouse):
    """A home in which this machine was measured and published, and the rows of that; for copying only."""
    settings, here = Settings(home=tmp_path_factory.mktemp("measured")), this_machine()
    settings.data_folder.mkdir()
    shutil.copy(prepared_warehouse, settings.warehouse_file)
    results = MachineResults(machine=here, rows=tuple(rows_of_run(NOW, here.machine_id)))
    with open_job(settings, "bench") as job:
        load_bench(job.connection, [here, *results.rows, *derive_performance(results.of(BenchSample), 0.15)])
        release(job)
    return settings.home, results


@pytest.fixture
def own(settings, measured):
    """The home is one in which this machine was measured; the rows of that."""
    home, results = measured
    shutil.copytree(home, settings.home, symlinks=True, dirs_exist_ok=True)
    return results


def published(settings, sql):
    with duckdb.connect(str(settings.published_file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def core_of(connection, condition="true"):
    names = [kind.table for kind in TRAVELLING] + ["core.derived_performance"]
    return {name: sorted(connection.execute(f"from {name} where {condition}").fetchall()) for name in names}


@pytest.mark.parametrize("name", ["m.json", "m.json.gz"])
def test_what_is_written_is_what_is_read_and_the_same_bytes_each_time(now, name):
    results = results_of(now)
    content = to_file(name, results)
    assert content.startswith(b"\x1f\x8b") == name.endswith(".gz")
    read = from_file(name, content)
    assert read.machine == results.machine
    assert sorted(map(repr, read.rows)) == sorted(map(repr, results.rows))
    assert to_file(name, read) == content


@pytest.mark.slow
def test_export_and_import_carry_everything_and_twice_is_once(own, settings, tmp_path, now):
    told = export_here(settings, tmp_path / "here.json.gz")
    assert told.endswith(f"1 runs, 12 samples of {own.machine.title}")
    other = Settings(home=tmp_path / "other")
    said = import_here(other, tmp_path / "here.json.gz")
    assert "kept apart" in said
    assert said.endswith("1 runs, 1 of them new")
    assert len(published(other, "from core.bench_sample")) == 12
    found = published(other, "select framework, ratio, verdict, is_imported from performance order by all")
    assert found == [("pytorch", None, "reference", True), ("tensorflow", pytest.approx(2), "slower", True)]
    # These rows are as an older observatory wrote them: without the group of their case.
    assert published(other, "select kind, cases_count from performance_by_kind") == [("CPU maths", 1)]
    with open_job(other, "look") as job:
        once = core_of(job.connection)
    assert import_here(other, tmp_path / "here.json.gz").endswith("1 runs, 0 of them new")
    with open_job(other, "look") as job:
        assert core_of(job.connection) == once


def test_figures_alone_are_the_newest_whole_run_with_what_was_derived_and_no_samples(own, settings, tmp_path):
    told = export_here(settings, tmp_path / "figures.json.gz", figures_only=True)
    assert told.endswith(f"1 runs, 0 samples of {own.machine.title}")
    content = (tmp_path / "figures.json.gz").read_bytes()
    figures = from_file("figures.json.gz", content, OF_A_RUN)
    assert {row.framework: row.ratio for row in figures.of(DerivedPerformance)} == {
        "pytorch": None, "tensorflow": pytest.approx(2),
    }  # fmt: skip
    assert len(figures.of(BenchVariant)) == len(own.of(BenchVariant))
    with pytest.raises(BadInput, match=r"holds core\.derived_\w+, which no export has"):
        from_file("figures.json.gz", content)  # what somebody else derived is not taken for what was measured


def test_of_a_quick_run_there_are_figures_only_where_there_is_no_whole_one(now):
    def run_of(name, *, is_quick, started_at):
        settings = json.dumps({"threads_count": 3, "is_quick": is_quick})
        (run, *rows) = results_of(now, run_id=name).rows
        return run.model_copy(update={"settings": settings, "started_at": started_at}), *rows

    whole = run_of("whole", is_quick=False, started_at=now)
    quick = run_of("quick", is_quick=True, started_at=now.replace(year=2027))
    for rows, name in (((*whole, *quick), "whole"), (quick, "quick")):
        found = without_samples(MachineResults(machine=machine(), rows=rows))
        assert {row.run_id for row in found.rows} == {name}


@pytest.mark.slow
def test_a_file_that_claims_to_be_this_machine_leaves_its_results_alone(own, settings, tmp_path):
    """The same fingerprint and the same run id, and other figures."""
    forged = MachineResults(
        machine=own.machine,
        rows=tuple(
            row.model_copy(update={"step_seconds": 9.0}) if isinstance(row, BenchSample) else row for row in own.rows
        ),
    )
    is_own = f"run_id = '{own.of(BenchRun)[0].run_id}'"
    with open_job(settings, "look") as job:
        before = core_of(job.connection, is_own)
    (tmp_path / "forged.json").write_bytes(to_file("forged.json", forged))
    import_here(settings, tmp_path / "forged.json")
    with open_job(settings, "look") as job:
        assert core_of(job.connection, is_own) == before
    machines = published(settings, "select machine_id, is_imported from machines order by all")
    assert machines == [
        (own.machine.machine_id, False),
        (f"imported-{own.machine.machine_id}-{own.machine.identity}", True),
    ]
    assert export_here(settings, tmp_path / "again.json").endswith(f"1 runs, 12 samples of {own.machine.title}")
    assert from_file("again.json", (tmp_path / "again.json").read_bytes()).of(BenchSample)[0].step_seconds < 1


@pytest.mark.slow
def test_the_verdict_on_this_machine_and_what_stands_beside_it_stay_its_own(own, settings, tmp_path, now):
    later = now.replace(year=2027)
    (tmp_path / "m.json").write_bytes(to_file("m.json", results_of(later, frameworks=("tensorflow", "pytorch"))))
    import_here(settings, tmp_path / "m.json")
    ranks = published(settings, "select machine_title, machine_rank, leader from performance_tally order by all")
    assert ranks == [("A large machine", 2, "tensorflow"), (own.machine.title, 1, "pytorch")]
    assert {row[0] for row in published(settings, "select machine_id from adoption_vs_performance")} <= {
        own.machine.machine_id
    }
    page = build_page(settings.published_file, settings.page_file).page_file.read_text(encoding="utf-8")
    assert "The same on other machines" in page
    assert "A large machine" in page
    shown = read_view(settings.published_file, "special_measurements", {"is_imported": False})
    assert set(shown["machine_id"]) == {own.machine.machine_id}


@pytest.mark.slow
def test_with_imports_alone_another_machine_speaks_and_nothing_is_said_of_this_one(settings, tmp_path, now):
    (tmp_path / "m.json").write_bytes(to_file("m.json", results_of(now)))
    import_here(settings, tmp_path / "m.json")
    assert published(settings, "select machine_rank, is_imported from performance_tally") == [(1, True)]
    text = build_page(settings.published_file, settings.page_file).page_file.read_text(encoding="utf-8")
    assert "Not measured; on another machine: " in text
    assert "Another machine, A large machine" in text
    with pytest.raises(BadInput, match="nothing was measured on this machine yet; run `observatory bench`"):
        export_here(settings, tmp_path / "none.json")


def test_a_run_that_is_exported_again_replaces_the_one_imported_before(settings, now):
    with open_job(settings, "import") as job:
        load_export(job, "m.json", to_file("m.json", results_of(now)))
        load_export(job, "m.json", to_file("m.json", results_of(now, frameworks=("pytorch",))))
        assert {row[0] for row in job.connection.execute("select framework from core.bench_sample").fetchall()} == {
            "pytorch"
        }


def test_only_what_has_the_ids_of_an_import_is_replaced(warehouse, now):
    with pytest.raises(ContractBroken):
        replace_imported(warehouse, results_of(now), [])
    replace_imported(warehouse, as_imported(results_of(now)), [])
    found = read_results(warehouse, as_imported(results_of(now)).machine.machine_id)
    assert found.machine.is_imported
    assert len(found.of(BenchSample)) == 12


def altered(now, change):
    content = json.loads(to_file("m.json", results_of(now)))
    change(content)
    return json.dumps(content).encode()


def set_cell(table, column, value):
    def change(content):
        found = content["tables"][f"core.{table}"]
        found["rows"][0][found["columns"].index(column)] = value

    return change


def twice(content):
    rows = content["tables"]["core.bench_sample"]["rows"]
    rows.append(rows[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content.update(format="notes"), "is no benchmark export; give a file that"),
        (
            lambda content: content.update(version=3),
            "has version 3 .* reads 1 and 2; bring both machines to",
        ),
        (
            lambda content: content.update(colour="red"),
            "m.json: colour: Extra inputs are not permitted; export",
        ),
        (lambda content: content["machine"].update(fingerprint="{}"), "id is not that of its fingerprint; export it"),
        (lambda content: content["machine"].update(is_imported=True), "id is not that of its fingerprint"),
        (set_cell("bench_sample", "step_seconds", -1.0), "bench_sample row 1: step_seconds: Input should be greater"),
        (set_cell("bench_sample", "steps_count", "10"), "bench_sample row 1: steps_count: Input should be a valid int"),
        (set_cell("bench_variant", "outcome", "splendid"), "bench_variant row 1: outcome: Input should be 'measured'"),
        (set_cell("bench_probe", "run_id", "another"), "a row of bench_probe belongs to a run that the file does not"),
        (set_cell("bench_run", "machine_id", "another"), "a row of bench_run belongs to another machine"),
        (twice, "a row of bench_sample stands twice"),
        (lambda content: content["tables"]["core.bench_sample"]["rows"][0].pop(), "row 1 has .* values for"),
        (set_cell("bench_sample", "step_seconds", 0.002), "m.json was changed after it was written: its rows are not"),
        (lambda content: content["machine"].update(title="A larger one"), "was changed after it was written"),
        (lambda content: content.update(sha256=None), "was changed after it was written"),
        (set_cell("bench_sample", "step_seconds", 1e300), "bench_sample row 1: step_seconds: Input should be less"),
        (set_cell("bench_run", "started_at", "0001-01-01T00:00:00Z"), "bench_run begins or ends at an impossible time"),
        (set_cell("bench_run", "finished_at", "2025-01-01T00:00:00Z"), "bench_run begins or ends at an impossible"),
        (set_cell("bench_run", "started_at", "2026-02-30T00:00:00Z"), "bench_run row 1: started_at: Input should be"),
        (set_cell("bench_run", "settings", '{"threads_count": "3"}'), "bench_run does not say how many threads"),
        (set_cell("bench_run", "settings", "{"), "bench_run row 1: settings: "),
        (set_cell("bench_worker", "read_back", '{"a":' * 5000 + "1" + "}" * 5000), "bench_worker row 1: read_back: "),
        (
            lambda content: content["tables"].update({"core.paper": {"columns": [], "rows": []}}),
            "holds core.paper, which",
        ),
        (lambda content: content["tables"].clear(), "m.json holds no run; run `observatory bench` on the machine"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_one_sentence_that_says_where(now, change, words):
    with pytest.raises(BadInput, match=words) as refused:
        from_file("m.json", altered(now, change))
    assert "should not happen" not in str(refused.value)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


def test_an_infinity_is_refused_where_it_stands(now):
    text = to_file("m.json", results_of(now)).replace(b"0.003", b"1e999", 1)
    with pytest.raises(BadInput, match="cpu_seconds: Input should be a finite number"):
        from_file("m.json", text)


def test_an_export_of_an_older_version_still_comes_in_and_is_marked(settings, now):
    def older(content):
        content["version"] = 1
        for name in ("harness", "sha256"):
            del content[name]
        del content["machine"]["identity"]

    with open_job(settings, "import") as job:
        told = load_export(job, "old.json", altered(now, older))
        assert told.endswith("; unverified, since an export this old carries no checksum")
        load_export(job, "new.json", to_file("new.json", results_of(now, '{"cores_count": 8}')))
        found = job.connection.execute("select fingerprint, is_verified from machines order by all").fetchall()
    assert found == [(ELSEWHERE, False), ('{"cores_count": 8}', True)]


def test_two_machines_of_one_make_stay_two(now):
    one, other = (
        replace(results_of(now), machine=machine().model_copy(update={"identity": identity})) for identity in "ab"
    )
    assert as_imported(one).machine.machine_id != as_imported(other).machine.machine_id
    assert from_file("m.json", to_file("m.json", one)).machine.identity == "a"


def test_an_import_that_fails_halfway_leaves_nothing(settings, now, monkeypatch):
    with open_job(settings, "import") as job:
        load_export(job, "m.json", to_file("m.json", results_of(now)))
        before = core_of(job.connection)
        monkeypatch.setattr("pipeline.jobs.bench.derive_performance", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            load_export(job, "m.json", to_file("m.json", results_of(now, frameworks=("pytorch",))))
        assert core_of(job.connection) == before


def test_what_a_check_would_refuse_afterwards_is_refused_before_it_is_kept(settings, now, monkeypatch):
    def wrong(*given, **more):
        return [row.model_copy(update={"ratio_low": 9.0}) for row in derive_performance(*given, **more)]

    with open_job(settings, "import") as job:
        monkeypatch.setattr("pipeline.jobs.bench.derive_performance", wrong)
        with pytest.raises(BadInput, match="the file's figures cannot be: Times and ratios"):
            load_export(job, "m.json", to_file("m.json", results_of(now)))
        assert job.connection.execute("from machines").fetchall() == []


def test_a_pipe_is_refused_and_nobody_waits_for_it(settings, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(BadInput, match="it is no plain file"):
            import_here(settings, path)
    with (tmp_path / "endless.json").open("wb") as endless:
        endless.truncate(1 << 40)
    with pytest.raises(BadInput, match="is larger than any export"):
        import_here(settings, tmp_path / "endless.json")
    with pytest.raises(BadInput, match="too early or are far too long"):
        from_file("bomb.json.gz", gzip.compress(bytes(1 << 28) + b" ", compresslevel=1))


def test_bytes_that_are_no_export_are_refused(now):
    whole = to_file("m.json.gz", results_of(now))
    for content in (
        b"[" * 100_000,
        b"",
        b"PAR1",
        b"[1]",
        b'{"a": NaN}',
        whole[:-20],
        gzip.compress(b"\xff"),
        whole[:5] + b"x" * 30,
    ):
        with pytest.raises(BadInput, match=r"m\.json\.gz is no benchmark export"):
            from_file("m.json.gz", content)


def test_a_wrong_file_begins_no_run_and_a_place_that_cannot_be_written_is_named(own, settings, tmp_path):
    (tmp_path / "bad.json").write_bytes(b"{}")
    with pytest.raises(BadInput, match="is no benchmark export"):
        import_here(settings, tmp_path / "bad.json")
    with pytest.raises(BadInput, match="cannot be read"):
        import_here(settings, tmp_path)
    with pytest.raises(BadInput, match="cannot be written"):
        export_here(settings, tmp_path / "bad.json" / "m.json")
    assert len(published(settings, "from run_history")) == 1
