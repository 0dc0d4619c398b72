"""Writing the page on what is published."""

from pipeline.log import logger
from pipeline.report.build import build_page
from pipeline.settings import Settings

_LOG = logger("refresh")


def write_report(settings: Settings, withheld: str = "") -> str:
    """Write the page, which says first why a newer run was withheld, if one was; return one sentence about it.

    Raises:
        BadInput: nothing is published, or the page cannot be written.
    """
    _LOG.info("Writing the page")
    facts = build_page(settings.published_file, settings.page_file, withheld)
    return f"{facts.page_file} ({facts.size_bytes / 1000:.0f} kB, {facts.charts_count} charts)"
