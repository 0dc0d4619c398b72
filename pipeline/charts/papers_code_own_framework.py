"""Paper code: what the code of sampled papers is written in, by field of the venue."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="What the code of papers is written in",
    section="papers",
    where={
        "series_id": "papers.code_own_framework",
        "population": ("all", "vision", "language", "other", "arXiv, by month"),
    },
    frameworks="first six",
    draw=SharesOverTime(height=230, has_bounds=True),
    panel=("population",),
    panels_first=("arXiv, by month", "all", "vision", "language", "other"),
    caption=(
        "Share of sampled repositories with code that are written in each framework, alone or with another, weighted "
        "by the size of each year’s list. A point stands at the first year of its span (2019–21, 2022–23, 2024–25), "
        "or at its month where code was drawn from the newest papers on arXiv; pale bars reach as far as the "
        "repositories that could not be read leave it open."
    ),
    caveats=(
        "No line joins the spans: the lists hold other venues each year, see the breaks.",
        "From fewer than 60 repositories that name one of the two there is a figure and no verdict.",
    ),
)
