"""The shipped figures of surveys, stars and downloads, through the views, against what the publishers printed."""

import shutil
from collections import defaultdict
from datetime import date, timedelta

import pytest

from pipeline.archive.build import IMPORTERS, build_archive
from pipeline.archive.manifest import MANIFEST
from pipeline.settings import Settings

SOURCES = ("stackoverflow_survey", "kaggle_survey", "github_ranking", "package_index", "npm_downloads")
ARCHIVE = Settings().archive_folder


def percent_by_year(connection, series, population, framework, column="share"):
    rows = connection.execute(
        f"select year(period_start), round(100 * {column}, 2) from adoption "
        "where series_id = ? and population = ? and framework = ?",
        [series, population, framework],
    ).fetchall()
    return dict(rows)


# Stack Overflow, percent of all who answered the question: published as such in 2018-2020 and 2023-2024.
STACK_OVERFLOW = {
    ("professional developers", "tensorflow"): [7.61, 9.41, 10.38, 11.54, 10.10, 8.41, 8.83],
    ("professional developers", "pytorch"): [1.60, 2.91, 4.15, 6.83, 6.82, 7.89, 9.10],
    ("all respondents", "tensorflow"): [7.80, 10.26, 11.54, 13.41, 11.22, 9.53, 10.12],
    ("all respondents", "pytorch"): [1.68, 3.28, 4.64, 8.02, 7.59, 8.75, 10.57],
}


@pytest.mark.slow
@pytest.mark.parametrize(("population", "framework"), STACK_OVERFLOW)
def test_stack_overflow_shares(shipped, population, framework):
    expected = dict(zip(range(2018, 2025), STACK_OVERFLOW[population, framework], strict=True))
    found = percent_by_year(shipped, "survey.stackoverflow", population, framework)
    assert found == pytest.approx(expected, abs=0.0051)


def test_stack_overflow_keeps_what_was_published_on_the_smaller_denominator(shipped):
    rows = shipped.execute(
        "select edition_year, framework, round(100 * published_fraction, 2) from survey_answers where "
        "respondent_group = 'professional developers' and framework in ('tensorflow', 'pytorch') "
        "and edition_year in (2021, 2022)"
    ).fetchall()
    assert set(rows) == {
        (2021, "tensorflow", 14.10),
        (2021, "pytorch", 8.34),
        (2022, "tensorflow", 11.74),
        (2022, "pytorch", 7.93),
    }


def test_only_stack_overflow_2022_is_preliminary(shipped):
    rows = shipped.execute(
        f"select distinct series_id, year(period_start) from adoption where is_preliminary and source_id in {SOURCES}"
    )
    assert rows.fetchall() == [("survey.stackoverflow", 2022)]


def test_stack_overflow_has_four_segments_and_no_count_before_2021(shipped):
    rows = shipped.execute(
        "select break_id, list(distinct year(period_start) order by year(period_start)), count(n), count(interval_low) "
        "from adoption where series_id = 'survey.stackoverflow' group by break_id order by break_id"
    ).fetchall()
    assert [(name, years) for name, years, _, _ in rows] == [
        ("so-2018", [2018]),
        ("so-2019-2020", [2019, 2020]),
        ("so-2021-2022", [2021, 2022]),
        ("so-2023-2024", [2023, 2024]),
    ]
    assert [(n > 0, intervals == n) for _, _, n, intervals in rows] == [(False, True)] * 2 + [(True, True)] * 2


# Kaggle, percent of those who answered, 2018-2022; None: not on the list.
KAGGLE = {
    ("all respondents", "tensorflow"): [53.4, 42.3, 49.0, 47.8, 49.0],
    ("all respondents", "keras"): [43.5, 41.9, 43.8, 40.6, 40.5],
    ("all respondents", "pytorch"): [20.5, 24.8, 29.6, 31.0, 32.0],
    ("all respondents", "scikit-learn"): [65.5, 68.3, 72.5, 71.3, 70.2],
    ("all respondents", "jax"): [None, None, 0.6, 1.0, 1.6],
    ("data scientists", "pytorch"): [26.6, 26.9, 30.9, 33.7, 35.8],
    ("data scientists", "tensorflow"): [65.1, 47.0, 50.5, 52.6, 49.9],
}


