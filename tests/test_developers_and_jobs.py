"""Developers by economy and job posts: small raw files, and the shipped figures against the raw ones."""

import csv
from collections import Counter
from datetime import date

import pytest
from sample_source import page_of

from pipeline.archive.counts import HIRING_IMPORTER, TOPICS_IMPORTER
from pipeline.errors import BadInput, LayoutChanged
from pipeline.sources import hn_who_is_hiring
from pipeline.sources.source import months

PUSHERS, POSTS = TOPICS_IMPORTER, HIRING_IMPORTER


def rows_of(importer, folder, text):
    (folder / importer.files[0].raw_file).write_text(text, encoding="utf-8")
    return list(importer.files[0].read(folder, importer.stamp))


PUSHER_LINES = (
    "year,quarter,topic,iso2_code,num_pushers\n2025,1,pytorch,IN,438\n"
    "2024,4,tensorflow2,IN,200\n2025,3,pytorch,EU,470\n2025,3,jax,US,229\n"
)


def test_a_quarter_has_its_days_and_a_second_topic_and_the_sum_of_members_are_left_out(tmp_path):
    rows = {row.subject: row for row in rows_of(PUSHERS, tmp_path, PUSHER_LINES)}
    assert set(rows) == {"India: pytorch", "United States: jax"}
    assert (rows["India: pytorch"].period_start, rows["India: pytorch"].period_end) == (
        date(2025, 1, 1),
        date(2025, 3, 31),
    )
    assert rows["United States: jax"].period_end == date(2025, 9, 30)


@pytest.mark.parametrize(
    ("old", "new"), [(",IN,438", ",XK,438"), (",IN,438", ",IN,many"), ("2025,1,pytorch", "x,1,pytorch")]
)
def test_an_odd_cell_of_the_graph_is_refused(tmp_path, old, new):
    with pytest.raises(BadInput):
        rows_of(PUSHERS, tmp_path, PUSHER_LINES.replace(old, new, 1))


POST_LINES = (
    "month,posts,term,posts_naming\n2014-12,50,Keras,0\n2024-01,100,PyTorch,3\n2024-01,100,AI,40\n"
    "2024-02,120,PyTorch,4\n2024-02,120,AI,50\n"
)


def test_months_are_summed_and_the_last_year_ends_with_its_last_month(tmp_path):
    rows = {row.subject: row for row in rows_of(POSTS, tmp_path, POST_LINES)}
    assert set(rows) == {"all posts: PyTorch", "all posts: posts"}
    assert (rows["all posts: PyTorch"].items_count, rows["all posts: posts"].items_count) == (7, 220)
    assert {row.period_end for row in rows.values()} == {date(2024, 2, 29)}


@pytest.mark.parametrize(
    ("old", "new"), [("100,AI", "101,AI"), ("2024-01,100,Py", "soon,100,Py"), (",PyTorch,3", ",PyTorch,x")]
)
def test_an_odd_cell_of_the_posts_is_refused(tmp_path, old, new):
    with pytest.raises(BadInput):
        rows_of(POSTS, tmp_path, POST_LINES.replace(old, new, 1))


def threads_of(window, *titles):
    (asked,) = hn_who_is_hiring.SOURCE.starts(window, False)
    return page_of({"hits": [{"objectID": str(number), "title": title} for number, title in enumerate(titles)]}, asked)


def test_a_month_that_has_no_thread_yet_is_no_fault_and_one_that_is_over_is_one():
    """The page is seen on 15 January 2026."""
    december, january = list(months(date(2025, 12, 1), date(2026, 1, 15)))
    early = threads_of(january, "Ask HN: Who wants to be hired? (January 2026)")
    assert list(hn_who_is_hiring.SOURCE.details(early)) == list(hn_who_is_hiring.SOURCE.parse(early)) == []
    with pytest.raises(LayoutChanged, match=r"names no thread 'Ask HN: Who is hiring\? \(December 2025\)'"):
        list(hn_who_is_hiring.SOURCE.details(threads_of(december, "Ask HN: Who is hiring? (November 2025)")))


def test_of_two_threads_of_a_month_the_newer_one_is_read():
    (january,) = months(date(2026, 1, 1), date(2026, 1, 15))
    title = "Ask HN: Who is hiring? (January 2026)"
    (asked,) = hn_who_is_hiring.SOURCE.details(threads_of(january, "Another", title, title))
    assert asked.url.endswith("/items/1")


