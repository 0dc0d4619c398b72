"""What the pipeline takes, as a ratio to a plain way of doing the same in the same run, or against a limit.

    python tests/benchmarks/pipeline_speed.py [ROWS_FRACTION]

`make bench-pipeline` runs it. Each measurement has a process of its own, whose peak memory is told. Repository-days and
papers are generated in the shape of the publishers' files, at 1, 4 and 16 sixteenths of the full number of rows; the
slope is that of the time over the rows on logarithmic scales, 1 where it grows as they do. With OBSERVATORY_RAW_DATA
the full number of repository-days and Kaggle's five files are the publishers' own. ROWS_FRACTION makes it all smaller.
The first run is one after a set-up, which keeps a warehouse with the shipped figures: without that, or where a file or
the program has changed since, it loads them itself. Ends with 1 where a limit is missed.
"""

import gc
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import duckdb
import pandas as pd

from pipeline.archive.counts import RANKING_IMPORTER as RANKING
from pipeline.archive.papers import LISTS_IMPORTER as PAPERS
from pipeline.archive.surveys import KAGGLE_IMPORTER as KAGGLE
from pipeline.jobs.collect import shipped_digest
from pipeline.metrics.read import open_published
from pipeline.reference import known_frameworks
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import load_records
from pipeline.warehouse.views import prepare, template_file

DAYS, PAPERS_COUNT, SIXTEENTHS = 7_823_967, 1_000_000, (1, 4, 16)
MEBIBYTE = 2**20
MEMORY_LIMIT_MIB, RUN_MEMORY_MIB = 2048, 400
RUN_SECONDS, REPORT_SECONDS, REFRESH_SECONDS, VIEW_SECONDS = 8, 5, 15, 0.2
ARCHIVE_TIMES = 10
RAW = os.environ.get("OBSERVATORY_RAW_DATA")
Measured = dict[str, float]

# 23,000 repositories, each for so many days as make up the number; the tracked ones are among them.
DAYS_FILE = """
copy (
    select date '2018-12-18' + (place // 22981)::integer as snap,
        case when place % 22981 < len($tracked) then $tracked[1 + (place % 22981)::integer]
             else 'owner' || place % 22981 || '/repository' end as repo,
        repo as repo_as_listed, 1000 + hash(place) % 100000 as stars, hash(place + 1) % 50000 as forks,
        snap || 'T00:00:00Z' as last_commit
    from range($rows) numbers(place)
) to '{file}' (format parquet)
"""
PLAIN_DAYS = """
create table day as select repo as repository, snap as observed_on, stars as stars_count, forks as forks_count
from '{file}';
create table week as select repository, isoyear(observed_on) as year, week(observed_on) as week,
    arg_max(stars_count, observed_on) as stars_count, arg_max(forks_count, observed_on) as forks_count,
    max(observed_on) as observed_on
from day group by all
"""
# A tenth of the papers stand in the list twice; one in eight names two frameworks.
PAPERS_FILE = """
copy (
    select 'nips' as conf, 2017 + place % 8 as year, 'paper' || place % ($rows * 9 // 10) as id,
        'Title ' || id as title,
        case when place % 8 = 0 then $names[1] || '|' || $names[2] else $names[1 + (place % len($names))::integer] end
            as mentions
    from range($rows) numbers(place)
) to '{file}' (format parquet)
"""


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds it took."""
    began = perf_counter()
    work()
    return perf_counter() - began


def peak_mib() -> float:
    """Return the greatest memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE


def against(product: Callable[[], object], plain: Callable[[], object]) -> Measured:
    """Measure the product first, so that its peak of memory is its own, then the plain way."""
    seconds, peak = timed(product), peak_mib()
    return {"seconds": seconds, "peak_mib": peak, "plain_seconds": timed(plain)}


def imported(importer, file, folder: Path) -> None:
    """Load what one file of an importer gives into a warehouse in `folder`."""
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        load_records(connection, file.record, file.read(folder, importer.stamp))


def prepared(folder: Path) -> None:
    """Make the empty warehouse, which is no part of what is measured."""
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        prepare(connection, Settings().reference_folder)


