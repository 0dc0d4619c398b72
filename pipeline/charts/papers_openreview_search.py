"""OpenReview: notes that its search finds for a framework's name."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Notes on OpenReview that its search finds for a framework",
    section="papers",
    where={"series_id": "papers.openreview_search"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    caption=(
        "Submissions, reviews and comments that match the name, on each day of asking. The axis is logarithmic: equal "
        "steps are equal factors."
    ),
    caveats=("What the search reads is not documented, and several notes belong to one paper.",),
)