@pytest.mark.parametrize(("population", "framework"), KAGGLE)
def test_kaggle_shares(shipped, population, framework):
    published = zip(range(2018, 2023), KAGGLE[population, framework], strict=True)
    expected = {year: percent for year, percent in published if percent is not None}
    found = percent_by_year(shipped, "survey.kaggle", population, framework)
    assert found == pytest.approx(expected, abs=0.0501)


def test_kaggle_data_scientists_against_its_own_reports(shipped):
    """The report of 2020 prints 82.8 % for scikit-learn where the answers give 2,023 of 2,440, which is 82.9 %."""
    found = percent_by_year(shipped, "survey.kaggle", "data scientists", "scikit-learn")
    assert found[2021] == pytest.approx(82.3, abs=0.0501)
    assert found[2020] == pytest.approx(82.8, abs=0.12)


def test_kaggle_counts_every_respondent_and_every_answer(shipped):
    rows = shipped.execute(
        "select edition_year, sum(n), sum(n) filter (where is_answer) from survey_combinations group by edition_year"
    ).fetchall()
    assert {year: (everybody, answered) for year, everybody, answered in rows} == {
        2018: (23859, 18696),
        2019: (19717, 13753),
        2020: (20036, 14140),
        2021: (25973, 19624),
        2022: (23997, 16240),
    }


def test_kaggle_ml_engineers_exist_since_2020_and_none_is_an_answer(shipped):
    rows = shipped.execute(
        "select year(period_start), n, base from adoption where series_id = 'survey.kaggle' "
        "and population = 'ML engineers' and framework = 'none'"
    ).fetchall()
    assert [year for year, _, _ in sorted(rows)] == [2020, 2021, 2022]
    assert all(0 < n < base for _, n, base in rows)


def test_kaggle_answers_overlap(shipped):
    sums = shipped.execute(
        "select sum(share) from adoption where series_id = 'survey.kaggle' group by population, period_start"
    ).fetchall()
    assert len(sums) == 13
    assert all(total > 1 for (total,) in sums)


# Stars on the last day of the year on which the repository was listed; lists end on 2024-10-23 in 2024.
YEAR_END_STARS = {
    "tensorflow/tensorflow": {
        2018: 117_667,
        2019: 139_535,
        2020: 152_029,
        2021: 161_556,
        2022: 170_018,
        2023: 179_730,
        2024: 186_164,
        2025: 193_132,
    },
    "pytorch/pytorch": {
        2018: 23_298,
        2019: 35_015,
        2020: 45_135,
        2021: 53_038,
        2022: 61_311,
        2023: 74_005,
        2024: 83_202,
        2025: 96_251,
    },
}
NEWEST_STARS = {"tensorflow/tensorflow": 197_213, "pytorch/pytorch": 102_530, "keras-team/keras": 64_244}


@pytest.mark.parametrize("repository", YEAR_END_STARS)
def test_year_end_stars_lie_between_the_weeks_around_them(shipped, repository):
    """Only the last listed day of a week is kept, so a year's last day mostly lies between two rows."""
    rows = shipped.execute(
        "select observed_on, stars_count from core.repository_day where repository = ? order by observed_on",
        [repository],
    ).fetchall()
    for year, stars in YEAR_END_STARS[repository].items():
        last_day = date(2024, 10, 23) if year == 2024 else date(year, 12, 31)
        before = max(count for day, count in rows if day <= last_day)
        after = min(count for day, count in rows if day >= last_day)
        assert before <= stars <= after
        assert after - before < 2_500


@pytest.mark.parametrize("repository", NEWEST_STARS)
def test_newest_stars(shipped, repository):
    newest = shipped.execute(
        "select max_by(n, period_start), max(period_end) from adoption where population = ?", [repository]
    ).fetchall()
    assert newest == [(NEWEST_STARS[repository], date(2026, 8, 23))]


def test_stars_are_weekly_without_a_base_and_missing_weeks_are_missing(shipped):
    rows = shipped.execute(
        "select population, period_start, period_end, base, share, interval_method from adoption "
        "where series_id = 'github.stars'"
    ).fetchall()
    assert all(start.isoweekday() == 1 and end - start == timedelta(days=6) for _, start, end, *_ in rows)
    assert {tuple(rest) for *_, base, share, method in rows for rest in [(base, share, method)]} == {
        (None, None, "none: complete count without a sample")
    }
    weeks = {start for population, start, *_ in rows if population == "pytorch/pytorch"}
    assert not {start for start in weeks if date(2021, 10, 4) <= start < date(2021, 12, 13)}
    jax = {start for population, start, *_ in rows if population == "jax-ml/jax"}
    assert max(jax) == date(2024, 4, 1)


