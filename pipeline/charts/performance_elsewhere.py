"""Performance on other machines: the same ratios from results that came in a file, one panel per machine and mode."""

from dataclasses import replace

from pipeline.charts import performance_ratios

CHART = replace(
    performance_ratios.CHART,
    title="The same on other machines",
    where={"outcome": "measured", "is_imported": True},
    order_by=("machine_title", "mode", "machine_id", "case_name", "size", "framework"),
    panel=("machine_title", "mode", "device"),
    panels_first=(),
    caption=(
        "As above, from results that were imported. Each mark is a framework’s median step time over {first}’s on that "
        "machine, in the same mode, with its 95 % interval; a hollow mark: no difference shown, or not stable."
    ),
    caveats=("Nothing here was measured on this machine; threads, versions and devices are that machine’s own.",),
)
