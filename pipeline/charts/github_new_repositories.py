"""GitHub: repositories created in a month that carry a framework’s topic."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="New repositories on GitHub by topic, monthly",
    section="github",
    where={"series_id": "github.new_repositories"},
    draw=CountsOverTime(gap_days=40),
    caption=(
        "Public repositories, forks left out, by the month they were created in, which carry the framework’s topic "
        "today. The newest months are too low: topics come late."
    ),
    caveats=("Topics are chosen by owners; most repositories have none.",),
)
