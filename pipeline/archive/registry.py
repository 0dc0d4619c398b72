"""The one list of importers, in the order of the manifest."""

from pipeline.archive import (
    conference_tracker,
    detector_labels,
    github_ranking,
    kaggle_survey,
    mlperf_training,
    package_index,
    paper_code_links,
    paper_lists,
    stackoverflow_survey,
)
from pipeline.archive.importer import Importer

IMPORTERS: tuple[Importer, ...] = (
    conference_tracker.IMPORTER,
    paper_code_links.IMPORTER,
    paper_lists.IMPORTER,
    stackoverflow_survey.IMPORTER,
    kaggle_survey.IMPORTER,
    github_ranking.IMPORTER,
    package_index.IMPORTER,
    mlperf_training.IMPORTER,
    detector_labels.ICML_IMPORTER,
    detector_labels.ABSTRACT_IMPORTER,
)
