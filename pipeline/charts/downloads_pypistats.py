"""Package index: downloads by calendar month, as pypistats counts them."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

CHART = Chart(
    name="downloads_pypistats",
    title="Python package downloads by calendar month, a second count",
    section="downloads",
    where={"series_id": "downloads.pypistats"},
    draw=lambda frame: marks.counts_over_time(frame, gap_days=40, scale="log"),
    panel=("population",),
    is_dense=True,
    caption=(
        "Downloads of a whole calendar month as pypistats counts them, packages of one framework added up, with and "
        "without programs that copy the whole index. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=("The service keeps 180 days, so the line begins half a year before the first collection.",),
)
