"""Developers on GitHub by economy over time: small multiples of the larger ones."""

from pipeline.charts.chart import Chart, CountsOverTime

ECONOMIES = ("United States", "India", "Germany", "United Kingdom", "Canada", "China")

CHART = Chart(
    title="Developers with a framework’s topic, by quarter",
    section="developers",
    where={"series_id": "github.topic_pushers", "population": ECONOMIES},
    frameworks="first six",
    draw=CountsOverTime(gap_days=95),
    panel=("population",),
    panels_first=ECONOMIES,
    caption=(
        "Unique developers in each quarter who pushed to a public repository with the framework’s topic. A line stops "
        "where fewer than 100 are left, which are not published; China is not published after mid-2023."
    ),
    caveats=("Topics on new repositories became rarer in 2024 and 2025, so compare frameworks, not levels over time.",),
)
