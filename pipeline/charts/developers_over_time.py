"""Developers on GitHub by economy over time: small multiples of the larger ones."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

QUARTER_DAYS = 95
ECONOMIES = ("United States", "India", "Germany", "United Kingdom", "Canada", "China")

CHART = Chart(
    name="developers_over_time",
    title="Developers with a framework’s topic, by quarter",
    section="developers",
    where={"series_id": "github.topic_pushers", "population": ECONOMIES},
    frameworks="first six",
    draw=lambda frame: marks.counts_over_time(frame, QUARTER_DAYS),
    panel=("population",),
    panels_first=ECONOMIES,
    is_dense=True,
    caption=(
        "Unique developers in each quarter who pushed to a public repository with the framework’s topic. A line stops "
        "where fewer than 100 are left, which are not published; China is not published after mid-2023."
    ),
    caveats=("Topics on new repositories became rarer in 2024 and 2025, so compare frameworks, not levels over time.",),
)
