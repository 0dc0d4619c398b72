"""GitHub: stars given by week and still held."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="GitHub stars given in a week and still held",
    section="github",
    where={"series_id": "github.star_history"},
    draw=CountsOverTime(gap_days=10),
    caption=(
        "Stars given to the framework’s own repository in each week and not taken back by the day of asking. Weeks "
        "long past are lower than they were, since stars taken back are gone from them."
    ),
    caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
)
