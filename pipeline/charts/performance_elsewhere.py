"""Performance on other machines: the same ratios from results that came in a file, one panel per machine and mode."""

from pipeline.charts.chart import Chart
from pipeline.charts.performance_ratios import draw

CHART = Chart(
    name="performance_elsewhere",
    title="The same on other machines",
    section="performance",
    view="performance",
    where={"outcome": "measured", "is_imported": True},
    frameworks="all",
    order_by=("machine_title", "mode", "machine_id", "case_name", "size", "framework"),
    draw=draw,
    panel=("machine_title", "mode", "device"),
    is_over_time=False,
    marked_if="ratio",
    caption=(
        "As above, from results that were imported. Each mark is a framework’s median step time over {first}’s on that "
        "machine, in the same mode, with its 95 % interval; a hollow mark: no difference shown, or not stable."
    ),
    caveats=("Nothing here was measured on this machine; threads, versions and devices are that machine’s own.",),
)
