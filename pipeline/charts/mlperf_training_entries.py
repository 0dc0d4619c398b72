"""MLPerf training: entries that name exactly one framework."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework with its interval, a round at a time."""
    x, y, color = marks.year_axis(frame), marks.share_axis(frame), marks.colour(frame)
    return marks.picture(
        *marks.break_rules(frame),
        marks.line(x, y, color),
        marks.whiskers(x, y, color),
        marks.points(x, y, frame),
        height=280,
    )


CHART = Chart(
    name="mlperf_training_entries",
    title="MLPerf training entries, by framework",
    section="mlperf",
    view="adoption",
    where={"series_id": "mlperf.training_entries", "framework": tuple(MARKS)},
    order_by=("framework", "period_start"),
    draw=draw,
    caption=(
        "Among entries whose system names exactly one framework, the share naming each, a round at a time. Entries "
        "naming several are kept apart, not split into votes; a round without a point was not in the source."
    ),
    caveats=(
        "Entries come from a handful of hardware vendors who tune for the benchmark: this is not a count of users.",
        "Special-purpose libraries that a few entries name are in the view and not drawn.",
    ),
)
