"""Stars of framework repositories, weekly, from daily lists of GitHub's 100 most starred by language and overall."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
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
        **stamp.fields,
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
    title="Github-Ranking: daily lists of the most starred GitHub repositories, 2018-12-18 to 2026-08-22",
    raw_folder="github_ranking",
    public_address="https://github.com/EvanLi/Github-Ranking",
    licence="MIT",
    attribution="Github-Ranking, (c) 2018 Evan Li",
    as_of=date(2026, 8, 22),
    notes=(
        (
            "Weekly: the last day of each ISO week (Monday to Sunday) on which the repository was on a list. A "
            "year's last day is therefore in the archive only when it was the last listed day of its week."
        ),
        (
            "A repository is listed only while it is among the 100 most starred of its language or overall; a week "
            "without a record is unknown, never zero."
        ),
        "Days without lists: 2021-10-01 to 2021-12-18 and 2024-10-23 to 2025-01-08.",
        (
            "Until 2024-04-09 the Python list dropped repositories at random (Keras is missing on 220 days of 2023) "
            "and had a cut-off near 15,000-21,000 stars; since then the cut-off is above 29,000. JAX is not listed "
            "after 2024-04-07. The stars of a listed repository mean the same before and after."
        ),
        (
            "Stars are those held on the day: an account that is removed takes its stars along. Between 2026-06-30 "
            "and 2026-07-01 TensorFlow lost 236, PyTorch 220 and scikit-learn 112; other frameworks at most two."
        ),
        "A repository on several lists of a day has the larger of its values; lists are fetched minutes apart.",
        (
            "Renames are mapped to today's name and the listed name is kept: google/jax, apache/incubator-mxnet, "
            "Microsoft/CNTK, geohot/tinygrad, PyTorchLightning/pytorch-lightning and Lightning-AI/lightning."
        ),
    ),
    files=(ArchiveFile(name="repository_days.csv", record=RepositoryDay, read=read_weeks),),
)
