"""Headlines: the newest sound series speaks, in the tense of its age, with its direction; any framework can lead."""

import re
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pandas as pd
import pytest
from published import computed_once, put_measured

from pipeline.claims import wording
from pipeline.claims.headlines import conclusions, over_all
from pipeline.claims.performance import verdict_of
from pipeline.jobs.sources import headlines, rows_of_headlines
from pipeline.reference.lists import read_lists
from pipeline.warehouse.reference import load_reference

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
TODAY = date(2026, 8, 20)
DEFAULTS = {"VARCHAR": "x", "BOOLEAN": "false", "JSON": "{}", "TIMESTAMP": "2026-08-20", "DATE": "2026-08-20"}


class Evidence:
    """A warehouse with the project's reference lists, into which tests put counts."""

    def __init__(self, connection):
        self.connection = connection
        load_reference(connection, REFERENCE)

    def put(self, table, **row):
        needed = self.connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name || '.' || table_name = ? and not is_nullable",
            [table],
        ).fetchall()
        given = {name: DEFAULTS.get(kind, "0") for name, kind in needed} | row
        marks = ", ".join("?" * len(given))
        self.connection.execute(f"insert into {table} ({', '.join(given)}) values ({marks})", list(given.values()))

    def downloads(self, month, counted_by="pypistats", seen_on=TODAY, **downloads):
        """Put the downloads of one month, by package."""
        last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        source, scope, system = {
            "pypistats": ("package_downloads", "all clients but mirrors", "pypistats"),
            "lists": ("package_index", "all clients", "bigquery"),
        }[counted_by]
        for package, downloads_count in downloads.items():
            self.put(
                "core.download_window",
                source_id=source,
                package=package,
                client_scope=scope,
                counting_system=system,
                window_start=month,
                window_end=last,
                downloads_count=downloads_count,
                seen_at=seen_on,
            )

    def papers(self, month, classes="cs.LG", **papers):
        """Put the papers of a month that name each framework, and the models on the hub as of today."""
        for framework, models_count in papers.items():
            self.put(
                "core.period_count",
                source_id="hub_models",
                measure="models",
                subject=f"models tagged with it: {framework}",
                framework=framework,
                period_start=month,
                period_end=month,
                observed_on=month,
                items_count=models_count,
            )

    def said(self, topic, pair=None):
        (said,) = self.conclusions([each for each in read_lists(REFERENCE).headline if each.id == topic], pair)
        return said

    def conclusions(self, topics, pair=None):
        frames = {}

        def view(name, where=None, order_by=()):
            if name not in frames:
                frames[name] = self.connection.execute(f"select * from {name}").df()
            frame = frames[name]
            for column, wanted in (where or {}).items():
                frame = frame[frame[column] == wanted]
            return frame.sort_values(list(order_by), kind="stable") if order_by else frame

        with computed_once(self.connection, "adoption", "pairwise"):
            return conclusions(view, topics, pair)


@pytest.fixture
def evidence(warehouse):
    return Evidence(warehouse)


def test_a_newer_live_figure_speaks_and_the_older_one_it_contradicts_is_named(evidence):
    evidence.downloads(date(2026, 3, 1), counted_by="lists", torch=800, tensorflow=200)
    assert evidence.said("installs").verdict == "PyTorch leads"
    evidence.downloads(date(2026, 7, 1), torch=100, tensorflow=900)
    said = evidence.said("installs")
    assert (said.verdict, said.leader, said.series_id) == ("TensorFlow leads", "tensorflow", "downloads.pypistats")
    assert "July 2026: TensorFlow 900, PyTorch 100" in said.sentence
    assert re.search(r"An older source says otherwise: PyTorch led in .*, 2026", said.sentence)


def test_of_two_equally_new_ones_the_more_trusted_speaks(evidence):
    for counted_by in ("lists", "pypistats"):
        evidence.downloads(date(2026, 7, 1), counted_by=counted_by, torch=800, tensorflow=200)
    assert evidence.said("installs").series_id == "downloads.pypistats"


