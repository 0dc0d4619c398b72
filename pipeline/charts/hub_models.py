"""Hugging Face Hub: models that carry a framework’s tag, and those that name it as their library."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS

GAP_DAYS = 40


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework, open at breaks and where periods are missing."""
    return marks.counts_over_time(frame, GAP_DAYS, scale="log")


CHART = Chart(
    name="hub_models",
    title="Models on the Hugging Face Hub",
    section="hub",
    view="adoption",
    where={"series_id": "hub.models", "framework": tuple(MARKS)},
    order_by=("population", "framework", "period_start"),
    draw=draw,
    panel=("population",),
    is_dense=True,
    caption=(
        "Public models on each day of asking: those tagged with the framework, and those that name it as their "
        "library. Two measures that differ by far, since most models name another library and carry the tag beside it."
    ),
    caveats=("Uploads by scripts count like work by hand, and converted copies carry several tags.",),
)
