"""GitHub: stars of framework repositories, weekly, from daily lists; and developers by economy, from its own graph."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, count_of, moment_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import PeriodCount, RepositoryDay
from pipeline.reference import known_frameworks
from pipeline.sources.github_innovation_graph import pushers

RANKING_IMPORTER = Importer("github_ranking")
TOPICS_IMPORTER = Importer("github_innovation_graph")
RAW_FILE = "framework_repos_daily.parquet"
_COLUMNS = ("year", "quarter", "topic", "iso2_code", "num_pushers")
_RELEASED_ON = date(2026, 1, 27)


@RANKING_IMPORTER.file("repository_days.csv", RepositoryDay, RAW_FILE)
def _weeks(path: Path) -> Iterable[Fields]:
    """Return the last listed day of each ISO week for every repository that carries a framework's name.

    A week in which a repository was on no list has no record: its stars are unknown then, not zero.
    """
    tracked = {each.name for _, each in known_frameworks().repositories(tracked=True)}
    days: dict[tuple[str, date], Fields] = {}
    columns = ("repo", "snap", "repo_as_listed", "stars", "forks")
    for repository, snap, listed_as, stars, forks in text_rows(path, columns, among=tracked):
        day = moment_of(path, "snap", snap).date()
        if (repository, day) in days:
            raise BadInput(f"{path} lists {repository} twice on {day}; get the raw file again.")
        days[repository, day] = {
            "repository": repository,
            "listed_as": listed_as,
            "observed_on": day,
            "stars_count": count_of(path, "stars", stars),
            "forks_count": count_of(path, "forks", forks) if forks else None,
        }
    if not days:
        raise BadInput(f"{path} lists no repository of data/reference/frameworks; get the raw file again.")
    return {(name, *day.isocalendar()[:2]): days[name, day] for name, day in sorted(days)}.values()


@TOPICS_IMPORTER.file("topic_pushers.csv", PeriodCount, "topic_pushers_quarterly.csv")
def _pushers(path: Path) -> Iterable[Fields]:
    """Return one count per economy, quarter and framework whose topic is published; what is absent is below 100."""
    return pushers(text_rows(path, _COLUMNS), _RELEASED_ON)
