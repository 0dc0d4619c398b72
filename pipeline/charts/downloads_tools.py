"""Package index: downloads of the tools and libraries that the debate names beside the frameworks."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Python package downloads in 30 days: deployment, mobile, visualisation, pretrained models",
    section="tools",
    where={"series_id": "downloads.tools"},
    frameworks="all",
    draw=CountsOverTime(gap_days=45, scale="log"),
    panel=("population",),
    caption=(
        "Downloads in the 30 days before each list, all clients, alternative builds of one tool added up. A tool "
        "without a line was below the lists’ cut-off. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=(
        "Most of these are installed by other packages, frameworks among them, and not by choice.",
        "Servers that run from container images and libraries inside mobile apps are hardly in these counts.",
    ),
)