def repository_days(folder: Path, rows: int) -> Measured:
    """Bring daily lists of repositories in as weekly series, against `create table as` and `group by` in DuckDB."""
    (file,) = RANKING.files
    path, whole = folder / file.raw_file, Path(RAW or ".") / "github_ranking" / "all_top_repos_daily.parquet"
    tracked = [each.name for _, each in known_frameworks().repositories(tracked=True)]
    with duckdb.connect() as connection:
        if rows >= DAYS and whole.exists():
            lacking = "repo as repo_as_listed, snap || 'T00:00:00Z' as last_commit"
            connection.execute(f"copy (select *, {lacking} from '{whole}') to '{path}' (format parquet)")
        else:
            connection.execute(DAYS_FILE.format(file=path), {"tracked": tracked, "rows": rows})
    prepared(folder)

    def plain() -> None:
        with duckdb.connect(str(folder / "plain.duckdb")) as connection:
            connection.execute(PLAIN_DAYS.format(file=path))

    return against(lambda: imported(RANKING, file, folder), plain)


def papers(folder: Path, rows: int) -> Measured:
    """Bring in papers with the frameworks that they name, against the same in pandas: split, map, drop duplicates."""
    file = next(each for each in PAPERS.files if each.name == "abstract_labels.csv")
    path, labels = folder / file.raw_file, known_frameworks().labels_of("paper_lists")
    names = [name for name in labels if "|" not in name][:8]
    with duckdb.connect() as connection:
        connection.execute(PAPERS_FILE.format(file=path), {"names": names, "rows": rows})
    prepared(folder)

    def plain() -> None:
        with duckdb.connect(str(folder / "plain.duckdb")) as connection:
            frame = connection.execute("from read_parquet(?)", [str(path)]).df()
            frame["mentions"] = frame["mentions"].str.split("|")
            frame = frame.explode("mentions")
            frame["subject_id"] = frame["conf"] + "-" + frame["year"].astype(str) + "/" + frame["id"]
            frame["framework"] = frame["mentions"].map(labels)
            frame = frame.drop_duplicates(["subject_id", "framework"])
            connection.execute("create table label as select subject_id, conf, year, framework from frame")

    return against(lambda: imported(PAPERS, file, folder), plain)


def kaggle(_folder: Path, _rows: int) -> Measured:
    """Count Kaggle's five files, against pandas reading them."""
    import zstandard

    folder = Path(RAW or ".") / "kaggle_survey"
    (file,) = KAGGLE.files

    def plain() -> None:
        for path in sorted(folder.glob("*.csv.zst")):
            with zstandard.open(path, "rb") as text:
                pd.read_csv(text, low_memory=False)

    return against(lambda: list(file.read(folder, KAGGLE.stamp)), plain)


def views(folder: Path, times: int) -> Measured:
    """Compute every value of each public view over so many times the archive's rows; the slowest counts."""
    path = folder / "observatory.duckdb"
    shutil.copyfile(Settings().published_file, path)
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name = 'settled'"
        ).fetchall()
        for schema, table in tables:
            connection.execute(
                f'insert into {schema}."{table}" select t.* from {schema}."{table}" t, range({times - 1})'
            )
    with open_published(path) as connection:
        names = connection.execute("select view_name from duckdb_views() where schema_name = 'main'").fetchall()
        computed = [f'select sum(hash(row_)) from main."{name}" row_' for (name,) in names]
        slowest = max(timed(partial(_answer, connection, sql)) for sql in computed)
    return {"seconds": slowest, "peak_mib": peak_mib()}


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(sql).fetchall()


PARTS = {each.__name__: each for each in (repository_days, papers, kaggle, views)}