def developers(connection, economy, quarter_start):
    return dict(
        connection.execute(
            "select framework, n from adoption where series_id = 'github.topic_pushers' and population = ? "
            "and period_start = ?",
            [economy, quarter_start],
        ).fetchall()
    )


def test_the_two_countries_are_the_other_way_round(shipped):
    summer = date(2025, 7, 1)
    united_states, india = (developers(shipped, name, summer) for name in ("United States", "India"))
    assert (united_states["pytorch"], united_states["tensorflow"], united_states["jax"]) == (1277, 457, 229)
    assert (india["pytorch"], india["tensorflow"]) == (438, 544)
    leaders = shipped.execute(
        "select population, leader, interval_low, interval_method from two_way where period_start = ? and "
        "series_id = 'github.topic_pushers' and population in ('United States', 'India') order by population",
        [summer],
    ).fetchall()
    assert leaders == [
        ("India", "tensorflow", None, "none: complete count without a sample"),
        ("United States", "pytorch", None, "none: complete count without a sample"),
    ]


def test_the_words_say_who_is_ahead_and_name_no_number_below_a_hundred(shipped):
    words = dict(
        shipped.execute("select distinct economy, words from developers_by_economy where is_newest").fetchall()
    )
    assert words["United States"] == "PyTorch ahead, 1,277 to 457"
    assert words["India"] == "TensorFlow ahead, 544 to 438"
    assert words["Germany"] == "PyTorch ahead, 298 to under 100"
    assert "European Union" not in words


def test_below_a_hundred_is_missing_and_no_share_has_a_base(shipped):
    assert developers(shipped, "Germany", date(2025, 4, 1)) == {"pytorch": 284, "tensorflow": 113}
    assert developers(shipped, "Germany", date(2025, 7, 1)) == {"pytorch": 298}
    least, bases = shipped.execute(
        "select min(n), count(base) from adoption where series_id = 'github.topic_pushers'"
    ).fetchall()[0]
    assert (least >= 100, bases) == (True, 0)


def test_posts_have_the_published_counts_and_their_intervals(shipped):
    rows = shipped.execute(
        "select year(period_start), framework, n, base, interval_low < share and share < interval_high, is_preliminary "
        "from adoption where series_id = 'jobs.hiring_posts' and framework <> 'keras' and year(period_start) in "
        "(2020, 2022, 2024) order by all"
    ).fetchall()
    assert [(year, name, n) for year, name, n, *_ in rows] == [
        (2020, "pytorch", 62),
        (2020, "tensorflow", 123),
        (2022, "pytorch", 92),
        (2022, "tensorflow", 43),
        (2024, "pytorch", 19),
        (2024, "tensorflow", 10),
    ]
    assert {base for year, _, _, base, *_ in rows if year == 2024} == {1639}
    assert all(has_interval and not is_preliminary for *_, has_interval, is_preliminary in rows)


def test_the_shipped_counts_agree_with_the_raw_files(shipped, raw_data):
    with (raw_data / PUSHERS.raw_folder / PUSHERS.files[0].raw_file).open(encoding="utf-8", newline="") as file:
        published = [
            row
            for row in csv.DictReader(file)
            if row["topic"] in {"pytorch", "tensorflow"} and row["iso2_code"] != "EU"
        ]
    held = Counter(
        shipped.execute(
            "select framework, year(period_start), quarter(period_start), n from adoption "
            "where series_id = 'github.topic_pushers' and framework in ('pytorch', 'tensorflow')"
        ).fetchall()
    )
    assert len(published) == 327
    assert held == Counter(
        (row["topic"], int(row["year"]), int(row["quarter"]), int(row["num_pushers"])) for row in published
    )
    with (raw_data / POSTS.raw_folder / POSTS.files[0].raw_file).open(encoding="utf-8", newline="") as file:
        naming = Counter[int]()
        for row in csv.DictReader(file):
            naming[int(row["month"][:4])] += int(row["posts_naming"]) if row["term"] == "Keras" else 0
    posts = shipped.execute(
        "select year(period_start), n from adoption where series_id = 'jobs.hiring_posts' and framework = 'keras'"
    ).fetchall()
    assert dict(posts) == {year: count for year, count in naming.items() if year >= 2015}
