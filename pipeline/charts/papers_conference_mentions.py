"""Conference papers: PyTorch's share of the papers that name exactly one of PyTorch and TensorFlow."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw share, Wilson interval and worst-case bounds a year, against a line at one half."""
    x, color = marks.year_axis(frame), marks.colour(frame)
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]))
    return marks.picture(
        marks.bound_ranges(x, y),
        marks.reference(0.5, y),
        *marks.break_rules(frame),
        marks.line(x, y, color),
        marks.whiskers(x, y, color),
        marks.points(x, y, frame),
        height=150,
    )


CHART = Chart(
    name="papers_conference_mentions",
    title="PyTorch’s share of papers that name one of the two, by venue",
    section="papers",
    view="adoption",
    where={"series_id": "papers.conference_mentions", "framework": "pytorch"},
    order_by=("population", "period_start"),
    draw=draw,
    panel=("population",),
    caption=(
        "Each point is one year of a venue: among papers whose PDF names PyTorch or TensorFlow but not both, the share "
        "naming PyTorch, with its 95 % interval. The line at 50 % is a tie. The pale bar behind spans what would be "
        "true of all papers if every silent paper used one framework or the other."
    ),
    caveats=("A paper that names a framework need not use it, and most papers name none: read the pale bar.",),
)
