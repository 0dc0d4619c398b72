"""Counts that were published as such: stars and developers on GitHub, job posts, downloads, entries of competitions.

Stars of framework repositories by week, from daily lists, and developers by economy from GitHub's own graph; job posts
in the monthly threads "Ask HN: Who is hiring?" that name a framework, by year, until May 2024; of the Python package
index the lists of the most downloaded packages, and of npm the web and mobile packages of each family, by month; which
frameworks the entries of each round of MLPerf name, in training and in inference.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.archive.importer import Fields, Importer, count_of, meaning_of, moment_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import CompetitionEntry, DownloadList, DownloadWindow, PeriodCount, RepositoryDay
from pipeline.reference import known_frameworks
from pipeline.reference.lists import UNRESOLVED, MlperfRules, read_mlperf_rules
from pipeline.reference.toml_file import read_toml
from pipeline.settings import Settings
from pipeline.sources.github_innovation_graph import pushers

_FILE = Path(__file__).with_suffix(".toml")
_TOLD: dict[str, Any] = read_toml(_FILE)
"""What the raw files do not say by themselves."""
RANKING_IMPORTER = Importer("github_ranking")
TOPICS_IMPORTER = Importer("github_innovation_graph")
RANKING_FILE = "framework_repos_daily.parquet"
_TOPIC_COLUMNS = ("year", "quarter", "topic", "iso2_code", "num_pushers")
_RELEASED_ON = date(2026, 1, 27)


@RANKING_IMPORTER.file("repository_days.csv", RepositoryDay, RANKING_FILE)
def _weeks(path: Path) -> Iterable[Fields]:
    """Return the last listed day of each ISO week for every repository of a framework or tool that is on a list.

    A week in which a repository was on no list has no record: its stars are unknown then, not zero.
    """
    registered = {each.name for _, each in known_frameworks().repositories()}
    days: dict[tuple[str, date], Fields] = {}
    columns = ("repo", "snap", "repo_as_listed", "stars", "forks", "last_commit")
    for repository, snap, listed_as, stars, forks, pushed in text_rows(path, columns, among=registered):
        day = moment_of(path, "snap", snap).date()
        if (repository, day) in days:
            raise BadInput(f"{path} lists {repository} twice on {day}; get the raw file again.")
        days[repository, day] = {
            "repository": repository,
            "listed_as": listed_as,
            "observed_on": day,
            "stars_count": count_of(path, "stars", stars),
            "forks_count": count_of(path, "forks", forks) if forks else None,
            "pushed_on": moment_of(path, "last_commit", pushed).date() if pushed else None,
        }
    if not days:
        raise BadInput(f"{path} lists no repository of data/reference/frameworks; get the raw file again.")
    return {(name, *day.isocalendar()[:2]): days[name, day] for name, day in sorted(days)}.values()


@TOPICS_IMPORTER.file("topic_pushers.csv", PeriodCount, "topic_pushers_quarterly.csv")
def _pushers(path: Path) -> Iterable[Fields]:
    """Return one count per economy, quarter and framework whose topic is published; what is absent is below 100."""
    return pushers(text_rows(path, _TOPIC_COLUMNS), _RELEASED_ON)


HIRING_IMPORTER = Importer("hn_who_is_hiring")
_FIRST_YEAR = 2015
"""The year in which a post named a framework for the first time."""


@HIRING_IMPORTER.file("hiring_posts.csv", PeriodCount, "posts_naming_monthly.csv")
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


INDEX_IMPORTER = Importer("package_index", folder="pypi_downloads")
COUNTS_FILE = "top_packages_30d_all_snapshots.parquet"
SNAPSHOTS_FILE = "snapshots.csv"


class _Snapshot(NamedTuple):
    """One published list and the window its counts are about; both days belong to it."""

    window_start: date
    window_end: date
    counting_system: str
    packages_count: int
    cutoff_count: int


@INDEX_IMPORTER.file("download_windows.csv", DownloadWindow, COUNTS_FILE)
def _windows(path: Path) -> Iterator[Fields]:
    """Yield the downloads of every package of a framework's family on every list that holds it."""
    rows = _listed_counts(path)
    kept = _snapshots(path.with_name(SNAPSHOTS_FILE), rows)
    families = {each.name for _, each in known_frameworks().packages("pypi", summed=True)}
    for fetched_at, package, downloads_count in rows:
        if package in families and fetched_at in kept:
            yield {
                "package": package,
                "client_scope": "all clients",
                "window_start": kept[fetched_at].window_start,
                "window_end": kept[fetched_at].window_end,
                "downloads_count": count_of(path, "download_count", downloads_count),
                "counting_system": kept[fetched_at].counting_system,
            }


