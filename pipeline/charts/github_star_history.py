"""GitHub: stars given by week and still held."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

CHART = Chart(
    name="github_star_history",
    title="GitHub stars given in a week and still held",
    section="github",
    where={"series_id": "github.star_history"},
    draw=lambda frame: marks.counts_over_time(frame, gap_days=10),
    is_dense=True,
    caption=(
        "Stars given to the framework’s own repository in each week and not taken back by the day of asking. Weeks "
        "long past are lower than they were, since stars taken back are gone from them."
    ),
    caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
)
