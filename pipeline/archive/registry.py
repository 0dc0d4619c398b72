"""The one list of importers, in the order of the manifest."""

from importlib import import_module

from pipeline.archive.importer import Importer

_NAMES = (
    "conference_tracker.IMPORTER", "paper_code_links.IMPORTER", "paper_lists.IMPORTER", "paper_repositories.IMPORTER",
    "stackoverflow_survey.IMPORTER", "kaggle_survey.IMPORTER", "github_ranking.IMPORTER",
    "github_innovation_graph.IMPORTER", "hiring_posts.IMPORTER", "package_index.IMPORTER",
    "mlperf.TRAINING_IMPORTER", "mlperf.INFERENCE_IMPORTER", "npm_downloads.IMPORTER",
    "detector_labels.ICML_IMPORTER", "detector_labels.ABSTRACT_IMPORTER",
)  # fmt: skip
IMPORTERS: tuple[Importer, ...] = tuple(
    getattr(import_module(f"pipeline.archive.{module}"), name) for module, name in (each.split(".") for each in _NAMES)
)