def test_any_framework_can_lead(evidence):
    evidence.downloads(date(2026, 6, 1), jax=500, torch=300, tensorflow=100, keras=50)
    evidence.downloads(date(2026, 7, 1), jax=700, torch=300, tensorflow=100, keras=50)
    said = evidence.said("installs")
    assert (said.verdict, said.leader) == ("JAX leads", "jax")
    assert "JAX 700, PyTorch 300, TensorFlow 100, Keras 50" in said.sentence
    assert "Against PyTorch, JAX has 70.0 %, up from 62.5 % in June 2026 (one month)" in plain(said.sentence)


def test_any_pair_can_be_asked_for(evidence):
    evidence.downloads(date(2026, 7, 1), jax=100, torch=800, tensorflow=200, keras=150)
    said = evidence.said("installs", ("jax", "keras"))
    assert (said.verdict, said.leader) == ("Keras leads", "keras")
    assert "JAX 100, Keras 150" in said.sentence
    assert "Against Keras, JAX has 40.0 %" in plain(said.sentence)
    assert evidence.said("installs", ("jax", "mxnet")).verdict == "No figure for both"


def test_a_lead_of_less_than_five_points_is_narrow_of_all_and_of_a_pair(evidence):
    evidence.downloads(date(2026, 7, 1), torch=5200, tensorflow=4800, jax=100)
    assert evidence.said("installs").verdict == "PyTorch narrowly leads"
    assert evidence.said("installs", ("tensorflow", "pytorch")).verdict == "PyTorch narrowly leads"
    assert evidence.said("installs", ("tensorflow", "jax")).verdict == "TensorFlow leads"


@pytest.mark.parametrize(
    ("month", "verdict", "verb"),
    [
        (date(2026, 1, 1), "PyTorch leads", "has"),
        (date(2025, 6, 1), "PyTorch led", "had"),
        (date(2024, 2, 1), "PyTorch led in 2024; nothing newer on file", "had"),
    ],
)
def test_the_tense_follows_the_age(evidence, month, verdict, verb):
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    evidence.downloads(month, torch=800, tensorflow=200, seen_on=last)
    evidence.put("core.repository_day", repository="pytorch/pytorch", observed_on=TODAY, seen_at=TODAY)
    said = evidence.said("installs")
    assert said.verdict == verdict
    assert f"PyTorch {verb} 80.0 %" in plain(said.sentence)
    assert f"{month:%B %Y}" in said.sentence
    assert said.age_days == (TODAY - last).days


def test_the_direction_is_that_of_a_year_where_there_is_one(evidence):
    for month, torch in ((date(2025, 7, 1), 600), (date(2026, 1, 1), 100), (date(2026, 7, 1), 800)):
        evidence.downloads(month, torch=torch, tensorflow=1000 - torch)
    assert "has 80.0 %, up from 60.0 % in July 2025 (a year)" in plain(evidence.said("installs").sentence)


def test_no_direction_crosses_a_break(evidence):
    evidence.downloads(date(2024, 9, 1), counted_by="lists", torch=100, tensorflow=900)
    evidence.downloads(date(2026, 7, 1), counted_by="lists", torch=800, tensorflow=200)
    assert "no comparable earlier figure exists" in evidence.said("installs").sentence


def test_from_too_few_there_is_a_figure_and_no_verdict(evidence):
    evidence.downloads(date(2026, 7, 1), torch=40, tensorflow=10)
    said = evidence.said("installs")
    assert (said.verdict, said.leader, said.soundness) == ("Cannot tell", "", "too few")
    assert "PyTorch 40, TensorFlow 10" in said.sentence
    assert "Too few for a verdict." in said.sentence


def test_an_older_sound_figure_speaks_in_place_of_a_newer_one_from_too_few(evidence):
    evidence.downloads(date(2026, 6, 1), counted_by="lists", torch=800, tensorflow=200)
    evidence.downloads(date(2026, 7, 1), torch=4, tensorflow=10)
    assert evidence.said("installs").series_id == "downloads.package_index"


def test_a_source_whose_delivery_was_set_aside_leaves_the_word_to_another(evidence):
    evidence.downloads(date(2026, 6, 1), counted_by="lists", torch=800, tensorflow=200)
    evidence.downloads(date(2026, 7, 1), torch=100, tensorflow=900)
    evidence.put("ops.quarantine", source_id="package_downloads", window_id="2026-08", reason="half of it is gone")
    said = evidence.said("installs")
    assert (said.verdict, said.soundness) == ("PyTorch leads", "sound")
    assert "Another source says otherwise: TensorFlow led" in said.sentence


