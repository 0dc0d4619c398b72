"""Side by side, left: the newest share of each framework that was measured here, population by population."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart

SERIES = {
    "mlperf.training_entries": "MLPerf",
    "papers.code_links": "code",
    "papers.conference_mentions": "papers",
    "survey.kaggle": "Kaggle",
    "survey.stackoverflow": "SO",
}
# A population once: the view repeats it for every case that was measured.
FIGURE = ("series_id", "population", "period_end", "framework", "n", "base", "share", "is_preliminary")


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per population, one mark per framework, on a plain share axis."""
    figures = (
        marks.rows()
        .transform_filter("isValid(datum.share)")
        .transform_aggregate(rows="count()", groupby=list(FIGURE))
        .transform_calculate(label=f"({SERIES})[datum.series_id] + ': ' + datum.population")
    )
    point = marks.framework_points(
        figures,
        frame,
        marks.HOLLOW,
        x=alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", grid=True, tickCount=5)),
        y=alt.Y("label:N", axis=marks.NAME_AXIS),
        yOffset=alt.YOffset("framework:N"),
        tooltip=[marks.FRAMEWORK_TIP, *(tip for tip in marks.SHARE_TIPS if tip.shorthand.split(":")[0] in FIGURE)],
    )
    return marks.picture(point, height=marks.rows_of_height(24))


CHART = Chart(
    title="Adoption: newest share",
    section="side-by-side",
    view="adoption_vs_performance",
    where={"series_id": tuple(SERIES)},
    frameworks="all",
    order_by=("series_id", "population", "framework"),
    draw=draw,
    is_over_time=False,
    marked_if="share",
    caption=(
        "Each row is a population at its newest period: the share of each framework that was also measured on this "
        "machine. Shares of different rows have different bases and do not compare with each other. SO is Stack "
        "Overflow’s survey."
    ),
)
