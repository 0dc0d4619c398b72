"""Developers: stars and new repositories on GitHub, developers by economy, and questions on Stack Overflow."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart, CountsOverTime

_TICKS = [100, 200, 500, 1000, 2000, 5000]


def _draw_economies(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per economy, largest first, one mark per framework on a logarithmic axis of developers."""
    ticks = alt.Axis(values=_TICKS, labelExpr=marks.COUNT_LABEL)
    x = alt.X("n:Q", scale=alt.Scale(type="log", padding=12), axis=ticks)
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=alt.EncodingSortField("n", op="max", order="descending"))
    tips = [marks.FRAMEWORK_TIP, alt.Tooltip("economy:N"), alt.Tooltip("n:Q", title="Developers", format=",")]
    known = marks.rows().transform_filter("isValid(datum.n)")
    point = marks.framework_points(known, frame, "false", x=x, y=y, tooltip=tips)
    return marks.picture(point, height=marks.rows_of_height(38))


ECONOMIES = ("United States", "India", "Germany", "United Kingdom", "Canada", "China")


CHARTS = (
    Chart(
        title="GitHub stars held, weekly",
        section="github",
        series="github.stars",
        draw=CountsOverTime(gap_days=10),
        caption="""Stars a repository held at each week’s observation. A line is open where the repository was not on
            the ranking that day: the value is unknown then, not zero.""",
        caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
    ),
    Chart(
        title="GitHub stars given in a week and still held",
        section="github",
        series="github.star_history",
        draw=CountsOverTime(gap_days=10),
        caption="""Stars given to the framework’s own repository in each week and not taken back by the day of asking.
            Weeks long past are lower than they were, since stars taken back are gone from them.""",
        caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
    ),
    Chart(
        title="New repositories on GitHub by topic, monthly",
        section="github",
        series="github.new_repositories",
        draw=CountsOverTime(gap_days=40),
        caption="""Public repositories, forks left out, by the month they were created in, which carry the framework’s
            topic today. The newest months are too low: topics come late.""",
        caveats=("Topics are chosen by owners; most repositories have none.",),
    ),
    Chart(
        name="developers_by_economy",
        title="Developers with a framework’s topic, newest quarter",
        section="developers",
        view="developers_by_economy",
        series="github.topic_pushers",
        where={"is_newest": True},
        order_by=("economy", "framework"),
        draw=_draw_economies,
        is_over_time=False,
        marked_if="n",
        caption="""Each row is an economy, with the words that say whether {first} or {second} has more developers
            there; each mark is the number of unique developers who pushed to a repository with that framework’s topic.
            No mark means fewer than 100, which are not published: never zero.""",
        caveats=(
            "A complete count, so without intervals. A developer may push to both, so the two are no parts of a whole.",
            "Topics are chosen by owners, and small countries are missing: rows are not to be summed to a world.",
        ),
    ),
    Chart(
        name="developers_over_time",
        title="Developers with a framework’s topic, by quarter",
        section="developers",
        series="github.topic_pushers",
        where={"population": ECONOMIES},
        frameworks="first six",
        draw=CountsOverTime(gap_days=95),
        panel=("population",),
        panels_first=ECONOMIES,
        caption="""Unique developers in each quarter who pushed to a public repository with the framework’s topic. A
            line stops where fewer than 100 are left, which are not published; China is not published after
            mid-2023.""",
        caveats=(
            "Topics on new repositories became rarer in 2024 and 2025, so compare frameworks, not levels over time.",
        ),
    ),
    Chart(
        title="Questions on Stack Overflow by framework tag, monthly",
        section="questions",
        series="questions.stackoverflow",
        draw=CountsOverTime(gap_days=40),
        caption="""Questions of a month that are still there and carry the framework’s tag. The dashed rule marks when
            people began to ask assistants instead; lines stop there.""",
        caveats=("A question shows trouble or novelty, not use.",),
    ),
)
