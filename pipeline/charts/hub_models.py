"""Hugging Face Hub: models that carry a framework’s tag, and those that name it as their library."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Models on the Hugging Face Hub",
    section="hub",
    where={"series_id": "hub.models"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    panel=("population",),
    caption=(
        "Public models on each day of asking: those tagged with the framework, and those that name it as their "
        "library. Two measures that differ by far, since most models name another library and carry the tag beside it."
    ),
    caveats=("Uploads by scripts count like work by hand, and converted copies carry several tags.",),
)
