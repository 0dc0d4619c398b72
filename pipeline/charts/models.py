"""Models: those that are shared on the Hugging Face Hub, and the entries of MLPerf by framework or engine."""

from pipeline.charts.chart import Chart, CountsOverTime, SharesOverTime

CHARTS = (
    Chart(
        title="Models on the Hugging Face Hub",
        section="hub",
        series="hub.models",
        draw=CountsOverTime(gap_days=40, scale="log"),
        panel=("population",),
        caption="""Public models on each day of asking: those tagged with the framework, and those that name it as their
            library. Two measures that differ by far, since most models name another library and carry the tag beside
            it.""",
        caveats=("Uploads by scripts count like work by hand, and converted copies carry several tags.",),
    ),
    Chart(
        title="MLPerf training entries, by framework",
        section="mlperf",
        series="mlperf.training_entries",
        draw=SharesOverTime(height=280),
        caption="""Among entries whose system names exactly one framework, the share naming each, by the year of the
            rounds. All entries are counted, so there is no interval; those naming several are kept apart, not split
            into votes.""",
        caveats=(
            "Entries come from a handful of hardware vendors who tune for the benchmark: this is not a count of users.",
            "Special-purpose libraries that a few entries name are in the view and not drawn.",
        ),
    ),
    Chart(
        title="MLPerf inference results, by engine",
        section="mlperf",
        series="mlperf.inference_entries",
        frameworks="all",
        draw=SharesOverTime(height=240),
        panel=("population",),
        panels_first=("closed division", "open division", "automated runs"),
        caption="""Among results whose framework field names exactly one engine, the share naming each, by the year of
            the rounds. All results are counted, so there is no interval. Runs that a program made by trying every
            combination stand apart.""",
        caveats=("The engine that runs a model says little of the framework that it was trained in.",),
    ),
)
