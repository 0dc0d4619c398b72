"""The warehouse that the set-up fills with the shipped figures: what a first run would load, of these very files."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from pipeline.jobs.audit import audit_in
from pipeline.jobs.collect import archived_sources, load_archived, shipped_digest
from pipeline.jobs.context import open_job
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.views import template_file


def set_up(function: str) -> None:
    """Run the program of one function of the set-up."""
    script = (PROJECT_ROOT / ".ci" / "setup").read_text("utf-8")
    (program,) = re.findall(rf"^{function}\(\).*?<<'PYTHON'\n(.*?)^PYTHON$", script, re.DOTALL | re.MULTILINE)
    exec(program, {})


def first_run(home: Path, figures: str) -> tuple[list[str], dict[str, object]]:
    """Load the shipped figures and audit; return what was said, and the rows of each table by number and digest."""
    settings = Settings(home=home)
    with open_job(settings, "offline", figures) as job:
        said = [load_archived(job, source) for source in archived_sources(settings)]
        said.append(audit_in(job))
        names = job.connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'ref') "
            "union all select unnest(['main.adoption', 'main.detector_scores'])"
        ).fetchall()
        runs = job.connection.execute("select count(*) from ops.run").fetchall()
        counted = "select count(*), sum(hash(held)) from {} held"
        found = {name: job.connection.execute(counted.format(name)).fetchall() for (name,) in names}
    assert runs == [(1,)]
    return said, found


@pytest.mark.slow
def test_a_first_run_that_begins_with_it_holds_what_one_from_nothing_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    set_up("keep_warehouse")
    said, plain = first_run(tmp_path / "plain", "")
    kept = template_file(shipped_digest(Settings()))
    assert not kept.exists()
    set_up("keep_figures")
    assert sorted(template_file().parent.iterdir()) == sorted([template_file(), kept])
    said_again, copied = first_run(tmp_path / "copied", shipped_digest(Settings()))
    assert copied == plain
    assert [each.rpartition(", ")[0] for each in said_again[:-1]] == [each.rpartition(", ")[0] for each in said[:-1]]
    assert all(each.endswith(", 0 of them new or changed") for each in said_again[:-1])
    assert said_again[-1] == said[-1]
    assert not any(", 0 of them" in each for each in said)


def test_it_is_of_these_very_files_and_where_one_is_damaged_of_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(Settings().archive_folder, archive)
    monkeypatch.setattr(Settings, "archive_folder", property(lambda _: archive))
    found = shipped_digest(Settings())
    assert found
    manifest = archive / "manifest.toml"
    manifest.write_text(manifest.read_text("utf-8").replace('title = "', 'title = "Another ', 1), "utf-8")
    assert shipped_digest(Settings()) not in {found, ""}
    (archive / "mlperf_training.csv").write_text("competition", "utf-8")
    assert shipped_digest(Settings()) == ""


def test_without_it_a_run_begins_with_an_empty_warehouse(tmp_path: Path) -> None:
    with open_job(Settings(home=tmp_path), "offline", "of no figures") as job:
        assert job.connection.execute("select count(*) from core.competition_entry").fetchall() == [(0,)]
