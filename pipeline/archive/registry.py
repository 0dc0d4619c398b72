"""The one list of importers, in the order of the manifest."""

from pipeline.archive import github_ranking, kaggle_survey, package_index, stackoverflow_survey
from pipeline.archive.base import Importer

IMPORTERS: tuple[Importer, ...] = (
    stackoverflow_survey.IMPORTER,
    kaggle_survey.IMPORTER,
    github_ranking.IMPORTER,
    package_index.IMPORTER,
)
