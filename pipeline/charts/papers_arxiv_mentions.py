"""arXiv: papers of a month whose title, abstract or comment names a framework."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="arXiv papers that name a framework up front, monthly",
    section="papers",
    where={"series_id": "papers.arxiv_mentions"},
    draw=CountsOverTime(gap_days=40),
    caption=(
        "Papers of a month whose title, abstract or comment names the framework as used, by the month of their first "
        "version. Most papers name theirs in the body or nowhere: read the shape, not the level."
    ),
    caveats=("Papers about software name it up front; papers that merely use it seldom do.",),
)
