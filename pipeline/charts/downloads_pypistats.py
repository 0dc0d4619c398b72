"""Package index: downloads by calendar month, as pypistats counts them."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Python package downloads by calendar month, a second count",
    section="downloads",
    where={"series_id": "downloads.pypistats"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    panel=("population",),
    caption=(
        "Downloads of a whole calendar month as pypistats counts them, packages of one framework added up, with and "
        "without programs that copy the whole index. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=("The service keeps 180 days, so the line begins half a year before the first collection.",),
)
