"""Statements: the verdict is what the view's verdicts say, and a sentence without figures says that there are none."""

import pandas as pd
import pytest

from pipeline.claims import wording
from pipeline.claims.leading import verdict_of
from pipeline.claims.registry import STATEMENTS

BY_NAME = {statement.name: statement for statement in STATEMENTS}
LEADING = [statement for statement in STATEMENTS if statement.view == "two_way_newest"]
every_leading = pytest.mark.parametrize("statement", LEADING, ids=lambda statement: statement.name)
every_statement = pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)


def newest_row(series_id, leader="pytorch", share=0.8, **other):
    row = {
        "series_id": series_id,
        "series_title": "A series",
        "population": "everybody",
        "population_rank": 1,
        "period_start": pd.Timestamp(2024, 1, 1),
        "period_end": pd.Timestamp(2024, 12, 31),
        "pytorch_n": 800,
        "tensorflow_n": 200,
        "base": 1000,
        "pytorch_share": share,
        "interval_low": share - 0.03,
        "interval_high": share + 0.03,
        "interval_method": "Wilson 95 %",
        "leader": leader,
        "is_preliminary": False,
        "populations_count": 1,
        "pytorch_leads_count": int(leader == "pytorch"),
        "tensorflow_leads_count": int(leader == "tensorflow"),
        "undecided_count": int(leader == "cannot tell"),
        "as_of": pd.Timestamp(2025, 2, 3),
        "source_title": "The source",
    }
    return {**row, **other}


def frame_of(statement, *leaders):
    series = statement.where["series_id"]
    ids = series if isinstance(series, tuple) else (series,)
    return pd.DataFrame([newest_row(ids[place % len(ids)], leader) for place, leader in enumerate(leaders)])


def text_of(conclusion):
    """Return the whole conclusion in plain text."""
    words = (f"{conclusion.verdict}.", conclusion.sentence, *conclusion.grounds)
    return " ".join(words).replace("\u00a0", " ")


@every_leading
@pytest.mark.parametrize(
    ("leaders", "verdict", "leader"),
    [
        (["pytorch", "pytorch"], "PyTorch leads", "pytorch"),
        (["tensorflow", "tensorflow"], "TensorFlow leads", "tensorflow"),
        (["pytorch", "cannot tell"], "PyTorch mostly leads", "pytorch"),
        (["pytorch", "tensorflow"], "Evidence disagrees", ""),
        (["cannot tell", "cannot tell"], "Cannot tell", ""),
    ],
)
def test_the_verdict_follows_the_view(statement, leaders, verdict, leader):
    conclusion = statement.say(frame_of(statement, *leaders))
    assert (conclusion.verdict, conclusion.leader) == (verdict, leader)


@every_leading
def test_the_verdict_flips_with_its_input(statement):
    """The same counts with the other leader: nothing but the verdict column decides."""
    assert statement.say(frame_of(statement, "pytorch")).leader == "pytorch"
    assert statement.say(frame_of(statement, "tensorflow")).leader == "tensorflow"
    assert "TensorFlow" in statement.say(frame_of(statement, "tensorflow")).sentence


@every_leading
def test_a_conclusion_carries_its_grounds(statement):
    text = text_of(statement.say(frame_of(statement, "pytorch")))
    for part in ("everybody", "2024", "80.0 %", "800 of 1,000", "77.0–83.0 %", "3 Feb 2025", "The source"):
        assert part in text


@every_leading
def test_a_preliminary_or_percentage_only_figure_says_so(statement):
    frame = frame_of(statement, "cannot tell")
    frame["is_preliminary"] = True
    frame[["interval_low", "interval_high", "base", "pytorch_n", "tensorflow_n"]] = None
    frame["interval_method"] = "none: only a percentage was published"
    text = text_of(statement.say(frame))
    assert "preliminary" in text
    assert "only percentages were published" in text
    assert "none: only a percentage was published" in text


@every_statement
def test_without_rows_a_statement_says_what_to_do(statement):
    conclusion = statement.say(pd.DataFrame(columns=list(newest_row("x"))))
    assert conclusion.leader == ""
    assert conclusion.grounds == ()
    assert "`observatory " in conclusion.sentence


def tally_row(mode, leader, **other):
    row = {
        "machine_title": "A small machine",
        "framework": "tensorflow",
        "reference_framework": "pytorch",
        "device": "cpu",
        "mode": mode,
        "cases_count": 8,
        "faster_count": 0,
        "slower_count": 5,
        "same_count": 0,
        "no_difference_count": 3,
        "not_comparable_count": 0,
        "leader": leader,
        "least_ratio": 1.0,
        "greatest_ratio": 4.25,
        "samples_count": 64,
        "threads_count": 2,
        "margin_fraction": 0.15,
        "framework_version": "2.21.0",
        "measured_at": pd.Timestamp(2026, 1, 15),
    }
    return {**row, **other}


@pytest.mark.parametrize(
    ("leaders", "verdict", "leader"),
    [
        (["pytorch", "pytorch"], "PyTorch is faster", "pytorch"),
        (["tensorflow", "tensorflow"], "TensorFlow is faster", "tensorflow"),
        (["pytorch", "cannot tell"], "PyTorch is mostly faster", "pytorch"),
        (["pytorch", "tensorflow"], "It depends", ""),
        (["pytorch", "depends on the case"], "It depends", ""),
        (["cannot tell", "cannot tell"], "Cannot tell", ""),
    ],
)
def test_the_performance_verdict_follows_the_view(leaders, verdict, leader):
    modes = zip(("compiled", "eager"), leaders, strict=True)
    conclusion = BY_NAME["performance"].say(pd.DataFrame([tally_row(mode, each) for mode, each in modes]))
    assert (conclusion.verdict, conclusion.leader) == (verdict, leader)


def test_performance_carries_its_grounds():
    text = text_of(BY_NAME["performance"].say(pd.DataFrame([tally_row("eager", "pytorch")])))
    for part in (
        "slower in 5",
        "not shown to differ in 3 of 8",
        "A small machine",
        "2.21.0",
        "1.00 to 4.25 times",
        "15.0 %",
    ):
        assert part in text
    assert "64 samples, 2 threads" in text
    assert "15 Jan 2026" in text


def test_there_are_five():
    assert len(STATEMENTS) == len(BY_NAME) == 5


def test_undecided_alone_names_nobody():
    assert verdict_of(set()) == ("Cannot tell", "")


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
        (wording.ratio, (1.276,), "1.28"),
        (wording.ratio, (None,), "unknown"),
        (wording.day, ("2024-03-07",), "7 March 2024"),
        (wording.day, (pd.NaT,), "unknown"),
        (wording.short_day, (pd.Timestamp(2024, 3, 7),), "7 Mar 2024"),
        (wording.year, ("2024-03-07",), "2024"),
        (wording.period, ("2023-01-01", "2023-12-31"), "2023"),
        (wording.period, ("2024-02-01", "2024-02-29"), "February 2024"),
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
