"""The one list of charts, in the order of the page."""

from pipeline.charts import (
    downloads,
    downloads_by_month,
    github_new_repositories,
    github_stars,
    hub_models,
    mlperf_training_entries,
    papers_arxiv_mentions,
    papers_code_availability,
    papers_code_links,
    papers_conference_mentions,
    papers_openalex_mentions,
    performance_elsewhere,
    performance_ratios,
    questions_stackoverflow,
    side_by_side_adoption,
    side_by_side_performance,
    survey_kaggle,
    survey_stackoverflow,
)
from pipeline.charts.chart import Chart
from pipeline.reference import known_frameworks

CHARTS: tuple[Chart, ...] = (
    papers_conference_mentions.CHART,
    papers_code_links.CHART,
    papers_code_availability.CHART,
    papers_openalex_mentions.CHART,
    papers_arxiv_mentions.CHART,
    survey_stackoverflow.CHART,
    survey_kaggle.CHART,
    github_stars.CHART,
    github_new_repositories.CHART,
    questions_stackoverflow.CHART,
    downloads.CHART,
    downloads_by_month.CHART,
    hub_models.CHART,
    mlperf_training_entries.CHART,
    performance_ratios.CHART,
    performance_elsewhere.CHART,
    side_by_side_adoption.CHART,
    side_by_side_performance.CHART,
)


def charts() -> list[Chart]:
    """Return every chart with the frameworks of the registry, in the order of the page."""
    known = known_frameworks()
    return [chart.for_frameworks(known) for chart in CHARTS]
