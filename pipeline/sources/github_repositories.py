"""GitHub: what the frameworks' repositories, and those of the tools that the debate names, look like today.

State of late 2026: with a token one GraphQL question answers everything about a hundred repositories, and a repository
that is not there is null beside an error; without one there are 60 REST answers an hour, of which an unchanged one is
free, and `open_issues_count` there mixes issues with pull requests, so it is not taken. A renamed repository is led to
its new name by both; its number stays.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from pydantic import AliasChoices, AliasPath, Field

from pipeline.errors import Refused, Transient
from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, Record, Reject, RepositoryDay, RepositoryState
from pipeline.reference import known_frameworks
from pipeline.sources.github import HEADERS
from pipeline.sources.source import THERE_OR_GONE, daily, entry_of, read_rows

NAME = "github_repositories"
_ADDRESS = "https://api.github.com"
_ALIAS = re.compile(r'(r\d+): repository\(owner: "([^"]*)", name: "([^"]*)"\)')
_FIELDS = (
    "databaseId nameWithOwner stargazerCount forkCount createdAt pushedAt isArchived licenseInfo { spdxId } "
    "issues(states: OPEN) { totalCount } "
    "releases(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { publishedAt } }"
)


class _Licence(Wire):
    spdx_id: str | None = Field(validation_alias=AliasChoices("spdx_id", "spdxId"))


class _Repository(Wire):
    """The fields that both ways of asking share, by their names in REST and in GraphQL."""

    number: int = Field(validation_alias=AliasChoices("id", "databaseId"))
    name: str = Field(validation_alias=AliasChoices("full_name", "nameWithOwner"))
    stars_count: int = Field(validation_alias=AliasChoices("stargazers_count", "stargazerCount"))
    forks_count: int = Field(validation_alias=AliasChoices("forks_count", "forkCount"))
    created_at: str = Field(validation_alias=AliasChoices("created_at", "createdAt"))
    pushed_at: str | None = Field(validation_alias=AliasChoices("pushed_at", "pushedAt"))
    is_archived: bool = Field(validation_alias=AliasChoices("archived", "isArchived"))
    licence: _Licence | None = Field(validation_alias=AliasChoices("license", "licenseInfo"))


class _Release(Wire):
    published_at: str | None = Field(alias="publishedAt")


class _GraphRepository(_Repository):
    open_issues_count: int = Field(validation_alias=AliasPath("issues", "totalCount"))
    releases_count: int = Field(validation_alias=AliasPath("releases", "totalCount"))
    newest_releases: list[_Release] = Field(validation_alias=AliasPath("releases", "nodes"))


class _GraphError(Wire):
    message: str
    type: str | None = None
    path: tuple[str | int, ...] = ()


class _GraphAnswer(Wire):
    data: dict[str, object] | None = None
    errors: tuple[_GraphError, ...] = ()


def _starts(_window: CollectWindow, has_key: bool) -> Iterator[Request]:
    asked = [repository for _, repository in known_frameworks().repositories(asked=True)]
    if has_key:
        body = json.dumps({"query": _question(each.name for each in asked)})
        yield Request(url=f"{_ADDRESS}/graphql", method="POST", body=body, about=(("way", "graphql"),))
        return
    for repository in asked:
        yield Request(
            url=f"{_ADDRESS}/repos/{repository.name}",
            headers=HEADERS,
            accepted_statuses=THERE_OR_GONE,
            about=(("way", "rest"), ("repository", repository.name)),
        )


def _question(repositories: Iterable[str]) -> str:
    aliases = []
    for place, repository in enumerate(repositories):
        owner, _, name = repository.partition("/")
        aliases.append(f'r{place}: repository(owner: "{owner}", name: "{name}") {{ {_FIELDS} }}')
    return "query { " + " ".join(aliases) + " }"


def _aliases(page: Page) -> dict[str, str]:
    """Return the repository that each alias of the question stands for."""
    query = json.loads(page.request.body or "{}").get("query", "")
    return {alias: f"{owner}/{name}" for alias, owner, name in _ALIAS.findall(query)}


def _check(page: Page) -> None:
    """End the pagination where the question is not answered, or only in part, for instance because of a time-out."""
    if page.request.detail("way") != "graphql":
        return
    answer = json_of(page, _GraphAnswer)
    if answer.data is None:
        said = "; ".join(error.message for error in answer.errors) or "nothing"
        raise Refused(f"{page.address}: GitHub's GraphQL says {said!r}; check the token, or report it.")
    not_there = {error.path[0] for error in answer.errors if error.type == "NOT_FOUND" and error.path}
    unanswered = [
        repository
        for alias, repository in _aliases(page).items()
        if answer.data.get(alias) is None and alias not in not_there
    ]
    if unanswered:
        said = "; ".join({error.message for error in answer.errors if error.type != "NOT_FOUND"}) or "nothing"
        raise Transient(
            f"{page.address} leaves out {len(unanswered)} repositories, {unanswered[0]} first, "
            f"and says {said!r}; run again later."
        )


def _parse(page: Page) -> Iterator[Record | Reject]:
    found: list[tuple[str, _Repository | None]]
    if page.request.detail("way") == "graphql":
        data = json_of(page, _GraphAnswer).data or {}
        found = [(listed_as, _shaped(data.get(alias))) for alias, listed_as in _aliases(page).items()]
    else:
        found = [(page.request.detail("repository"), json_of(page, _Repository))]
    roles = {repository.name: repository.role for _, repository in known_frameworks().repositories()}

    def read(answer: tuple[str, _Repository | None]) -> Iterator[Record]:
        listed_as, repository = answer
        if repository is None:
            raise ValueError("GitHub knows no such repository, or does not show it")
        yield from _records(page, repository, listed_as, roles.get(listed_as, "framework"))

    yield from read_rows(page, NAME, found, read, name=lambda answer: answer[0])


def _shaped(found: object) -> _GraphRepository | None:
    return None if found is None else _GraphRepository.model_validate(found)


def _records(page: Page, repository: _Repository, listed_as: str, role: str) -> Iterator[Record]:
    graph = repository if isinstance(repository, _GraphRepository) else None
    newest = graph.newest_releases[0].published_at if graph and graph.newest_releases else None
    shared = page.stamp(NAME) | {
        "observed_on": page.provenance.seen_at.date(),
        "stars_count": repository.stars_count,
        "forks_count": repository.forks_count,
        "pushed_on": _day(repository.pushed_at),
    }
    yield RepositoryState(
        repository=repository.name,
        listed_as=listed_as,
        repository_number=repository.number,
        role=role,
        open_issues_count=graph.open_issues_count if graph else None,
        releases_count=graph.releases_count if graph else None,
        newest_release_on=_day(newest),
        created_on=datetime.fromisoformat(repository.created_at).date(),
        is_archived=repository.is_archived,
        licence=repository.licence.spdx_id if repository.licence else None,
        **shared,
    )
    # The series goes on under the name that our own list knows, whatever the repository is called today.
    yield RepositoryDay(repository=listed_as, listed_as=repository.name, **shared)


def _day(moment: str | None) -> date | None:
    return datetime.fromisoformat(moment).date() if moment else None


SOURCE = daily(
    **entry_of(NAME, _ADDRESS),
    records=(RepositoryState, RepositoryDay),
    starts=_starts,
    check=_check,
    parse=_parse,
)
