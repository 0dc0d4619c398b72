"""OpenReview: notes that its search finds for a framework's name."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

CHART = Chart(
    name="papers_openreview_search",
    title="Notes on OpenReview that its search finds for a framework",
    section="papers",
    where={"series_id": "papers.openreview_search"},
    draw=lambda frame: marks.counts_over_time(frame, gap_days=40, scale="log"),
    is_dense=True,
    caption=(
        "Submissions, reviews and comments that match the name, on each day of asking. The axis is logarithmic: equal "
        "steps are equal factors."
    ),
    caveats=("What the search reads is not documented, and several notes belong to one paper.",),
)
