"""Stack Overflow: questions asked per month under each framework's tag, and all questions of that month.

State of late 2026: 300 requests a day and address without a key, 10,000 with a free one; `backoff` in any answer is to
be obeyed, and a spent allowance is announced by a 400 that names itself `throttle_violation`; `filter=total` gives the
number alone. A tag's own `count` differs from this total and is not used.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from pipeline.errors import Refused
from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow
from pipeline.sources.source import Source, Totals, asked_words, entry_of, months

NAME = "stackexchange_questions"
_TOTALS = Totals(NAME, "questions")
_ADDRESS = "https://api.stackexchange.com/2.3/questions"
_BAD_REQUEST = 400


class _Answer(Wire):
    total: int
    backoff: int = 0


class _Problem(Wire):
    error_name: str
    error_message: str = ""


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    first, last = datetime.combine(window.starts_on, time.min, UTC), datetime.combine(window.ends_on, time.max, UTC)
    span = ("fromdate", str(int(first.timestamp()))), ("todate", str(int(last.timestamp())))
    fixed = (*span, ("site", "stackoverflow"), ("filter", "total"))
    # All questions, and then the site's canonical tag of each framework; synonyms are led to it by the site.
    for framework, tag in (("", ""), *asked_words(NAME)):
        yield Request(
            url=_ADDRESS,
            accepted_statuses=(200, _BAD_REQUEST),
            params=((("tagged", tag),) if tag else ()) + fixed,
            about=(("tag", tag), ("framework", framework), *window.details),
        )


def _check(page: Page) -> None:
    """End the pagination at a 400: the day's allowance is spent, or the question is not accepted."""
    if page.provenance.status != _BAD_REQUEST:
        return
    problem = json_of(page, _Problem)
    if problem.error_name == "throttle_violation":
        raise Refused(
            f"{page.address}: Stack Exchange's allowance is spent ({problem.error_message}); "
            "run again tomorrow, or set OBSERVATORY_STACKEXCHANGE_KEY for 10,000 requests a day."
        )
    raise Refused(f"{page.address}: Stack Exchange says {problem.error_name!r}; report the question.")


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    windows=lambda today: months(date(2015, 1, 1), today),
    starts=_starts,
    check=_check,
    parse=lambda page: _TOTALS.rows(
        page, f"questions on stackoverflow.com: {page.request.detail('tag') or 'all'}", json_of(page, _Answer).total
    ),
    pause_seconds=lambda page: json_of(page, _Answer).backoff,
)
