"""Job posts in the monthly threads "Ask HN: Who is hiring?" that name a framework, by year, until May 2024."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, count_of, moment_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import PeriodCount
from pipeline.reference import known_frameworks

IMPORTER = Importer("hn_who_is_hiring")
_FIRST_YEAR = 2015
"""The year in which a post named a framework for the first time."""


@IMPORTER.file("hiring_posts.csv", PeriodCount, "posts_naming_monthly.csv")
def _posts(path: Path) -> Iterator[Fields]:
    """Yield per year the posts that name each framework, and all posts as their base."""
    terms = known_frameworks().labels_of("hn_who_is_hiring")
    counts: Counter[tuple[int, str]] = Counter()
    months: dict[str, str] = {}
    for month, posts, term, naming in text_rows(path, ("month", "posts", "term", "posts_naming")):
        year = count_of(path, "month", month[:4])
        if months.setdefault(month, posts) != posts:
            raise BadInput(f"{path}: {month} has {months[month]} and {posts} posts; get the raw file again.")
        if year >= _FIRST_YEAR and term in terms:
            counts[year, term] += count_of(path, "posts_naming", naming)
    for month, posts in months.items():
        counts[int(month[:4]), "posts"] += count_of(path, "posts", posts)
    newest = moment_of(path, "month", f"{max(months)}-01").date()
    last = newest.replace(day=monthrange(newest.year, newest.month)[1])
    for (year, term), items_count in counts.items():
        if year >= _FIRST_YEAR:
            yield {
                "measure": "posts",
                "subject": f"all posts: {term}",
                "framework": terms.get(term),
                "period_start": date(year, 1, 1),
                "period_end": min(date(year, 12, 31), last),
                "observed_on": last + timedelta(days=1),
                "items_count": items_count,
            }
