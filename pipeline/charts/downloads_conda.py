"""Anaconda.org: downloads of the framework's package since it began."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Conda downloads so far, by channel",
    section="downloads",
    where={"series_id": "downloads.conda"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    panel=("population",),
    caption=(
        "All downloads of the framework’s package in one channel since it began, on each day of asking. A running "
        "total never falls, and channels began at different times. The axis is logarithmic."
    ),
    caveats=("Files in the .conda format are counted from March 2024 on.",),
)
