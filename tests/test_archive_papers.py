"""The shipped figures of papers and MLPerf, through the views, against what the publishers printed."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from pipeline.archive.manifest import archived_records, read_manifest
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import load_records
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.views import deploy_views, migrate

SOURCES = ("conference_tracker", "paper_code_links", "paper_lists", "mlperf_training", "mlperf_inference")
ARCHIVE = Settings().archive_folder


@pytest.fixture(scope="module")
def shipped():
    """One warehouse with the shipped figures of these sources."""
    with open_warehouse(None) as connection:
        migrate(connection, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        deploy_views(connection)
        load_reference(connection, Settings().reference_folder)
        for source in read_manifest(ARCHIVE).source:
            if source.source_id in SOURCES:
                for record, records in archived_records(ARCHIVE, source):
                    load_records(connection, record, records)
        yield connection


def one(connection, sql, *values):
    return connection.execute(sql, list(values)).fetchall()[0]


def test_the_series_hold_their_rows(shipped):
    rows = shipped.execute(
        "select series_id, count(*), count(distinct population), min(year(period_start)), max(year(period_start)) "
        "from adoption where source_id in ('conference_tracker', 'paper_code_links', 'paper_lists', 'mlperf_training') "
        "group by all"
    ).fetchall()
    assert sorted(rows) == [
        ("mlperf.training_entries", 77, 1, 2019, 2025),
        ("papers.code_availability", 89, 19, 2014, 2025),
        ("papers.code_links", 127, 2, 2007, 2024),
        ("papers.conference_mentions", 70, 9, 2015, 2022),
    ]


def test_every_figure_has_a_segment_and_a_known_framework(shipped):
    assert shipped.execute("select series_id, population from adoption where break_id is null").fetchall() == []
    used = "select framework from adoption union select framework from paper_labels"
    assert shipped.execute(f"({used}) except select framework from frameworks").fetchall() == []
    sets = shipped.execute("select distinct unnest(string_split(label_set, '|')) from mlperf_label_sets").fetchall()
    known = shipped.execute("select framework from frameworks").fetchall()
    assert set(sets) - set(known) == {("",), ("unresolved",)}


# Conference tracker.

# Venue and year: PyTorch only, TensorFlow only, all papers; the published table of 22 October 2021.
FINAL_TABLE = {
    ("ECCV", 2018): (105, 109, 776),
    ("NeurIPS", 2015): (0, 0, 403),
    ("NeurIPS", 2016): (0, 21, 569),
    ("NeurIPS", 2017): (12, 85, 679),
    ("NeurIPS", 2018): (74, 127, 1009),
    ("NeurIPS", 2019): (182, 104, 1427),
    ("NeurIPS", 2020): (312, 94, 1898),
    ("ICLR", 2018): (28, 95, 337),
    ("ICLR", 2019): (86, 86, 502),
    ("ICLR", 2020): (169, 95, 687),
    ("ICLR", 2021): (756, 217, 3012),
    ("ICLR", 2022): (1091, 208, 3388),
    ("ACL", 2017): (1, 41, 302),
    ("ACL", 2018): (32, 41, 381),
    ("ACL", 2019): (127, 50, 720),
    ("ACL", 2020): (172, 36, 778),
    ("NAACL", 2018): (18, 50, 330),
    ("NAACL", 2019): (73, 33, 451),
    ("ICML", 2017): (4, 55, 434),
    ("ICML", 2018): (27, 64, 621),
    ("ICML", 2019): (76, 76, 773),
    ("ICML", 2020): (142, 71, 1084),
    ("ICML", 2021): (202, 58, 1183),
    ("CVPR", 2015): (0, 0, 602),
    ("CVPR", 2016): (0, 3, 643),
    ("CVPR", 2017): (0, 63, 783),
    ("CVPR", 2018): (89, 137, 979),
    ("CVPR", 2019): (294, 148, 1294),
    ("CVPR", 2020): (418, 113, 1467),
    ("EMNLP", 2017): (5, 44, 323),
    ("EMNLP", 2018): (60, 48, 549),
    ("EMNLP", 2019): (146, 38, 687),
    ("EMNLP", 2020): (247, 35, 751),
    ("ICCV", 2017): (3, 56, 621),
    ("ICCV", 2019): (263, 112, 1075),
}


def test_the_newest_version_is_the_published_table(shipped):
    rows = shipped.execute(
        "select population, year(period_start), framework, n, base, bound_low from adoption "
        "where series_id = 'papers.conference_mentions'"
    ).fetchall()
    found = {(venue, year, framework): (n, base, low) for venue, year, framework, n, base, low in rows}
    expected = {}
    for edition, (pytorch, tensorflow, papers) in FINAL_TABLE.items():
        for framework, n in (("pytorch", pytorch), ("tensorflow", tensorflow)):
            expected[(*edition, framework)] = (n, pytorch + tensorflow, pytest.approx(n / papers))
    assert found == expected


def test_cvpr_2020_has_its_interval_and_its_bounds(shipped):
    figure = one(
        shipped,
        "select share, interval_low, interval_high, bound_low, bound_high from adoption where framework = 'pytorch' "
        "and series_id = 'papers.conference_mentions' and population = 'CVPR' and period_start = date '2020-01-01'",
    )
    assert figure == pytest.approx((0.787, 0.750, 0.820, 0.285, 0.923), abs=5e-4)


def test_submissions_to_iclr_are_a_segment_of_their_own(shipped):
    rows = shipped.execute(
        "select break_id, list(distinct year(period_start) order by year(period_start)) from adoption "
        "where series_id = 'papers.conference_mentions' and population = 'ICLR' group by all order by 1"
    ).fetchall()
    assert rows == [("conference-accepted", [2018, 2019, 2020]), ("conference-iclr-submissions", [2021, 2022])]


def published_on(connection, day, venue, year):
    rows = connection.execute(
        "select n, base from adoption_as_published(?) where population = ? and year(period_start) = ? "
        "and framework = 'pytorch'",
        [day, venue, year],
    ).fetchall()
    return rows[0] if rows else None


def test_as_published_gives_the_figures_of_the_article(shipped):
    # The article of 10 October 2019: 69 % of CVPR, more than 75 % of NAACL and ACL, more than 50 % of ICLR and ICML.
    before, on_the_day = date(2019, 10, 9), date(2019, 10, 10)
    assert published_on(shipped, before, "CVPR", 2019) == (280, 405)
    assert published_on(shipped, on_the_day, "CVPR", 2019) == (283, 411)
    found = {venue: published_on(shipped, on_the_day, venue, 2019) for venue in ("NAACL", "ACL", "ICLR", "ICML")}
    assert found == {"NAACL": (70, 93), "ACL": (116, 152), "ICLR": (72, 124), "ICML": (70, 126)}


def test_keras_moved_acl_2019_in_april_2020_and_the_end_of_an_exclusion_all_venues_in_july(shipped):
    shares = {
        day: one(
            shipped,
            "select round(share, 3), ruleset_id from adoption_as_published(?) where population = ? and framework = ? "
            "and period_start = date '2019-01-01'",
            day,
            "ACL",
            "pytorch",
        )
        for day in (date(2019, 12, 31), date(2020, 5, 1), date(2020, 8, 1))
    }
    assert shares == {
        date(2019, 12, 31): (0.76, "conference-tracker-2019-10"),
        date(2020, 5, 1): (0.704, "conference-tracker-2020-04"),
        date(2020, 8, 1): (0.718, "conference-tracker-2020-07"),
    }
    assert published_on(shipped, date(2020, 7, 28), "CVPR", 2019) == (283, 419)
    assert published_on(shipped, date(2020, 7, 29), "CVPR", 2019) == (294, 442)


def test_as_published_holds_what_the_table_of_that_day_held(shipped):
    first, second = date(2019, 6, 24), date(2019, 9, 4)
    assert one(shipped, "select count(*) from adoption_as_published(?)", date(2019, 6, 23)) == (0,)
    assert published_on(shipped, first, "AISTATS", 2019) == (11, 31)
    assert published_on(shipped, second, "AISTATS", 2019) is None
    newest = "select population, period_start, framework, n, base from "
    assert (
        shipped.execute(
            f"({newest} adoption_as_published(date '2030-01-01')) except {newest} adoption "
            "where series_id = 'papers.conference_mentions'"
        ).fetchall()
        == []
    )


def test_all_twenty_versions_are_kept(shipped):
    assert one(
        shipped,
        "select count(distinct vintage_id), count(*), min(vintage_at), max(vintage_at), "
        "count(distinct vintage_id) filter (where bound_low is null) from adoption_vintages",
    ) == (20, 1050, datetime(2019, 6, 24, 21, 15, 18), datetime(2021, 10, 22, 18, 56, 43), 4)  # noqa: DTZ001
    submissions = shipped.execute(
        "select distinct population, year(period_start), as_of from adoption_vintages "
        "where paper_scope = 'submissions' order by all"
    ).fetchall()
    assert submissions == [
        ("ICLR", 2020, date(2019, 10, 10)),
        ("ICLR", 2021, date(2021, 2, 12)),
        ("ICLR", 2021, date(2021, 10, 22)),
        ("ICLR", 2022, date(2021, 10, 22)),
    ]


def label_sets(connection, venue, year, tier):
    rows = connection.execute(
        "select string_agg(framework, '|' order by framework) from paper_labels where source_id = 'conference_tracker' "
        "and venue = ? and subject_year = ? and tier = ? group by paper_id",
        [venue, year, tier],
    ).fetchall()
    return Counter(row[0] for row in rows)


def test_word_lists_reproduce_the_table_of_2018(shipped):
    # PyTorch: 95 papers less 6 that name both are the table's 89, and 115 less 10 its 105. TensorFlow lacks keras.
    assert label_sets(shipped, "CVPR", 2018, "mention") == {
        "pytorch": 89,
        "tensorflow": 137 - 7,
        "pytorch|tensorflow": 6,
    }
    assert label_sets(shipped, "ECCV", 2018, "mention") == {
        "pytorch": 105,
        "tensorflow": 109 - 4,
        "pytorch|tensorflow": 10,
    }


def test_editions_without_word_lists_have_no_labels(shipped):
    empty = {
        *(("ACL", 2019), ("ACL", 2020), ("EMNLP", 2019), ("EMNLP", 2020), ("ICCV", 2019), ("NeurIPS", 2019)),
        *(("NeurIPS", 2020), ("CVPR", 2020), ("ICML", 2020), ("ICML", 2021), ("ICLR", 2020), ("ICLR", 2021)),
        ("ICLR", 2022),
    }
    labelled = shipped.execute(
        "select distinct venue, subject_year from paper_labels where source_id = 'conference_tracker'"
    ).fetchall()
    assert not empty & set(labelled)
    assert len(labelled) == 23


def test_icml_2019_is_labelled_by_its_released_code(shipped):
    assert label_sets(shipped, "ICML", 2019, "mention") == {}
    assert label_sets(shipped, "ICML", 2019, "code_label") == {
        "pytorch": 127,
        "tensorflow": 118,
        "pytorch|tensorflow": 28,
    }
    assert one(
        shipped,
        "select count(*) filter (where repository is null), bool_and(is_official) from paper_labels "
        "where source_id = 'conference_tracker' and tier = 'code_label'",
    ) == (0, True)


# Links between papers and code.


def test_links_are_counted_by_label_as_published(shipped):
    rows = shipped.execute(
        "select framework, count(*), count(*) filter (where is_official) from paper_labels "
        "where source_id = 'paper_code_links' group by all"
    ).fetchall()
    assert {framework: (n, official) for framework, n, official in rows} == {
        "pytorch": (961, 637),
        "none": (909, 619),
        "tensorflow": (304, 124),
        "jax": (39, 29),
        "mindspore": (34, 0),
        "paddle": (32, 6),
        "mxnet": (8, 2),
        "caffe2": (6, 2),
        "torch7": (4, 2),
    }


# Year: PyTorch, TensorFlow and all links, with PyTorch's percent of the two, as published.
LINKS_BY_YEAR = {
    2012: (1, 1, 13, 50.0),
    2014: (2, 11, 40, 15.4),
    2015: (24, 17, 78, 58.5),
    2016: (15, 16, 68, 48.4),
    2017: (49, 46, 171, 51.6),
    2018: (65, 64, 215, 50.4),
    2019: (97, 34, 245, 74.0),
    2020: (111, 37, 273, 75.0),
    2021: (146, 23, 295, 86.4),
    2022: (168, 18, 318, 90.3),
    2023: (183, 14, 332, 92.9),
    2024: (37, 3, 87, 92.5),
}


def test_links_by_the_papers_year_as_published(shipped):
    rows = shipped.execute(
        "select year(period_start), pytorch_n, tensorflow_n, round(100 * pytorch_share, 1), "
        "(select any_value(base) from adoption figure where figure.series_id = two_way.series_id "
        "and figure.population = two_way.population and figure.period_start = two_way.period_start) "
        "from two_way where series_id = 'papers.code_links' and population = 'all'"
    ).fetchall()
    assert {
        year: (pytorch, tensorflow, base, percent) for year, pytorch, tensorflow, percent, base in rows
    } == LINKS_BY_YEAR


def test_a_year_of_links_leads_only_where_a_random_sample_of_its_size_would_show_it(shipped):
    """65 links against 64 are no lead, and no reason to say when the lead changed hands."""
    of_links = "series_id = 'papers.code_links' and population = 'all'"
    leads = f"select year(period_start), leader from two_way where {of_links}"
    told = dict(shipped.execute(leads).fetchall())
    assert {year for year, leader in told.items() if leader == "pytorch"} == set(range(2019, 2025))
    assert {year for year, leader in told.items() if leader == "tensorflow"} == {2014}


def test_shares_of_links_add_to_one_and_none_is_a_row(shipped):
    rows = shipped.execute(
        "select sum(share), count(*) filter (where framework = 'none') from adoption "
        "where series_id = 'papers.code_links' group by population, period_start"
    ).fetchall()
    assert {none for _, none in rows} == {1}
    assert [total for total, _ in rows] == pytest.approx([1.0] * len(rows))


# Lists of conference papers.

# Percent of rows with any link, as published: usable and refused ones together.
ANY_LINK_PERCENT = {
    ("WACV", 2020): 10.6,
    ("WACV", 2023): 29.9,
    ("WACV", 2025): 38.9,
    ("NAACL", 2021): 31.5,
    ("NAACL", 2024): 40.7,
}
USABLE_PERCENT = {
    ("WACV", 2020): 9.5,
    ("WACV", 2023): 28.8,
    ("WACV", 2025): 36.0,
    ("NAACL", 2021): 31.1,
    ("NAACL", 2024): 39.9,
}


def test_usable_links_and_the_published_share_of_any_link(shipped):
    rows = shipped.execute(
        "select population, year(period_start), round(100 * share, 1), round(100 * bound_high, 1) "
        "from adoption where series_id = 'papers.code_availability'"
    ).fetchall()
    usable = {(venue, year): share for venue, year, share, _ in rows}
    with_refused = {(venue, year): high for venue, year, _, high in rows}
    assert {edition: usable[edition] for edition in USABLE_PERCENT} == USABLE_PERCENT
    assert {edition: with_refused[edition] for edition in ANY_LINK_PERCENT} == ANY_LINK_PERCENT


def test_editions_nobody_collected_have_no_row_and_old_lists_are_preliminary(shipped):
    assert one(
        shipped,
        "select count(*), count(*) filter (where is_collected), count(*) filter (where not is_newest_list), "
        "sum(papers_count), sum(usable_count), sum(junk_count) from core.code_availability",
    ) == (277, 89, 35, 155_387, 11_616, 928)
    rows = shipped.execute(
        "select population, year(period_start), is_preliminary from adoption "
        "where series_id = 'papers.code_availability'"
    ).fetchall()
    shown = {(venue, year): is_preliminary for venue, year, is_preliminary in rows}
    assert not {("ICML", 2020), ("NeurIPS", 2023), ("NeurIPS", 1993), ("AISTATS", 2003)} & set(shown)
    assert shown["CVPR", 2025]
    assert shown["ICCV", 2025]
    assert not shown["WACV", 2025]
    assert min(year for _, year in shown) > 2008, "GitHub opened in 2008"


def test_abstracts_name_frameworks_as_published(shipped):
    rows = shipped.execute(
        "select framework, count(*) from paper_labels where source_id = 'paper_lists' group by all"
    ).fetchall()
    assert dict(rows) == {
        "pytorch": 72,
        "tensorflow": 45,
        "hugging-face": 35,
        "paddle": 27,
        "jax": 18,
        "caffe": 12,
        "torch7": 8,
        "mindspore": 5,
        "keras": 3,
        "theano": 2,
        "mxnet": 1,
    }
    papers = "select count(distinct paper_id) from paper_labels where source_id = 'paper_lists'"
    assert one(shipped, papers) == (210,)


# MLPerf Training.

# Round: entries naming only PyTorch, TensorFlow, MXNet, JAX, and entries naming exactly one, as published.
SINGLE_LABEL_ENTRIES = {
    "v0.6": (25, 30, 7, 0, 62),
    "v0.7": (55, 42, 17, 4, 123),
    "v1.0": (29, 24, 51, 1, 116),
    "v2.0": (64, 28, 30, 0, 142),
    "v3.0": (35, 4, 15, 0, 54),
    "v3.1": (47, 2, 25, 0, 78),
    "v4.0": (83, 0, 18, 4, 119),
    "v4.1": (60, 0, 0, 11, 85),
    "v5.0": (78, 0, 0, 1, 103),
    "v5.1": (123, 0, 0, 0, 133),
}


def test_entries_that_name_one_framework_as_published(shipped):
    columns = ", ".join(
        f"coalesce(sum(entries_count) filter (where label_set = '{name}'), 0)::int"
        for name in ("pytorch", "tensorflow", "mxnet", "jax")
    )
    rows = shipped.execute(
        f"select round, {columns}, sum(entries_count)::int from mlperf_label_sets "
        "where frameworks_count = 1 and competition = 'MLPerf Training' group by round"
    ).fetchall()
    found = {name: tuple(counts) for name, *counts in rows}
    assert {name: found[name] for name in SINGLE_LABEL_ENTRIES} == SINGLE_LABEL_ENTRIES
    assert set(found) - set(SINGLE_LABEL_ENTRIES) == {"v1.1", "v2.1"}


def test_entries_that_name_several_are_counted_apart(shipped):
    assert one(
        shipped,
        "select sum(entries_count), sum(entries_count) filter (where frameworks_count > 1), "
        "sum(entries_count) filter (where frameworks_count = 0) from mlperf_label_sets "
        "where competition = 'MLPerf Training'",
    ) == (1981, 759, 63)
    by_year = shipped.execute(
        "select distinct year(period_start), base from metric.mlperf_entries "
        "where series_id = 'mlperf.training_entries' order by 1"
    ).fetchall()
    assert by_year == [(2019, 62), (2020, 123), (2021, 180), (2022, 222), (2023, 132), (2024, 204), (2025, 236)]
    tensorflow_2025 = (
        "select n, base, share, interval_high, interval_method from adoption "
        "where series_id = 'mlperf.training_entries' and framework = 'tensorflow' and period_start = date '2025-01-01'"
    )
    assert one(shipped, tensorflow_2025) == (0, 236, 0, None, "none: complete count without a sample")


def test_inference_results_are_all_there_with_automated_runs_apart(shipped):
    groups = shipped.execute(
        "select entry_group, sum(entries_count)::int from mlperf_label_sets where competition = 'MLPerf Inference' "
        "group by 1 order by 1"
    ).fetchall()
    assert groups == [("automated runs", 24_179), ("closed division", 5_736), ("open division", 346)]
    closed_2024 = (
        "select n, base, interval_low from adoption where series_id = 'mlperf.inference_entries' "
        "and population = 'closed division' and framework = 'tensorrt' and period_start = date '2024-01-01'"
    )
    assert one(shipped, closed_2024) == (1_444, 1_698, None)


def test_only_counts_labels_and_identifiers_are_shipped():
    files = [file for source in read_manifest(ARCHIVE).source if source.source_id in SOURCES for file in source.file]
    sizes = {file.name: (ARCHIVE / file.name).stat().st_size for file in files}
    assert sum(sizes.values()) < 1_600_000, sizes
    for name in sizes:
        header = (ARCHIVE / name).read_text(encoding="utf-8").partition("\n")[0].split(",")
        assert not {"title", "abstract", "authors", "name", "keywords"} & set(header), name
        cells = (ARCHIVE / name).read_text(encoding="utf-8").replace("\n", ",").split(",")
        assert max(len(cell.split(" ")) for cell in cells) <= 2, f"{name} holds a sentence"


def test_the_known_bias_of_a_series_gives_counted_figures(shipped):
    bias = dict(shipped.execute("select series_id, known_bias from series").fetchall())
    assert "(39.8 % of the links)" in bias["papers.code_links"]
    assert "0.0 % (v0.6) to 69.2 % (v3.0) of a round's entries" in bias["mlperf.training_entries"]
    assert "only an unknown share of its users" in bias["papers.conference_mentions"]