# Million downloads a list, the mean over the months of a year of the last list published in each, as printed.
MEAN_DOWNLOADS = {
    "torch": "0.14 0.61 1.52 3.54 7.65 10.2 24.7 52.9 73.7",
    "tensorflow": "1.19 3.66 9.85 8.64 15.0 16.0 18.8 22.3 22.1",
    "keras": "0.81 1.98 2.50 3.49 8.72 10.5 14.6 14.7 17.1",
    "jax": "- 0.02 0.07 0.97 0.47 3.5 4.6 9.2 15.8",
}


@pytest.mark.parametrize("package", MEAN_DOWNLOADS)
def test_mean_downloads(shipped, package):
    rows = shipped.execute(
        "select window_end, downloads_count from core.download_window where package = ? order by window_end", [package]
    ).fetchall()
    # A list is dated by the day after its window. That of 2024-11-26 was published together with the next one.
    dated = {end + timedelta(days=1): count for end, count in rows if end != date(2024, 11, 25)}
    last_of_month = {(day.year, day.month): count for day, count in dated.items()}
    by_year = defaultdict(list)
    for (year, _), count in last_of_month.items():
        by_year[year].append(count / 1e6)
    for year, printed in zip(range(2018, 2027), MEAN_DOWNLOADS[package].split(), strict=True):
        if printed == "-":
            assert year not in by_year
        else:
            half_a_digit = 0.5001 * 10 ** -len(printed.split(".")[1])
            assert sum(by_year[year]) / len(by_year[year]) == pytest.approx(float(printed), abs=half_a_digit), year


def test_torch_first_passes_tensorflow_in_april_2024(shipped):
    rows = shipped.execute(
        "select t.window_end + 1, t.downloads_count, f.downloads_count from core.download_window t "
        "join core.download_window f on f.window_end = t.window_end and f.package = 'tensorflow' "
        "where t.package = 'torch' and t.downloads_count > f.downloads_count order by t.window_end limit 1"
    ).fetchall()
    assert [(day, round(t / 1e6, 1), round(f / 1e6, 1)) for day, t, f in rows] == [(date(2024, 4, 1), 23.2, 22.6)]


def test_downloads_are_cut_where_the_counting_changed(shipped):
    rows = shipped.execute(
        "select break_id, min(period_start), max(period_end - period_start) + 1 from adoption "
        "where series_id = 'downloads.package_index' group by break_id order by 2"
    ).fetchall()
    assert rows == [
        ("downloads-2018-log-loss", date(2018, 1, 11), 30),
        ("downloads-2018", date(2018, 8, 3), 30),
        ("downloads-2021-log-loss", date(2021, 1, 2), 30),
        ("downloads-2021", date(2021, 4, 1), 30),
        ("downloads-2024", date(2024, 10, 27), 30),
        ("downloads-2025-22-days", date(2025, 5, 22), 22),
        ("downloads-2025-months", date(2025, 6, 1), 31),
    ]


def test_a_family_is_the_sum_of_its_listed_members(shipped):
    rows = shipped.execute(
        "select package, downloads_count from core.download_window join package_families using (package) "
        "where framework = 'tensorflow' and window_end = date '2025-07-31'"
    ).fetchall()
    assert {package for package, _ in rows} >= {"tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly"}
    total = shipped.execute(
        "select n from adoption where series_id = 'downloads.package_index' and framework = 'tensorflow' "
        "and period_end = date '2025-07-31'"
    ).fetchall()
    assert total == [(sum(count for _, count in rows),)]


def test_tools_of_each_point_of_the_debate_are_counted_apart_from_the_frameworks(shipped):
    rows = shipped.execute(
        "select population, framework, n from adoption where series_id = 'downloads.tools' "
        "and period_end = date '2026-03-31'"
    ).fetchall()
    newest = {(population, tool): n for population, tool, n in rows}
    # The list of 2026-04-01: ONNX Runtime is the sum of its builds, all others are one package.
    assert newest["deployment", "onnx-runtime"] == 79_754_300 + 4_342_394 + 76_759
    assert newest["visualisation", "tensorboard"] == 28_709_751
    assert newest["visualisation", "captum"] == 524_585
    assert newest["mobile and web", "executorch"] == 135_370
    assert newest["pretrained models", "transformers"] == 128_637_153
    assert newest["training loops", "pytorch-lightning"] == 16_696_207
    twice = shipped.execute(
        "select framework from adoption where series_id in ('downloads.tools', 'downloads.package_index') "
        "group by framework having count(distinct series_id) > 1"
    ).fetchall()
    assert twice == []


