"""Job posts on Hacker News that name a framework: a publisher's closed count, and our own detector's that goes on."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="Job posts that name the framework",
    section="jobs",
    where={"series_id": "jobs.hiring_posts"},
    draw=SharesOverTime(height=250),
    panel=("population",),
    panels_first=("posts as our detector reads them", "all posts"),
    caption=(
        "Among the posts in the monthly threads “Ask HN: Who is hiring?”, the share that names each framework; a post "
        "may name several, most name none. By month as our detector reads them; by year as a publisher counted them "
        "until May 2024."
    ),
    caveats=("The two were counted by other words: compare within one of them, never across.",),
)
