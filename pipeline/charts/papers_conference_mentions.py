"""Conference papers: the first framework's share of the papers that name exactly one of the two compared."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.reference import COMPARED


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw share, Wilson interval and worst-case bounds by year, against a line at one half."""
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]))
    behind = marks.bound_ranges(marks.year_axis(frame), y), marks.reference(0.5, y)
    return marks.shares_over_time(frame, 150, y=y, behind=behind)


CHART = Chart(
    name="papers_conference_mentions",
    title="{first}’s share of papers that name one of the two, by venue",
    section="papers",
    where={"series_id": "papers.conference_mentions", "framework": COMPARED[0]},
    frameworks="all",
    draw=draw,
    panel=("population",),
    caption=(
        "Each point is one year of a venue: among papers whose PDF names {first} or {second} but not both, the share "
        "naming {first}, with its 95 % interval. The line at 50 % is a tie. The pale bar behind spans what would be "
        "true of all papers if every silent paper used one framework or the other."
    ),
    caveats=("A paper that names a framework need not use it, and most papers name none: read the pale bar.",),
)
