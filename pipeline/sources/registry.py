"""The sources that `services.toml` lists, in its order, which is that in which they are shown."""

from pkgutil import resolve_name

from pipeline.errors import BadInput
from pipeline.sources import paper_code
from pipeline.sources.source import SERVICE_NAMES, Service, Source

SOURCES: tuple[Source, ...] = tuple(
    resolve_name(f"pipeline.sources.{name}.SOURCE") for name in SERVICE_NAMES if name != paper_code.SERVICE.name
)

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
