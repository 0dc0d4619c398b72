"""Package index: downloads in 30 days, a package family at a time."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS

GAP_DAYS = 45


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework on a logarithmic axis, open at breaks and where snapshots are missing."""
    return marks.counts_over_time(frame, GAP_DAYS, scale="log")


CHART = Chart(
    name="downloads",
    title="Python package downloads in 30 days",
    section="downloads",
    view="adoption",
    where={"series_id": "downloads.package_index", "framework": tuple(MARKS)},
    order_by=("framework", "period_start"),
    draw=draw,
    is_dense=True,
    caption=(
        "Downloads in the 30 days before each snapshot, all clients, packages of one framework added up. The axis is "
        "logarithmic: equal steps are equal factors. Dashed rules mark where the counting changed."
    ),
    caveats=(
        "Build machines and mirrors download far more than people do, and installing TensorFlow installs Keras.",
        "Wheels that come from a framework’s own server, and conda packages, are not in these counts.",
    ),
)
