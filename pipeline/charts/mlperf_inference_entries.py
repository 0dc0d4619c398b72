"""MLPerf inference: results that name exactly one engine, the automated ones apart."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="MLPerf inference results, by engine",
    section="mlperf",
    where={"series_id": "mlperf.inference_entries"},
    frameworks="all",
    draw=SharesOverTime(height=240),
    panel=("population",),
    panels_first=("closed division", "open division", "automated runs"),
    caption=(
        "Among results whose framework field names exactly one engine, the share naming each, by the year of the "
        "rounds. All results are counted, so there is no interval. Runs that a program made by trying every "
        "combination stand apart."
    ),
    caveats=("The engine that runs a model says little of the framework that it was trained in.",),
)