def test_a_series_that_misses_its_own_rhythm_leaves_the_word_to_one_that_keeps_it(evidence):
    for month in (8, 9, 10, 11):
        evidence.downloads(date(2025, month, 1), torch=100, tensorflow=900)
    for year in (2023, 2024, 2025):
        evidence.downloads(date(year, 9, 1), counted_by="lists", torch=800, tensorflow=200)
    said = evidence.said("installs")
    assert (said.series_id, said.soundness) == ("downloads.package_index", "sound")


def test_a_topic_without_figures_says_so(evidence):
    said = evidence.said("hubs")
    assert (said.verdict, said.leader, said.grounds) == ("Nothing on file", "", ())
    assert "`observatory " in said.sentence


def test_a_snapshot_has_no_direction_until_there_is_a_second(evidence):
    evidence.papers(TODAY, pytorch=900, jax=100)
    assert "no comparable earlier figure exists" in evidence.said("hubs").sentence


def test_one_sentence_over_all_names_leaders_by_topic_in_the_tense_of_their_age(evidence):
    evidence.downloads(date(2024, 7, 1), torch=100, tensorflow=900)
    evidence.papers(TODAY, pytorch=900, jax=100)
    topics = read_lists(REFERENCE).headline
    text = over_all(evidence.conclusions(topics), {topic.id: topic.short for topic in topics})
    assert text.startswith("PyTorch leads in published models; TensorFlow led in installs when last counted; nothing ")
    assert text.endswith("; on this machine: not measured.")
    assert all(text.count(topic.short) == 1 for topic in topics)


def test_a_change_has_its_direction_beside_the_words(evidence):
    for month, torch in ((date(2025, 7, 1), 600_000), (date(2026, 7, 1), 800_000)):
        evidence.downloads(month, torch=torch, tensorflow=200_000)
    said = evidence.said("installs")
    assert said.direction == "up"
    assert re.fullmatch(r"PyTorch against TensorFlow: 80.0.%, up from 75.0.% in July 2025 \(a year\)\.", said.moved)


def put_in_further_cases(connection, count, run_id="r1"):
    """Put what was measured in a case into others of the same figures."""
    for table in ("core.bench_variant", "core.derived_performance"):
        connection.execute(
            f"insert into {table} by name select kept.* replace (concat_ws('+', case_name, place, $1) as case_name) "
            f"from {table} kept, range($1) further (place) where run_id = $2", [count, run_id]
        )  # fmt: skip


def test_the_machine_measured_last_names_its_fastest_from_five_sure_cases_on(warehouse):
    put_measured(warehouse)
    put_in_further_cases(warehouse, 3)
    said = Evidence(warehouse).said("speed")
    assert (said.verdict, said.leader) == ("Cannot tell", "")
    assert "TensorFlow has the shortest step in 4 of 4 cases, surely in 4" in said.sentence
    assert said.sentence.count("It takes 5 sure cases to name a framework; 4 are sure.") == 2
    put_in_further_cases(warehouse, 1)
    said = Evidence(warehouse).said("speed")
    assert (said.verdict, said.leader) == ("TensorFlow compiled and PyTorch eager are fastest", "")
    assert "TensorFlow has the shortest step in 8 of 8 cases, surely in 8" in said.sentence
    assert "It takes" not in said.sentence
    warehouse.execute("update core.derived_performance set ratio_low = 0.9, ratio_high = 3 where mode = 'eager' "
                      "and framework = 'tensorflow'")  # fmt: skip
    assert Evidence(warehouse).said("speed").verdict == "TensorFlow compiled is fastest"
    warehouse.execute("update core.derived_performance set stability = 'unstable'")
    assert Evidence(warehouse).said("speed").verdict == "TensorFlow compiled is fastest"
    warehouse.execute("update core.derived_performance set stability = 'too few samples'")
    said = Evidence(warehouse).said("speed")
    assert said.verdict == "Cannot tell"
    assert re.search(r"Of \d+ measured steps 0 have samples enough, .* Run `observatory bench`", said.sentence)


