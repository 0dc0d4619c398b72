"""The one list of importers, in the order of the manifest."""

from pipeline.archive import (
    conference_tracker,
    detector_labels,
    github_innovation_graph,
    github_ranking,
    hiring_posts,
    kaggle_survey,
    mlperf,
    npm_downloads,
    package_index,
    paper_code_links,
    paper_lists,
    paper_repositories,
    stackoverflow_survey,
)
from pipeline.archive.importer import Importer

IMPORTERS: tuple[Importer, ...] = (
    conference_tracker.IMPORTER,
    paper_code_links.IMPORTER,
    paper_lists.IMPORTER,
    paper_repositories.IMPORTER,
    stackoverflow_survey.IMPORTER,
    kaggle_survey.IMPORTER,
    github_ranking.IMPORTER,
    github_innovation_graph.IMPORTER,
    hiring_posts.IMPORTER,
    package_index.IMPORTER,
    mlperf.TRAINING_IMPORTER,
    mlperf.INFERENCE_IMPORTER,
    npm_downloads.IMPORTER,
    detector_labels.ICML_IMPORTER,
    detector_labels.ABSTRACT_IMPORTER,
)
