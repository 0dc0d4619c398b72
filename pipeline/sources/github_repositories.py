"""GitHub: what the frameworks' repositories, and those of the tools that the debate names, look like today.

State of late 2026: with a token one GraphQL question tells everything about a hundred repositories, and a repository
that is not there is null beside an error; without one there are 60 REST answers an hour, of which an unchanged one is
free, and `open_issues_count` there mixes issues with pull requests, so it is not taken. A renamed repository is led to
its new name by both; its number stays.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import ValidationError

from pipeline.errors import LayoutChanged, Refused, Transient
from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, field_at_fault, json_of
from pipeline.records import Record, RepositoryDay, RepositoryState
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources.source import THERE_OR_GONE, Key, Source, day, gone, is_gone

NAME = "github_repositories"
_ADDRESS = "https://api.github.com"
_HEADERS = (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28"))
_ROLES = {
    "framework": (
        "pytorch/pytorch", "tensorflow/tensorflow", "keras-team/keras", "jax-ml/jax", "apache/mxnet",
        "PaddlePaddle/Paddle", "BVLC/caffe", "microsoft/CNTK", "Theano/Theano", "chainer/chainer", "torch/torch7",
        "ml-explore/mlx", "tinygrad/tinygrad", "pjreddie/darknet", "fastai/fastai", "Lightning-AI/pytorch-lightning",
        "huggingface/transformers", "scikit-learn/scikit-learn", "dmlc/xgboost", "google/flax",
    ),
    "serving": ("pytorch/serve", "tensorflow/serving", "NVIDIA/TensorRT", "triton-inference-server/server"),
    "mobile": ("pytorch/executorch", "google-ai-edge/LiteRT"),
    "browser": ("tensorflow/tfjs",),
    "pipeline": ("tensorflow/tfx", "kubeflow/kubeflow"),
    "exchange": ("onnx/onnx", "microsoft/onnxruntime"),
    "inspection": ("tensorflow/tensorboard", "meta-pytorch/captum"),
    "models": ("pytorch/vision", "tensorflow/hub", "tensorflow/models", "keras-team/keras-hub"),
    "compiler": ("openxla/xla", "triton-lang/triton"),
}  # fmt: skip
_FIELDS = (
    "databaseId nameWithOwner stargazerCount forkCount createdAt pushedAt isArchived licenseInfo { spdxId } "
    "issues(states: OPEN) { totalCount } "
    "releases(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { publishedAt } }"
)


class _Licence(Wire):
    spdx_id: str | None


class _Rest(Wire):
    id: int
    full_name: str
    stargazers_count: int
    forks_count: int
    created_at: str
    pushed_at: str | None
    archived: bool
    license: _Licence | None


class _SpdxLicence(Wire):
    spdxId: str | None  # noqa: N815 — the service's own spelling, here and below


class _Total(Wire):
    totalCount: int  # noqa: N815


class _Release(Wire):
    publishedAt: str | None  # noqa: N815


class _Releases(Wire):
    totalCount: int  # noqa: N815
    nodes: list[_Release]


class _Graph(Wire):
    databaseId: int  # noqa: N815
    nameWithOwner: str  # noqa: N815
    stargazerCount: int  # noqa: N815
    forkCount: int  # noqa: N815
    createdAt: str  # noqa: N815
    pushedAt: str | None  # noqa: N815
    isArchived: bool  # noqa: N815
    licenseInfo: _SpdxLicence | None  # noqa: N815
    issues: _Total
    releases: _Releases


class _GraphError(Wire):
    message: str
    type: str | None = None
    path: tuple[str | int, ...] = ()


class _GraphAnswer(Wire):
    data: dict[str, object] | None = None
    errors: tuple[_GraphError, ...] = ()


def _asked() -> list[tuple[str, str]]:
    return [(repository, role) for role, repositories in _ROLES.items() for repository in repositories]


def _starts(_window: CollectWindow, has_key: bool) -> Iterator[Request]:
    if has_key:
        yield Request(
            url=f"{_ADDRESS}/graphql",
            method="POST",
            body=json.dumps({"query": _question()}),
            about=(("way", "graphql"),),
        )
        return
    for repository, role in _asked():
        yield Request(
            url=f"{_ADDRESS}/repos/{repository}",
            headers=_HEADERS,
            accepted_statuses=THERE_OR_GONE,
            about=(("way", "rest"), ("repository", repository), ("role", role)),
        )


def _question() -> str:
    aliases = []
    for place, (repository, _role) in enumerate(_asked()):
        owner, _, name = repository.partition("/")
        aliases.append(f'r{place}: repository(owner: "{owner}", name: "{name}") {{ {_FIELDS} }}')
    return "query { " + " ".join(aliases) + " }"


def _check(page: Page) -> None:
    """A question that was not answered, or only in part, ends the pagination.

    Raises:
        Refused: there are errors and no data.
        Transient: repositories are missing for another reason than that they are not there, such as a time-out.
    """
    if page.request.detail("way") != "graphql":
        return
    answer = json_of(page, _GraphAnswer)
    if answer.data is None:
        said = "; ".join(error.message for error in answer.errors) or "nothing"
        raise Refused(f"{page.address}: GitHub's GraphQL says {said!r}; mend the question or the token.")
    not_there = {error.path[0] for error in answer.errors if error.type == "NOT_FOUND" and error.path}
    unanswered = [
        repository
        for place, (repository, _role) in enumerate(_asked())
        if answer.data.get(f"r{place}") is None and f"r{place}" not in not_there
    ]
    if unanswered:
        said = "; ".join({error.message for error in answer.errors if error.type != "NOT_FOUND"}) or "nothing"
        raise Transient(
            f"{page.address} leaves out {len(unanswered)} repositories, {unanswered[0]} first, "
            f"and says {said!r}; run again later."
        )


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.request.detail("way") == "graphql":
        yield from _graph_rows(page)
        return
    if is_gone(page):
        yield gone(page, NAME, page.request.detail("repository"))
        return
    rest = json_of(page, _Rest)
    yield from _records(
        page,
        RepositoryState(
            repository=rest.full_name,
            listed_as=page.request.detail("repository"),
            repository_number=rest.id,
            role=page.request.detail("role"),
            observed_on=page.provenance.seen_at.date(),
            stars_count=rest.stargazers_count,
            forks_count=rest.forks_count,
            open_issues_count=None,
            releases_count=None,
            newest_release_on=None,
            pushed_on=_day(rest.pushed_at),
            created_on=datetime.fromisoformat(rest.created_at).date(),
            is_archived=rest.archived,
            licence=rest.license.spdx_id if rest.license else None,
            **page.stamp(NAME),
        ),
    )


def _graph_rows(page: Page) -> Iterator[Record | Reject]:
    data = json_of(page, _GraphAnswer).data or {}
    for place, (repository, role) in enumerate(_asked()):
        found = data.get(f"r{place}")
        if found is None:
            error = ValueError("GitHub knows no such repository, or does not show it")
            yield Reject.of(page.stamp(NAME), repository, error)
            continue
        yield from _records(page, _graph_state(page, found, repository, role))


def _graph_state(page: Page, found: object, repository: str, role: str) -> RepositoryState:
    try:
        graph = _Graph.model_validate(found)
    except ValidationError as error:
        raise LayoutChanged(f"{page.address}: {repository}: {field_at_fault(error)}; mend the parser.") from None
    newest = graph.releases.nodes[0].publishedAt if graph.releases.nodes else None
    return RepositoryState(
        repository=graph.nameWithOwner,
        listed_as=repository,
        repository_number=graph.databaseId,
        role=role,
        observed_on=page.provenance.seen_at.date(),
        stars_count=graph.stargazerCount,
        forks_count=graph.forkCount,
        open_issues_count=graph.issues.totalCount,
        releases_count=graph.releases.totalCount,
        newest_release_on=_day(newest),
        pushed_on=_day(graph.pushedAt),
        created_on=datetime.fromisoformat(graph.createdAt).date(),
        is_archived=graph.isArchived,
        licence=graph.licenseInfo.spdxId if graph.licenseInfo else None,
        **page.stamp(NAME),
    )


def _records(page: Page, state: RepositoryState) -> Iterator[Record]:
    yield state
    # The series goes on under the name that our own list knows, whatever the repository is called today.
    yield RepositoryDay(
        repository=state.listed_as,
        listed_as=state.repository,
        observed_on=state.observed_on,
        stars_count=state.stars_count,
        forks_count=state.forks_count,
        **page.stamp(NAME),
    )


def _day(moment: str | None) -> date | None:
    return datetime.fromisoformat(moment).date() if moment else None


SOURCE = Source(
    name=NAME,
    title="GitHub: repositories of frameworks and their tools",
    series=("github.stars",),
    records=(RepositoryState, RepositoryDay),
    addresses=(_ADDRESS,),
    terms_url="https://docs.github.com/en/site-policy/github-terms/github-terms-of-service#h-api-terms",
    licence="GitHub terms of service; counts only",
    attribution="GitHub API",
    seconds_between_requests=1,
    windows=day,
    starts=_starts,
    check=_check,
    parse=_parse,
    key=Key(setting="github_token", header="Authorization", prefix="Bearer "),
    is_snapshot=True,
    # A repository that is gone is a reject, and a handful may be.
    reject_ceiling_fraction=0.2,
)