@INDEX_IMPORTER.file("download_lists.csv", DownloadList, SNAPSHOTS_FILE)
def _lists(path: Path) -> Iterator[Fields]:
    """Yield length and cut-off of every list."""
    for snapshot in _snapshots(path, _listed_counts(path.with_name(COUNTS_FILE))).values():
        yield {name: value for name, value in snapshot._asdict().items() if name != "window_start"}


def _listed_counts(path: Path) -> list[tuple[str, ...]]:
    return text_rows(path, ("last_update", "project", "download_count"))


def _snapshots(path: Path, rows: Iterable[tuple[str, ...]]) -> dict[str, _Snapshot]:
    """Return the lists by the moment at which they were fetched; of several about one window the last."""
    columns = ("last_update", "n_packages", "min_downloads", "source")
    described = dict(_snapshot(path, *cells) for cells in text_rows(path, columns))
    expected = Counter({fetched_at: snapshot.packages_count for fetched_at, snapshot in described.items()})
    counted = Counter(fetched_at for fetched_at, *_ in rows)
    if expected != counted:
        different = min(key for key in expected | counted if expected[key] != counted[key])
        raise BadInput(f"{COUNTS_FILE} and {path} disagree about the list of {different}; get both raw files again.")
    last_of_window = {described[fetched_at].window_end: fetched_at for fetched_at in sorted(described)}
    return {fetched_at: described[fetched_at] for fetched_at in last_of_window.values()}


def _snapshot(path: Path, last_update: str, n_packages: str, min_downloads: str, origin: str) -> tuple[str, _Snapshot]:
    fetched_at = moment_of(path, "last_update", last_update)
    day = fetched_at.date()
    query = next((each for each in reversed(_TOLD["package_index_query"]) if each["since"] <= day), None)
    if query is None:
        raise BadInput(f"{path}: how the list of {day} was counted is not known; add it to {_FILE.name}.")
    window_days, counting_system = query.get("window_days"), query["counting_system"]
    if origin != counting_system.split(",")[0]:
        raise BadInput(f"{path}: the list of {last_update} is by {origin!r}; add how it was counted to {_FILE.name}.")
    packages_count = count_of(path, "n_packages", n_packages)
    cutoff_count = count_of(path, "min_downloads", min_downloads)
    # BigQuery was asked for the last 30 times 24 hours up to one day before the moment of asking; recorded are the 30
    # whole days before the list's day, which is right to within a day.
    last = (day if window_days else day.replace(day=1)) - timedelta(days=1)
    first = day - timedelta(days=window_days) if window_days else last.replace(day=1)
    return str(fetched_at), _Snapshot(first, last, counting_system, packages_count, cutoff_count)


NPM_IMPORTER = Importer("npm_downloads")
NPM_FILE = "monthly_downloads.csv"


@NPM_IMPORTER.file("npm_downloads.csv", PeriodCount, NPM_FILE)
def _totals(path: Path) -> Iterator[Fields]:
    """Yield the downloads of each package in the month that its table is named after.

    Each package is a subject of its own and nothing is added up, since packages of one family install one another.
    """
    frameworks = {package.name: entry.id for entry, package in known_frameworks().packages("npm")}
    for version, month, package, downloads in text_rows(path, ("snapshot_version", "month", "package", "downloads")):
        # The question mark stands for a month of which the table does not say whether it is this or the one before.
        first = moment_of(path, "month", f"{month.removesuffix('?')}-01").date()
        yield {
            "measure": "downloads",
            "subject": f"{package}: downloads in the month",
            "framework": meaning_of(path, "package", frameworks, package),
            "period_start": first,
            "period_end": first.replace(day=monthrange(first.year, first.month)[1]),
            "observed_on": meaning_of(path, "version", _TOLD["npm_published_on"], version),
            "items_count": count_of(path, "downloads", downloads),
        }


