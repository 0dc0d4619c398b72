"""MLPerf training: entries that name exactly one framework."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
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
