"""The one list of importers, in the order of the manifest."""

from pkgutil import resolve_name

from pipeline.archive.importer import Importer

_NAMES = (
    "papers.TRACKER_IMPORTER", "papers.LINKS_IMPORTER", "papers.LISTS_IMPORTER", "papers.REPOSITORIES_IMPORTER",
    "surveys.STACKOVERFLOW_IMPORTER", "surveys.KAGGLE_IMPORTER", "counts.RANKING_IMPORTER", "counts.TOPICS_IMPORTER",
    "counts.HIRING_IMPORTER", "counts.INDEX_IMPORTER", "counts.TRAINING_IMPORTER", "counts.INFERENCE_IMPORTER",
    "counts.NPM_IMPORTER", "papers.ICML_IMPORTER", "papers.ABSTRACT_IMPORTER",
)  # fmt: skip
IMPORTERS: tuple[Importer, ...] = tuple(resolve_name(f"pipeline.archive.{name}") for name in _NAMES)