TRAINING_IMPORTER = Importer("mlperf_training", folder="mlperf")
INFERENCE_IMPORTER = Importer("mlperf_inference", folder="mlperf")
TRAINING_FILE = "training_results_by_framework.parquet"
LATER_FILE = "training_results_v3.1_v4.1_v5.0.csv"
INFERENCE_FILE = "inference_results_by_framework.parquet"

Named = tuple[str, str, str]
"""The round, the group and the set of labels of one entry."""


@TRAINING_IMPORTER.file("mlperf_training.csv", CompetitionEntry, TRAINING_FILE)
def _training(path: Path) -> Iterator[Fields]:
    """Yield the number of training entries for each round and set of frameworks named together."""
    labels, rules = known_frameworks().labels_of("mlperf_training"), read_mlperf_rules(Settings().reference_folder)
    entries = Counter(_flagged(path, labels, rules))
    entries.update(_written(path.with_name(LATER_FILE), labels, rules))
    yield from _counted(path, "MLPerf Training", entries)


def _flagged(path: Path, labels: dict[str, str], rules: MlperfRules) -> Iterator[Named]:
    columns = ("round", "framework", "n_frameworks", *labels)
    for round_name, text, named_count, *flags in text_rows(path, columns):
        named = _flagged_names(labels, flags)
        if str(len(named)) != named_count:
            raise BadInput(f"{path}: {round_name} has {len(named)} frameworks, and says {named_count}; get it again.")
        yield round_name, "all entries", "|".join(named) or rules.label_set_of(text, {})


def _written(path: Path, labels: dict[str, str], rules: MlperfRules) -> Iterator[Named]:
    """Yield the entries of a file with the framework field as written; where it gives labels too, both must agree."""
    for round_name, text, published in text_rows(path, ("round", "framework_raw", "label_set")):
        label_set = rules.label_set_of(text, labels)
        if label_set.replace(UNRESOLVED, "") != published:
            raise BadInput(f"{path}: {text!r} reads as {label_set or 'nothing'}, labelled {published!r}; get it again.")
        yield round_name, "all entries", label_set


@INFERENCE_IMPORTER.file("mlperf_inference.csv", CompetitionEntry, INFERENCE_FILE)
def _inference(path: Path) -> Iterator[Fields]:
    """Yield the number of inference results for each round, group and set of frameworks named together."""
    labels, rules = known_frameworks().labels_of("mlperf_inference"), read_mlperf_rules(Settings().reference_folder)
    entries: Counter[Named] = Counter()
    columns = ("round", "organization", "division", "framework", *labels)
    for round_name, organisation, division, text, *flags in text_rows(path, columns):
        is_automated = rules.is_automated(organisation, division, text)
        group = "automated runs" if is_automated else f"{division} division"
        label_set = "|".join(_flagged_names(labels, flags)) or rules.label_set_of(text, labels)
        entries[round_name, group, label_set] += 1
    yield from _counted(path, "MLPerf Inference", entries)


def _counted(path: Path, competition: str, entries: Counter[Named]) -> Iterator[Fields]:
    for (round_name, group, label_set), entries_count in entries.items():
        yield {
            "competition": competition,
            "round": f"v{round_name}",
            "round_year": meaning_of(path, "round", _TOLD["mlperf_round_year"], round_name),
            "entry_group": group,
            "label_set": label_set,
            "entries_count": entries_count,
        }


def _flagged_names(labels: dict[str, str], flags: list[str]) -> list[str]:
    return sorted(name for name, flag in zip(labels.values(), flags, strict=True) if flag == "true")
