"""The one list of charts, in the order of the page."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pipeline.charts.chart import Chart
from pipeline.reference import known_frameworks

_NAMES = (
    "papers_conference_mentions", "papers_code_own_framework", "papers_code_states", "papers_code_links",
    "papers_code_availability", "papers_openalex_mentions",
    "papers_arxiv_mentions", "papers_proceedings_mentions", "papers_semantic_scholar_mentions",
    "papers_openreview_search",
    "survey_stackoverflow", "survey_stackoverflow_opinions", "survey_kaggle", "hiring_posts",
    "github_stars", "github_star_history", "github_new_repositories", "developers_by_economy", "developers_over_time",
    "questions_stackoverflow",
    "downloads", "downloads_by_month", "downloads_pypistats", "downloads_conda", "downloads_tools", "downloads_npm",
    "hub_models", "mlperf_training_entries", "mlperf_inference_entries",
    "crossings", "source_agreement", "multiverse",
    "performance_ratios", "performance_elsewhere", "side_by_side_adoption", "side_by_side_performance",
    "scanned_shares",
)  # fmt: skip
_DECLARED = [vars(import_module(f"pipeline.charts.{file.name}")) for file in iter_modules([str(Path(__file__).parent)])]
CHARTS: tuple[Chart, ...] = tuple(
    next(each[name] for each in _DECLARED if name in each) for name in map(str.upper, _NAMES)
)


def charts() -> list[Chart]:
    """Return every chart with the frameworks of the registry, in the order of the page."""
    known = known_frameworks()
    return [chart.named(name, known) for name, chart in zip(_NAMES, CHARTS, strict=True)]
