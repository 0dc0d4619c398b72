"""The sections of the page with their charts, as the files of `data/reference/page` declare them."""

from pathlib import Path

from pipeline.charts.chart import Chart, Section
from pipeline.errors import BadInput
from pipeline.reference import Frameworks, known_frameworks
from pipeline.reference.toml_file import read_toml, require_unique, validated
from pipeline.settings import Settings


def sections() -> tuple[Section, ...]:
    """Return every section in the order of the page, its charts with the frameworks of the registry.

    Raises:
        BadInput: a file is no TOML, or an entry is not what it should be.
    """
    folder, known = Settings().reference_folder / "page", known_frameworks()
    found = sorted((_section(path, known) for path in sorted(folder.glob("*.toml"))), key=lambda each: each.order)
    if not found:
        raise BadInput(f"{folder} holds no section of the page; restore it from git.")
    try:
        require_unique("order", (str(section.order) for section in found))
        require_unique("chart", (chart.name for section in found for chart in section.charts))
    except ValueError as error:
        raise BadInput(f"{folder}: {error}; mend that entry.") from error
    return tuple(found)


def charts() -> list[Chart]:
    """Return every chart in the order of the page, as `sections` does."""
    return [chart for section in sections() for chart in section.charts]


def _section(path: Path, known: Frameworks) -> Section:
    declared = validated(path, Section, {"name": path.stem, **read_toml(path)})
    lead = " ".join(declared.lead.split())
    return declared.model_copy(update={"lead": lead, "charts": tuple(chart.of(known) for chart in declared.charts)})
