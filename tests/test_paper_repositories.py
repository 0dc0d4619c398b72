"""The code of sampled papers: the importer on small raw files, and the shipped figures against the raw ones."""

import csv
import random
import shutil
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from pipeline.archive.build import build_archive
from pipeline.archive.manifest import MANIFEST, archived_records, read_manifest
from pipeline.archive.papers import REPOSITORIES_IMPORTER as IMPORTER
from pipeline.errors import BadInput
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import load_records
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.views import deploy_views, migrate

FIRST, FURTHER = "sampled_repositories.csv", "sampled_repositories_further.csv"
FRAME = "sampling_frame.csv"
HEADER = (
    "conf,year,repo,obtained,reason,snapshot_date,snapshot_commit,readme_only,imports,declared,own_framework,"
    "product_imports,product_declared"
)
SAMPLE = (
    "cvpr,2024,a/one,1,,2024-05-01,abc,0,keras;pytorch,pytorch,pytorch,keras;pytorch,",
    "naacl,2024,a/two,1,,2025-05-01,abd,0,,,none,,",
    "cvpr,2024,a/three,1,,2024-05-02,abe,1,,,,,",
    "wacv,2024,a/four,0,no snapshot in the archive,,,,,,,,",
)
ORDER = ("cvpr,2024,1,a/one", "naacl,2024,2,a/two.", "cvpr,2024,3,a/three", "wacv,2024,4,a/four", "rss,2024,5,a/five")


def raw_folder(folder, sample=SAMPLE, order=ORDER):
    for name, header, rows in (
        ("sampled_repositories.csv", HEADER, sample),
        ("sampling_order.csv", "conf,year,position,repo", order),
    ):
        (folder / name).write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return folder


def read(folder, file=0):
    return list(IMPORTER.files[file].read(folder, IMPORTER.stamp))


def test_every_draw_is_kept_with_what_came_of_it(tmp_path):
    rows = {row.position: row for row in read(raw_folder(tmp_path))}
    assert [rows[place].outcome for place in (1, 2, 3, 4)] == ["with code", "with code", "no code", "not obtained"]
    assert (rows[1].imports, rows[1].own_frameworks, rows[1].scanner_declared) == ("keras|pytorch", "pytorch", "")
    assert (rows[2].own_frameworks, rows[4].reason) == ("", "no snapshot in the archive")
    assert (rows[3].labelled_by, rows[4].labelled_by) == ("reading", None)


def test_the_frame_is_counted_by_venue_and_field(tmp_path):
    counts = {(row.venue, row.research_field): row.entries_count for row in read(raw_folder(tmp_path), file=1)}
    assert counts == {("CVPR", "vision"): 2, ("NAACL", "language"): 1, ("WACV", "vision"): 1, ("RSS", "other"): 1}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a/two", "a/five", "a/five is not number 2 of 2024"),
        ("keras;pytorch", "keras;torchnet", "torchnet is no framework"),
        (",1,,2024-05-02,abe,1,", ",2,,2024-05-02,abe,1,", "is no known outcome"),
        (",2025-05-01,", ",in May,", "snapshot_date is 'in May'"),
    ],
)
def test_a_sample_that_is_none_and_odd_cells_are_refused(tmp_path, old, new, message):
    sample = [row.replace(old, new, 1) for row in SAMPLE]
    assert tuple(sample) != SAMPLE
    with pytest.raises(BadInput, match=message):
        read(raw_folder(tmp_path, sample))


def test_a_build_keeps_what_no_raw_file_makes(tmp_path):
    raw, archive = tmp_path / "raw", tmp_path / "archive"
    (raw / IMPORTER.raw_folder).mkdir(parents=True)
    raw_folder(raw / IMPORTER.raw_folder)
    archive.mkdir()
    shutil.copy(Settings().archive_folder / MANIFEST, archive)
    before = entry(archive)
    build_archive(raw, archive, [IMPORTER])
    after = entry(archive)
    assert [file.name for file in after.file] == [file.name for file in before.file]
    assert [new == old for new, old in zip(after.file, before.file, strict=True)] == [False, False, True]
    assert not (archive / FURTHER).exists()


def entry(archive):
    (found,) = (source for source in read_manifest(archive).source if source.source_id == IMPORTER.source_id)
    return found