def test_another_machine_speaks_first_where_this_one_is_sure_in_too_few_cases(warehouse):
    put_measured(warehouse)
    warehouse.execute("insert into core.machine by name select machine.* replace ('m2' as machine_id, "
                      "'A large one' as title, true as is_imported) from core.machine machine")  # fmt: skip
    for table in ("core.bench_run", "core.bench_variant", "core.derived_performance"):
        of_machine = ", 'm2' as machine_id" if table == "core.bench_run" else ""
        warehouse.execute(f"insert into {table} by name select kept.* replace ('r2' as run_id{of_machine}) "
                          f"from {table} kept")  # fmt: skip
    assert Evidence(warehouse).said("speed").verdict == "Cannot tell", "neither has enough, so this one speaks"
    put_in_further_cases(warehouse, 4, "r2")
    said = Evidence(warehouse).said("speed")
    assert said.verdict.startswith("Too few sure cases here; on another machine: TensorFlow compiled and PyTorch eager")
    here, elsewhere = said.sentence.split("On another machine: ")
    assert here.count("in 1 of 1 case, surely in 1. It takes 5 sure cases to name a framework; 1 are sure.") == 2
    assert "TensorFlow has the shortest step in 5 of 5 cases, surely in 5." in elsewhere
    assert said.grounds[0].startswith("Another machine, A large one")


@pytest.mark.parametrize(
    ("leaders", "verdict", "leader"),
    [
        ([("compiled", "jax"), ("eager", "jax")], "JAX is fastest", "jax"),
        ([("compiled", "jax"), ("eager", "pytorch")], "JAX compiled and PyTorch eager are fastest", ""),
        ([("compiled", "jax"), ("eager", "cannot tell")], "JAX compiled is fastest", "jax"),
        ([("compiled", "depends on the case"), ("eager", "cannot tell")], "It depends", ""),
        ([("eager", "cannot tell")], "Cannot tell", ""),
    ],
)
def test_the_verdict_on_speed_names_the_mode(leaders, verdict, leader):
    assert verdict_of(leaders) == (verdict, leader)


@pytest.fixture(scope="module")
def said(published_archive):
    """What the page says of the archive that ships, by topic."""
    return {each.title: each for each in headlines(published_archive, REFERENCE)}


def test_every_topic_has_one_headline(said):
    assert list(said) == [each.title for each in read_lists(REFERENCE).headline]


def test_every_figure_says_its_direction_or_that_there_is_none(said):
    for each in said.values():
        if each.age_days is not None:
            assert re.search(r"up from|down from|, as in|no sure change|no comparable|no direction", each.sentence)


def test_old_verdicts_carry_their_date(said):
    old = [each for each in said.values() if each.age_days is not None and each.age_days > 730]
    assert old
    for each in old:
        assert re.search(r"(led in|for) \d{4}.*; nothing newer on file$", each.verdict)


def test_ages_stand_in_the_list_and_their_median_is_at_most_400_days(said):
    shown = [row[3] for row in rows_of_headlines(list(said.values()))]
    ages = [int(age) for age in shown if age]
    assert len(ages) >= 6
    assert median(ages) <= 400


def test_a_survey_that_is_contradicted_by_an_older_one_says_so(said):
    surveys = said["What people say they use"]
    assert surveys.leader == "pytorch"
    assert "An older source says otherwise: TensorFlow led in “Kaggle’s survey”, 2022." in surveys.sentence


def test_a_narrow_lead_is_said_to_be_one_and_the_group_that_does_not_share_it_is_named(said):
    surveys = said["What people say they use"]
    assert (surveys.verdict, surveys.degree) == ("PyTorch narrowly led in 2024; nothing newer on file", "narrowly")
    assert "No sure lead (professional developers): PyTorch 50.8 % (49.5–52.0 %) against TensorFlow." in plain(
        surveys.sentence
    )
    assert "other coders" not in surveys.sentence, "PyTorch leads there as well"
    assert surveys.sentence.index("developers)") < surveys.sentence.index("(learning to code)"), (
        "the larger group first"
    )
    shorts = {each.id: each.short for each in read_lists(REFERENCE).headline}
    assert "developers (mostly) and surveys (narrowly) when last counted" in over_all(said.values(), shorts)


def test_a_weighted_share_is_said_to_be_one_beside_its_counts(said):
    grounds = plain(said["What paper code is written in"].grounds[0])
    assert "99.8 % of PyTorch and TensorFlow (235 of 236; 95 % interval 97.6–100.0 %, weighted by the size" in grounds
    surveys = plain(said["What people say they use"].grounds[0])
    assert "95 % interval 50.1–52.1 %, however many named both);" in surveys


