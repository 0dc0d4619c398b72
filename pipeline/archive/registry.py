"""The one list of importers, in the order of the manifest."""

from pkgutil import resolve_name

from pipeline.archive.importer import Importer

_NAMES = (
    "conference_tracker.IMPORTER", "paper_code_links.IMPORTER", "paper_lists.IMPORTER", "paper_repositories.IMPORTER",
    "surveys.STACKOVERFLOW_IMPORTER", "surveys.KAGGLE_IMPORTER", "github.RANKING_IMPORTER", "github.TOPICS_IMPORTER",
    "hiring_posts.IMPORTER", "package_downloads.INDEX_IMPORTER", "mlperf.TRAINING_IMPORTER",
    "mlperf.INFERENCE_IMPORTER", "package_downloads.NPM_IMPORTER", "detector_labels.ICML_IMPORTER",
    "detector_labels.ABSTRACT_IMPORTER",
)  # fmt: skip
IMPORTERS: tuple[Importer, ...] = tuple(resolve_name(f"pipeline.archive.{name}") for name in _NAMES)
