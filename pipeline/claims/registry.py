"""The one list of statements, in the order in which the page makes them."""

from pipeline.claims import papers_link, papers_name, performance, surveys, traffic
from pipeline.claims.claim import Statement

STATEMENTS: tuple[Statement, ...] = (
    papers_name.STATEMENT,
    papers_link.STATEMENT,
    surveys.STATEMENT,
    traffic.STATEMENT,
    performance.STATEMENT,
)
