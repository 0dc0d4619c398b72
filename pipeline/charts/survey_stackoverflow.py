"""Stack Overflow's survey: respondents who had worked with each framework."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import CORE_FRAMEWORKS

POPULATIONS = ("all respondents", "professional developers")


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework and segment, hollow where the edition was preliminary."""
    x, y, color = marks.year_axis(frame), marks.share_axis(frame), marks.colour(frame)
    return marks.picture(
        *marks.break_rules(frame),
        marks.line(x, y, color),
        marks.whiskers(x, y, color),
        marks.points(x, y, frame),
        height=250,
    )


CHART = Chart(
    name="survey_stackoverflow",
    title="Stack Overflow Developer Survey: worked with it in the past year",
    section="surveys",
    view="adoption",
    where={"series_id": "survey.stackoverflow", "framework": CORE_FRAMEWORKS, "population": POPULATIONS},
    order_by=("population", "framework", "period_start"),
    draw=draw,
    panel=("population",),
    panels_first=POPULATIONS,
    caption=(
        "Share of respondents to the question, by year. Dashed rules mark where the question or its denominator "
        "changed; lines stop there and the years either side do not compare. Hollow marks are preliminary."
    ),
    caveats=(
        "Two smaller groups, asked since 2023, are in the view and not drawn.",
        "Torch and PyTorch are one answer option in this survey.",
        "Respondents choose to take part: intervals show sampling error only, not who did not answer.",
    ),
)
