"""MLPerf: the entries that name exactly one framework or engine."""

from pipeline.charts.chart import Chart, SharesOverTime

MLPERF_TRAINING_ENTRIES = Chart(
    title="MLPerf training entries, by framework",
    section="mlperf",
    where={"series_id": "mlperf.training_entries"},
    draw=SharesOverTime(height=280),
    caption=(
        "Among entries whose system names exactly one framework, the share naming each, by the year of the rounds. All "
        "entries are counted, so there is no interval; those naming several are kept apart, not split into votes."
    ),
    caveats=(
        "Entries come from a handful of hardware vendors who tune for the benchmark: this is not a count of users.",
        "Special-purpose libraries that a few entries name are in the view and not drawn.",
    ),
)
"""MLPerf training: entries that name exactly one framework."""

MLPERF_INFERENCE_ENTRIES = Chart(
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
"""MLPerf inference: results that name exactly one engine, the automated ones apart."""
