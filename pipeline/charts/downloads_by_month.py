"""Package index: downloads by calendar month, as ClickHouse counts them."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Python package downloads by calendar month",
    section="downloads",
    where={"series_id": "downloads.clickpy"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    panel=("population",),
    caption=(
        "Downloads of a calendar month, packages of one framework added up, with and without programs that copy the "
        "whole index. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=("Build machines cannot be told from people.",),
)
