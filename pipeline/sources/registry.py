"""The one list of sources, in the order in which they are shown."""

from pkgutil import resolve_name

from pipeline.errors import BadInput
from pipeline.sources import paper_code
from pipeline.sources.source import Service, Source

_NAMES = (
    "arxiv", "arxiv_code", "arxiv_full_text", "openalex", "semantic_scholar", "openreview", "proceedings",
    "hub_daily_papers", "pwc_archive", "paperswithcode", "conference_tracker",
    "stackoverflow_survey", "kaggle_survey", "hn_who_is_hiring",
    "github_repositories", "github_star_history", "github_new_repositories", "github_innovation_graph",
    "stackexchange_questions", "mlperf_training", "mlperf_inference",
    "package_downloads", "package_downloads_history", "package_index", "conda_downloads", "npm_downloads", "hub_models",
)  # fmt: skip
SOURCES: tuple[Source, ...] = tuple(resolve_name(f"pipeline.sources.{name}.SOURCE") for name in _NAMES)

USUAL_SOURCES: tuple[Source, ...] = tuple(source for source in SOURCES if not (source.is_long or source.is_scheduled))
"""The sources that are asked when none is named."""


def source_named(name: str) -> Service:
    """Return one source, or the host of the sampled paper code.

    Raises:
        BadInput: there is none of this name.
    """
    known: dict[str, Service] = {each.name: each for each in (*SOURCES, paper_code.SERVICE)}
    if name not in known:
        raise BadInput(f"There is no source {name!r}; choose among {', '.join(known)}.")
    return known[name]
