"""Semantic Scholar: papers of a year whose title or abstract names a framework."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Papers of all sciences whose title or abstract names a framework",
    section="papers",
    where={"series_id": "papers.semantic_scholar_mentions"},
    draw=CountsOverTime(gap_days=370),
    caption=(
        "Papers of a year that Semantic Scholar finds for the framework’s name. Names that are ordinary words "
        "are left out. The service announces no total to divide by: read the shape, not the level."
    ),
    caveats=("The service’s own stemming decides what matches.", "The newest year is not over."),
)
