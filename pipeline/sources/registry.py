"""The one list of sources, in the order in which they are shown."""

from importlib import import_module

from pipeline.errors import BadInput
from pipeline.sources import paper_code
from pipeline.sources.source import Service, Source

_NAMES = (
    "arxiv", "arxiv_code", "openalex", "semantic_scholar", "openreview", "proceedings", "pwc_archive",
    "conference_tracker", "stackoverflow_survey", "kaggle_survey",
    "github_repositories", "github_star_history", "github_new_repositories", "stackexchange_questions",
    "package_downloads", "package_downloads_history", "conda_downloads", "hub_models",
)  # fmt: skip
SOURCES: tuple[Source, ...] = tuple(import_module(f"pipeline.sources.{name}").SOURCE for name in _NAMES)

USUAL_SOURCES: tuple[Source, ...] = tuple(source for source in SOURCES if not (source.is_long or source.is_scheduled))
"""The sources that are asked when none is named."""


def service_named(name: str) -> Service:
    """Return one source, or the host of the sampled paper code; errors as for `source_named`."""
    return paper_code.SERVICE if name == paper_code.SERVICE.name else source_named(name)


def source_named(name: str) -> Source:
    """Return one source.

    Raises:
        BadInput: there is none of this name.
    """
    for source in SOURCES:
        if source.name == name:
            return source
    names = (each.name for each in (*SOURCES, paper_code.SERVICE))
    raise BadInput(f"There is no source {name!r}; choose among {', '.join(names)}.")
