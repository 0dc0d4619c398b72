"""GitHub: stars held by each framework's repository, week by week."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="GitHub stars held, weekly",
    section="github",
    where={"series_id": "github.stars"},
    draw=CountsOverTime(gap_days=10),
    caption=(
        "Stars a repository held at each week’s observation. A line is open where the repository was not on the "
        "ranking that day: the value is unknown then, not zero."
    ),
    caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
)