def test_each_npm_package_stands_for_itself(shipped):
    rows = shipped.execute(
        "select population, framework, n, as_of, interval_method from adoption where series_id = 'downloads.npm' "
        "and period_start = date '2026-03-01' and framework in ('tensorflow-js', 'executorch')"
    ).fetchall()
    published = {
        ("@tensorflow/tfjs", "tensorflow-js", 1_165_627),
        ("@tensorflow/tfjs-core", "tensorflow-js", 2_500_994),
        ("@tensorflow/tfjs-node", "tensorflow-js", 370_243),
        ("@tensorflow/tfjs-node-gpu", "tensorflow-js", 7_878),
        ("react-native-executorch", "executorch", 14_839),
    }
    assert set(rows) == {(*row, date(2026, 4, 1), "none: complete count without a sample") for row in published}


def test_loved_and_wanted_are_as_published_and_never_set_against_each_other(shipped):
    rows = shipped.execute(
        "select population, year(period_start), round(100 * share, 2), n, base from adoption "
        "where series_id = 'survey.stackoverflow_opinions' and framework = 'pytorch'"
    ).fetchall()
    loved = [("loved", 2018, 67.97), ("loved", 2019, 77.11), ("loved", 2020, 70.51)]
    wanted = [("wanted", 2018, 4.47), ("wanted", 2019, 5.67), ("wanted", 2020, 6.73)]
    assert sorted(rows) == [(*row, None, None) for row in loved + wanted]
    series = shipped.execute("select distinct series_id from two_way").fetchall()
    assert ("survey.stackoverflow_opinions",) not in series


def test_every_package_and_its_cut_off_fit_together(shipped):
    below = shipped.execute(
        "select d.package, d.window_end from core.download_window d left join download_lists l using (window_end) "
        "where l.cutoff_count is null or d.downloads_count < l.cutoff_count"
    ).fetchall()
    assert below == []


def test_every_series_is_described_and_every_figure_has_a_segment_and_a_known_framework(shipped):
    rows = shipped.execute(
        "select a.series_id, count(*), count(a.break_id), count(f.framework), count(distinct s.series_id) "
        "from adoption a left join frameworks f using (framework) left join series s on s.series_id = a.series_id "
        f"where a.source_id in {SOURCES} group by a.series_id"
    ).fetchall()
    assert {series for series, *_ in rows} == {
        "survey.stackoverflow",
        "survey.kaggle",
        "github.stars",
        "downloads.package_index",
        "downloads.tools",
        "downloads.npm",
        "survey.stackoverflow_opinions",
    }
    assert all(count == segments == frameworks and described for _, count, segments, frameworks, described in rows)


def test_the_grain_holds_and_every_wording_is_known(shipped):
    repeated = shipped.execute(
        "select series_id, population, period_start, period_end, framework from adoption group by all "
        "having count(*) > 1"
    ).fetchall()
    unknown = shipped.execute(
        "select distinct wording_id from adoption where wording_id is not null "
        "and wording_id not in (select wording_id from ref.wording)"
    ).fetchall()
    assert (repeated, unknown) == ([], [])


@pytest.mark.slow
def test_the_real_raw_files_build_the_shipped_archive(raw_data, tmp_path):
    importers = [importer for importer in IMPORTERS if importer.source_id in SOURCES]
    shutil.copy(ARCHIVE / MANIFEST, tmp_path)
    build_archive(raw_data, tmp_path, importers)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != MANIFEST}
    assert len(made) == 8  # seven files of figures and their licences
    assert made == {name: (ARCHIVE / name).read_bytes() for name in made}
    assert (tmp_path / MANIFEST).read_bytes() == (ARCHIVE / MANIFEST).read_bytes()


def test_the_known_bias_of_a_series_gives_counted_figures(shipped):
    ((bias,),) = shipped.execute("select known_bias from series where series_id = 'survey.kaggle'").fetchall()
    assert "76.0 % (2020) to 85.3 % (2022) of those who answered" in bias
