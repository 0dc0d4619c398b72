"""GitHub: stars held by each framework's repository, week by week."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

CHART = Chart(
    name="github_stars",
    title="GitHub stars held, weekly",
    section="github",
    where={"series_id": "github.stars"},
    draw=lambda frame: marks.counts_over_time(frame, gap_days=10),
    is_dense=True,
    caption=(
        "Stars a repository held at each week’s observation. A line is open where the repository was not on the "
        "ranking that day: the value is unknown then, not zero."
    ),
    caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
)