def test_a_reversal_in_one_population_is_named(said):
    developers = said["Who develops with it"]
    assert developers.verdict == "PyTorch mostly led"
    assert "(United States), July to September 2025: PyTorch 1,277, TensorFlow 457" in developers.sentence
    assert "The other way round in India: TensorFlow 544, PyTorch 438." in developers.sentence


def test_paper_code_of_other_venues_gets_no_arrow(said):
    own_code = said["What paper code is written in"]
    assert (own_code.verdict, own_code.series_id) == ("PyTorch leads", "papers.code_own_framework")
    assert "no direction is given" in own_code.sentence


def test_a_complete_count_has_no_interval(said):
    assert "no interval: complete count" in said["What industry enters"].grounds[0]


def test_grounds_carry_population_count_source_and_day(said):
    text = plain(said["What is installed"].grounds[0])
    for part in ("all clients", "March 2026", "78.1 %", "87,347,847 of 111,902,171", "as of 1 Apr 2026", "PyPI"):
        assert part in text


def test_an_interval_of_a_survey_counts_people_where_their_answers_are_known(published_archive):
    from pipeline.metrics.read import read_view

    where = {"series_id": "survey.kaggle", "population": "ML engineers", "period_start": date(2022, 1, 1)}
    (row,) = read_view(published_archive, "two_way", where).itertuples()
    assert row.both_n > 0
    assert (row.interval_low, row.interval_high) == (pytest.approx(0.456, abs=5e-4), pytest.approx(0.503, abs=5e-4))
    assert row.interval_method == "95 %, each respondent once"
    others = read_view(
        published_archive, "two_way", {"series_id": "survey.stackoverflow", "period_start": date(2024, 1, 1)}
    )
    assert set(others["interval_method"]) == {"bounds: 95 %, however many named both"}


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("function", "given", "written"),
    [
        (wording.percent, (0.78666,), "78.7 %"),
        (wording.percent, (None,), "unknown"),
        (wording.percent, (float("nan"),), "unknown"),
        (wording.interval, (0.75, 0.82), "75.0–82.0 %"),
        (wording.interval, (None, 0.82), "no interval"),
        (wording.count, (1234567,), "1,234,567"),
        (wording.count, (12.0,), "12"),
        (wording.count, (pd.NA,), "unknown"),
        (wording.amount, (87347847,), "87.3 million"),
        (wording.amount, (12365,), "12,365"),
        (wording.amount, (None,), "unknown"),
        (wording.span, (9,), "nine months"),
        (wording.span, (1,), "one month"),
        (wording.span, (12,), "a year"),
        (wording.span, (24,), "two years"),
        (wording.span, (26,), "26 months"),
        (wording.years, ("2020-01-01", "2022-12-31"), "2020–2022"),
        (wording.years, ("2022-01-01", "2022-12-31"), "2022"),
        (wording.ratio, (1.276,), "1.28"),
        (wording.ratio, (None,), "unknown"),
        (wording.day, ("2024-03-07",), "7 March 2024"),
        (wording.day, (pd.NaT,), "unknown"),
        (wording.short_day, (pd.Timestamp(2024, 3, 7),), "7 Mar 2024"),
        (wording.year, ("2024-03-07",), "2024"),
        (wording.period, ("2023-01-01", "2023-12-31"), "2023"),
        (wording.period, ("2023-01-01", "2024-12-31"), "2023–2024"),
        (wording.period, ("2024-02-01", "2024-02-29"), "February 2024"),
        (wording.period, ("2025-07-01", "2025-09-30"), "July to September 2025"),
        (wording.period, ("2025-12-01", "2026-01-31"), "1 December 2025 to 31 January 2026"),
        (wording.period, ("2024-02-05", "2024-02-11"), "5–11 February 2024"),
        (wording.period, ("2024-02-26", "2024-03-03"), "26 February 2024 to 3 March 2024"),
        (wording.period, ("2024-02-05", "2024-02-05"), "5 February 2024"),
        (wording.listed, ([],), ""),
        (wording.listed, (["a"],), "a"),
        (wording.listed, (["a", "b", "c"],), "a, b and c"),
    ],
)
def test_figures_are_written_one_way(function, given, written):
    assert function(*given).replace("\u00a0", " ") == written
