"""The one list of statements, in the order in which the page makes them."""

from pipeline.claims import adoption, performance
from pipeline.claims.claim import Statement

STATEMENTS: tuple[Statement, ...] = (*adoption.STATEMENTS, performance.STATEMENT)
