"""Words for who leads."""

from typing import Final

from pipeline.claims.wording import Row, tallied
from pipeline.reference import known_frameworks

UNDECIDED: Final = "cannot tell"
DISAGREE: Final = "disagree"


def title_of(framework: object) -> str:
    """Return a framework's name as people write it."""
    return known_frameworks().title(str(framework))


def ratio_tally_of(row: Row) -> str:
    """Return in how many cases a framework was faster or slower than the reference: `slower in 5 and the same in 3`."""
    return tallied(
        {
            "faster": row.faster_count,
            "slower": row.slower_count,
            "the same": row.same_count,
            "not shown to differ": row.no_difference_count,
            "not comparable": row.not_comparable_count,
        }
    )
