"""Proceedings: papers of an edition whose title or abstract names a framework."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="Papers of proceedings that name a framework up front, by venue",
    section="papers",
    where={"series_id": "papers.proceedings_mentions"},
    draw=SharesOverTime(height=180),
    panel=("population",),
    caption=(
        "Share of the papers that an edition lists whose title, or title and abstract, names the framework as used. "
        "Most papers name theirs in the body or nowhere: read the shape, not the level."
    ),
    caveats=("Titles alone, and titles with abstracts, are two measures that do not compare.",),
)
