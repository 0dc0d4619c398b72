"""Kaggle's survey: respondents using each framework."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import CORE_FRAMEWORKS


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework and segment."""
    x, y, color = marks.year_axis(frame), marks.share_axis(frame), marks.colour(frame)
    return marks.picture(
        *marks.break_rules(frame),
        marks.line(x, y, color),
        marks.whiskers(x, y, color),
        marks.points(x, y, frame),
        height=250,
    )


CHART = Chart(
    name="survey_kaggle",
    title="Kaggle survey: uses it on a regular basis",
    section="surveys",
    view="adoption",
    where={"series_id": "survey.kaggle", "framework": CORE_FRAMEWORKS},
    order_by=("population", "framework", "period_start"),
    draw=draw,
    panel=("population",),
    panels_first=("all respondents", "data scientists", "ML engineers"),
    caption=(
        "Share of those who answered the question, by year; people tick as many as they use, so shares add to more "
        "than one. scikit-learn, in grey, is a yardstick and no deep-learning framework."
    ),
    caveats=("Respondents choose to take part: intervals show sampling error only, not who did not answer.",),
)
