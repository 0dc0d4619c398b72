"""OpenAlex: the share of works with full text in which a framework is named, by year."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework and segment, hollow where the year was not over."""
    x, y, color = marks.year_axis(frame), marks.share_axis(frame), marks.colour(frame)
    return marks.picture(
        *marks.break_rules(frame),
        marks.line(x, y, color),
        marks.whiskers(x, y, color),
        marks.points(x, y, frame),
        height=250,
    )


CHART = Chart(
    name="papers_openalex_mentions",
    title="Works of all sciences whose full text names a framework",
    section="papers",
    view="adoption",
    where={"series_id": "papers.openalex_mentions", "framework": tuple(MARKS)},
    order_by=("framework", "period_start"),
    draw=draw,
    caption=(
        "Share of the works whose full text OpenAlex holds, by year of publication. Names that are ordinary words "
        "(JAX, Caffe, Torch) cannot be searched and are left out. Hollow marks: the year was not over."
    ),
    caveats=("A name in the reference list counts like one in the text.",),
)