def in_child(name: str, number: int) -> Measured:
    """Measure one part in a process of its own, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, name, folder, str(number)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def command(*words: str) -> Measured:
    """Run the command to its end; memory is that of its own process, processor time that of its children too."""
    began = perf_counter()
    process = subprocess.Popen([Path(sys.executable).with_name("observatory"), *words], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"observatory {' '.join(words)} failed")
    processor = used.ru_utime + used.ru_stime
    return {"seconds": perf_counter() - began, "peak_mib": used.ru_maxrss * 1024 / MEBIBYTE, "processor": processor}


class Table:
    """The lines that were told, and whether every limit was met."""

    def __init__(self) -> None:
        """Begin with the heading."""
        self.all_met = True
        self._write("measured", "value", "limit", "met")

    def add(self, what: str, value: float, limit: float, unit: str) -> None:
        """Tell one measurement against its limit."""
        self.all_met &= value <= limit
        self._write(what, f"{value:.2f} {unit}", f"{limit:g} {unit}", "yes" if value <= limit else "NO")

    def note(self, what: str, value: str) -> None:
        """Tell what has no limit, or was not measured."""
        self._write(what, value, "", "")

    def _write(self, *cells: str) -> None:
        widths = (62, 16, 12, 3)
        sys.stdout.write(
            "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n"
        )
        sys.stdout.flush()


def at_three_sizes(table: Table, part: str, title: str, full: int, limit: float) -> None:
    """Measure a part at three sizes; the largest has the limit."""
    found = {}
    for sixteenths in SIXTEENTHS:
        rows = full * sixteenths // 16
        found[sixteenths] = measured = in_child(part, rows)
        what, ratio = f"{title}, {rows:,} rows", measured["seconds"] / measured["plain_seconds"]
        table.note(what, f"{measured['seconds']:.2f} s") if sixteenths < 16 else table.add(what, ratio, limit, "x")
    slope = math.log(found[16]["seconds"] / found[1]["seconds"]) / math.log(16)
    table.note(
        f"{title}: {found[16]['seconds']:.2f} s, plain {found[16]['plain_seconds']:.2f} s; slope", f"{slope:.2f}"
    )
    table.add(f"{title}: peak memory", found[16]["peak_mib"], MEMORY_LIMIT_MIB, "MiB")


def main(fraction: float) -> int:
    """Measure everything and return the exit code."""
    table = Table()
    with tempfile.TemporaryDirectory() as home:
        os.environ["OBSERVATORY_HOME"] = home
        first = command("run", "--offline", "--no-bench", "--quiet")
        kept = template_file(shipped_digest(Settings())).exists()
        table.note("the first run begins with the set-up's warehouse of shipped figures", "yes" if kept else "no")
        table.add("offline run without benchmarks", first["seconds"], RUN_SECONDS, "s")
        table.note("offline run: processor time, whatever else runs here", f"{first['processor']:.2f} s")
        table.add("offline run: peak memory", first["peak_mib"], RUN_MEMORY_MIB, "MiB")
        table.add("report", command("report")["seconds"], REPORT_SECONDS, "s")
        again = command("run", "--offline", "--no-bench", "--quiet")
        table.add("unchanged refresh, with Prefect's start", again["seconds"], REFRESH_SECONDS, "s")
        slowest = in_child("views", ARCHIVE_TIMES)["seconds"]
        table.add(f"slowest public view over {ARCHIVE_TIMES} times the archive", slowest, VIEW_SECONDS, "s")
    at_three_sizes(table, "repository_days", "repository-days into weekly series", int(DAYS * fraction), 2)
    at_three_sizes(table, "papers", "papers with mentions", int(PAPERS_COUNT * fraction), 3)
    if RAW:
        measured = in_child("kaggle", 0)
        ratio = measured["seconds"] / measured["plain_seconds"]
        table.add(f"five Kaggle files, {measured['seconds']:.2f} s, to pandas.read_csv", ratio, 1.5, "x")
        table.add("five Kaggle files: peak memory", measured["peak_mib"], MEMORY_LIMIT_MIB, "MiB")
    else:
        table.note("five Kaggle files", "set OBSERVATORY_RAW_DATA to measure")
    return 0 if table.all_met else 1


if __name__ == "__main__":
    gc.set_threshold(100_000)  # as the command does; the plain ways gain by it as well
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        sys.stdout.write(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 1))
