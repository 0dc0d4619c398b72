"""Package index: downloads in 30 days, by package family."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Python package downloads in 30 days",
    section="downloads",
    where={"series_id": "downloads.package_index"},
    draw=CountsOverTime(gap_days=45, scale="log"),
    caption=(
        "Downloads in the 30 days before each snapshot, all clients, packages of one framework added up. The axis is "
        "logarithmic: equal steps are equal factors. Dashed rules mark where the counting changed."
    ),
    caveats=(
        "Build machines and mirrors download far more than people do, and installing TensorFlow installs Keras.",
        "Wheels that come from a framework’s own server, and conda packages, are not in these counts.",
    ),
)
