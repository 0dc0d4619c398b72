"""Job posts on Hacker News that name a framework: a closed series."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="Job posts that name the framework (closed in May 2024)",
    section="jobs",
    where={"series_id": "jobs.hiring_posts"},
    draw=SharesOverTime(height=250),
    caption=(
        "Among all posts of a year in the monthly threads “Ask HN: Who is hiring?”, the share that names each "
        "framework; a post may name several, most name none. The last point is January to May 2024."
    ),
    caveats=("Nothing after May 2024 was counted: this says what was asked for then, not now.",),
)
