"""Package index: downloads by calendar month, as ClickHouse counts them."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

CHART = Chart(
    name="downloads_by_month",
    title="Python package downloads by calendar month",
    section="downloads",
    where={"series_id": "downloads.clickpy"},
    draw=lambda frame: marks.counts_over_time(frame, gap_days=40, scale="log"),
    panel=("population",),
    is_dense=True,
    caption=(
        "Downloads of a calendar month, packages of one framework added up, with and without programs that copy the "
        "whole index. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=("Build machines cannot be told from people.",),
)
