"""The one list of charts, in the order of the page."""

from pipeline.charts import (
    downloads,
    github_stars,
    mlperf_training_entries,
    papers_code_availability,
    papers_code_links,
    papers_conference_mentions,
    performance_ratios,
    side_by_side_adoption,
    side_by_side_performance,
    survey_kaggle,
    survey_stackoverflow,
)
from pipeline.charts.base import Chart

CHARTS: tuple[Chart, ...] = (
    papers_conference_mentions.CHART,
    papers_code_links.CHART,
    papers_code_availability.CHART,
    survey_stackoverflow.CHART,
    survey_kaggle.CHART,
    github_stars.CHART,
    downloads.CHART,
    mlperf_training_entries.CHART,
    performance_ratios.CHART,
    side_by_side_adoption.CHART,
    side_by_side_performance.CHART,
)
