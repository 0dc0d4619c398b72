"""Stars of framework repositories, weekly, from daily lists of GitHub's 100 most starred by language and overall."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import count_of, moment_of, record_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import RepositoryDay
from pipeline.reference import known_frameworks

RAW_FILE = "framework_repos_daily.parquet"
_COLUMNS = ("repo", "snap", "repo_as_listed", "stars", "forks")


def read_weeks(folder: Path, stamp: Stamp) -> Iterator[RepositoryDay]:
    """Yield the last listed day of each ISO week for every repository that carries a framework's name.

    A week in which a repository was on no list has no record: its stars are unknown then, not zero.

    Raises:
        BadInput: the file is missing or odd, lists a day twice, or lists none of the repositories.
    """
    days = _days(folder / RAW_FILE, stamp)
    last_of_week = {_week_of(day): day for day in sorted(days, key=lambda day: day.observed_on)}
    yield from last_of_week.values()


def _days(path: Path, stamp: Stamp) -> list[RepositoryDay]:
    tracked = {each.name for _, each in known_frameworks().repositories(tracked=True)}
    rows = [dict(zip(_COLUMNS, cells, strict=True)) for cells in text_rows(path, _COLUMNS)]
    days = [_day(path, stamp, row) for row in rows if row["repo"] in tracked]
    if not days:
        raise BadInput(f"{RAW_FILE} lists no repository of data/reference/frameworks; get the raw file again.")
    repeated = [key for key, count in Counter((day.repository, day.observed_on) for day in days).items() if count > 1]
    if repeated:
        raise BadInput(f"{RAW_FILE} lists {repeated[0][0]} twice on {repeated[0][1]}; get the raw file again.")
    return days


def _day(path: Path, stamp: Stamp, row: Mapping[str, str]) -> RepositoryDay:
    fields = {
        **stamp,
        "repository": row["repo"],
        "listed_as": row["repo_as_listed"],
        "observed_on": moment_of(path, "snap", row["snap"]).date(),
        "stars_count": count_of(path, "stars", row["stars"]),
        "forks_count": count_of(path, "forks", row["forks"]) if row["forks"] else None,
    }
    return record_of(RepositoryDay, path, fields)


def _week_of(day: RepositoryDay) -> tuple[str, int, int]:
    week = day.observed_on.isocalendar()
    return day.repository, week.year, week.week


IMPORTER = Importer(
    source_id="github_ranking",
    raw_folder="github_ranking",
    files=(ArchiveFile(name="repository_days.csv", record=RepositoryDay, read=read_weeks),),
)