@contextmanager
def warehouse_of(names):
    """A warehouse with some files of the shipped sample."""
    source = entry(Settings().archive_folder)
    source = source.model_copy(update={"file": [file for file in source.file if file.name in names]})
    with open_warehouse(None) as connection:
        migrate(connection, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        deploy_views(connection)
        load_reference(connection, Settings().reference_folder)
        for record, records in archived_records(Settings().archive_folder, source):
            load_records(connection, record, records)
        yield connection


@pytest.fixture(scope="module")
def shipped():
    with warehouse_of((FIRST, FURTHER, FRAME)) as connection:
        yield connection


@pytest.fixture(scope="module")
def first_drawn():
    """What was drawn first, which was published with its shares."""
    with warehouse_of((FIRST, FRAME)) as connection:
        yield connection


def shares(connection, series, population, framework):
    rows = connection.execute(
        "select year(period_start) % 100 || '-' || year(period_end) % 100, n, base, share from adoption "
        "where series_id = ? and population = ? and framework = ? order by period_start",
        [series, population, framework],
    ).fetchall()
    return {span: (n, base, 100 * share) for span, n, base, share in rows}


def test_the_pooled_shares_are_those_that_were_published_with_the_first_draws(first_drawn):
    imported = shares(first_drawn, "papers.code_imports", "all", "pytorch")
    assert {span: n for span, (n, _, _) in imported.items()} == {"19-21": 61, "22-23": 95, "24-25": 114}
    assert {span: round(percent) for span, (_, _, percent) in imported.items()} == {
        "19-21": 89,
        "22-23": 93,
        "24-25": 92,
    }
    alone = shares(first_drawn, "papers.code_own_framework", "all, alone", "tensorflow")
    assert [(n, base) for n, base, _ in alone.values()] == [(7, 71), (2, 103), (1, 127)]
    assert [percent for *_, percent in alone.values()] == pytest.approx([7, 2, 0.5], abs=0.1)
    # Published unweighted: 1, 6 and 9 %.
    nothing = shares(first_drawn, "papers.code_imports", "all", "none")
    assert [round(100 * n / base) for n, base, _ in nothing.values()] == [1, 6, 9]
    assert shares(first_drawn, "papers.code_own_framework", "all", "jax")["24-25"] == (0, 127, 0)


def test_the_further_draws_narrow_the_figures_and_move_none_out_of_its_interval(shipped, first_drawn):
    newest = (
        "select framework, n, base, share, interval_low, interval_high from paper_code_states where population = 'all' "
        "and series_id = 'papers.code_own_framework' and is_pooled and year(period_start) = 2024 "
        "and among = 'repositories with code' order by all"
    )
    before, after = (connection.execute(newest).fetchall() for connection in (first_drawn, shipped))
    assert [(name, n, base) for name, n, base, *_ in after if n] == [
        ("jax", 1, 265), ("none", 28, 265), ("pytorch", 235, 265), ("tensorflow", 1, 265),
    ]  # fmt: skip
    for (name, *_, low, high), (same_name, _, _, share, new_low, new_high) in zip(before, after, strict=True):
        assert name == same_name
        assert low <= share <= high
        assert new_high - new_low < high - low


def test_the_draws_of_a_year_go_on_in_its_order_and_say_who_labelled_them(shipped):
    years = shipped.execute(
        "select edition_year, max(position) = count(*), count(*) filter (where outcome = 'with code') from "
        "core.sampled_repository group by all order by all"
    ).fetchall()
    assert all(is_head for _, is_head, _ in years)
    assert [count for year, _, count in years if year >= 2023] == [134, 132, 133]
    assert shipped.execute(
        "select labelled_by, count(*) from core.sampled_repository group by all order by all"
    ).fetchall() == [("reading", 327), ("scanner", 188), ("scanner, own code read", 52), (None, 36)]
    odd = (
        "select count(*) filter (where (labelled_by is null) <> (outcome = 'not obtained')), "
        "count(*) - count(distinct lower(repository)) from core.sampled_repository"
    )
    assert shipped.execute(odd).fetchall() == [(0, 0)]
    # Labels of the scanner are no evidence of how it agrees with a reading.
    assert shipped.execute("select distinct repositories_count from paper_scanner_agreement").fetchall() == [(327,)]


def test_an_import_of_tensorflow_is_mostly_no_use_of_it(shipped):
    rows = shipped.execute(
        "select own_framework, n, base from paper_import_use where framework = 'tensorflow' order by n"
    ).fetchall()
    assert rows == [("none", 1, 68), ("both", 5, 68), ("tensorflow", 12, 68), ("pytorch", 50, 68)]


def test_every_draw_is_in_one_state(shipped):
    rows = shipped.execute(
        "select series_id, population, period_start, period_end, "
        "sum(n) = max(base) filter (where among = 'links drawn')"
        ", sum(share) filter (where among <> 'links drawn') from paper_code_states group by all"
    ).fetchall()
    assert len(rows) > 50
    assert all(is_complete and total == pytest.approx(1) for *_, is_complete, total in rows)
    states = dict(
        shipped.execute(
            "select framework, sum(n) from paper_code_states where population = 'all' and not is_pooled "
            "and series_id = 'papers.code_own_framework' group by all"
        ).fetchall()
    )
    assert states == {
        "pytorch": 455, "tensorflow": 12, "both": 5, "jax": 1, "other": 3, "none": 36,
        "no-code": 55, "not-obtained": 36,
    }  # fmt: skip


def test_no_verdict_rests_on_fewer_than_sixty_repositories_that_name_one_of_the_two(shipped):
    leaders = shipped.execute(
        "select two_way.series_id, two_way.population, year(two_way.period_start), leader from two_way "
        "where leader <> 'cannot tell' and pytorch_n + tensorflow_n - coalesce((select n from paper_code_states state "
        "where state.framework = 'both' and state.series_id = two_way.series_id "
        "and state.population = split_part(two_way.population, ',', 1) and state.period_start = two_way.period_start "
        "and state.period_end = two_way.period_end and two_way.population not like '%alone'), 0) < 60"
    ).fetchall()
    assert leaders == []
    newest = shipped.execute(
        "select leader from two_way where series_id = 'papers.code_own_framework' and population = 'all, alone' "
        "and period_start = date '2024-01-01'"
    ).fetchall()
    assert newest == [("pytorch",)]
    few = "select interval_low is not null, leader from two_way where base < 60 and base > 0"
    assert set(shipped.execute(few).fetchall()) == {(True, "cannot tell")}


def test_the_way_of_counting_that_is_marked_is_the_page_s_and_no_way_with_few_has_a_verdict(shipped):
    marked = shipped.execute(
        "select first_n, second_n, first_share, framework from multiverse where is_declared"
    ).fetchone()
    newest = shipped.execute(
        "select pytorch_n, tensorflow_n, pytorch_share, leader from two_way where population = 'all' "
        "and series_id = 'papers.code_own_framework' order by period_end desc, period_start limit 1"
    ).fetchone()
    assert marked[:2] + marked[3:] == newest[:2] + newest[3:]
    assert marked[2] == pytest.approx(newest[2])
    verdicts = "select greatest(first_n, second_n) < 60 as is_few, framework = 'cannot tell' from multiverse"
    found = set(shipped.execute(verdicts).fetchall())
    assert found >= {(True, True), (False, False)}
    assert (True, False) not in found


def test_no_line_joins_two_years_and_no_two_years_hold_the_same_venues(shipped):
    cut = shipped.execute(
        "select count(distinct break_id) = count(distinct period_start) from adoption where series_id = ? ",
        ["papers.code_imports"],
    ).fetchall()
    assert cut == [(True,)]
    venues = shipped.execute(
        "select edition_year, list(distinct venue order by venue) from core.sampling_frame group by all"
    ).fetchall()
    assert len({tuple(held) for _, held in venues}) == len(venues) == 7


def test_the_interval_covers_the_truth_of_lists_drawn_at_different_rates(shipped):
    """Samples are drawn again and again from lists whose shares are known: 95 % of the intervals hold them."""
    chance, sizes = random.Random(12), ((2227, 70, 0.94), (866, 57, 0.84))
    whole = sum(size for size, _, _ in sizes)
    truth = sum(size * share for size, _, share in sizes) / whole
    weights = [(size / drawn, drawn) for size, drawn, _ in sizes]
    effective = whole**2 / sum(weight**2 * drawn for weight, drawn in weights)
    samples = [
        sum(size / drawn * sum(chance.random() < share for _ in range(drawn)) for size, drawn, share in sizes) / whole
        for _ in range(1500)
    ]
    held = shipped.execute(
        "select avg((wilson_low(share * $base, $base) <= $truth and $truth <= wilson_high(share * $base, $base))::int) "
        "from (select unnest($samples) as share)",
        {"base": effective, "truth": truth, "samples": samples},
    ).fetchall()
    assert 0.94 < held[0][0] <= 0.98


def test_held_out_cells_agree_with_the_raw_files(first_drawn, shipped, raw_data):
    folder = raw_data / IMPORTER.raw_folder
    with (folder / "sampled_repositories.csv").open(encoding="utf-8", newline="") as file:
        sample = list(csv.DictReader(file))
    with (folder / "sampling_order.csv").open(encoding="utf-8", newline="") as file:
        order = {(row["year"], row["position"]): row["repo"] for row in csv.DictReader(file)}
    frame = Counter(year for year, _ in order)
    drawn_names = "select edition_year::varchar, position::varchar, repository from core.sampled_repository"
    assert all(
        order[year, place].rstrip(".") == name.rstrip(".")
        for year, place, name in shipped.execute(drawn_names).fetchall()
    )
    drawn = Counter(row["year"] for row in sample)
    code = [row for row in sample if row["readme_only"] == "0" and row["snapshot_date"]]
    spans = {"19-21": "2019 2020 2021", "22-23": "2022 2023", "24-25": "2024 2025"}
    for column, series in (("imports", "papers.code_imports"), ("declared", "papers.code_dependencies")):
        for framework in ("pytorch", "transformers", "onnx"):
            found = shares(first_drawn, series, "all", framework)
            for span, years in spans.items():
                weighted = [
                    (frame[row["year"]] / drawn[row["year"]], framework in row[column].split(";"))
                    for row in code
                    if row["year"] in years.split()
                ]
                hits = sum(weight for weight, is_hit in weighted if is_hit)
                assert found[span][:2] == (sum(is_hit for _, is_hit in weighted), len(weighted))
                assert found[span][2] == pytest.approx(100 * hits / sum(weight for weight, _ in weighted))
