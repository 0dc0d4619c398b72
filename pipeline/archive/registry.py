"""The one list of importers, in the order of the manifest."""

from pkgutil import resolve_name

from pipeline.archive.importer import Importer

_NAMES = (
    "conference_tracker.IMPORTER", "paper_code_links.IMPORTER", "paper_lists.IMPORTER", "paper_repositories.IMPORTER",
    "stackoverflow_survey.IMPORTER", "kaggle_survey.IMPORTER", "github_ranking.IMPORTER",
    "github_innovation_graph.IMPORTER", "hiring_posts.IMPORTER", "package_index.IMPORTER",
    "mlperf.TRAINING_IMPORTER", "mlperf.INFERENCE_IMPORTER", "npm_downloads.IMPORTER",
    "detector_labels.ICML_IMPORTER", "detector_labels.ABSTRACT_IMPORTER",
)  # fmt: skip
IMPORTERS: tuple[Importer, ...] = tuple(resolve_name(f"pipeline.archive.{name}") for name in _NAMES)
