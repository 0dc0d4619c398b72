"""The parsers over answers that the services really sent; the folder of recordings is not part of the project."""

import dataclasses
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sample_source import page_of

from pipeline.errors import LayoutChanged, Refused
from pipeline.fetch.page import Page, Request
from pipeline.records import Paper, Record
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources import (
    arxiv,
    github_new_repositories,
    github_repositories,
    github_star_history,
    hub_models,
    openalex,
    openreview,
    package_downloads,
    proceedings,
    semantic_scholar,
    stackexchange_questions,
)
from pipeline.sources.source import THERE_OR_GONE


@pytest.fixture(scope="module")
def recordings() -> Path:
    folder = os.environ.get("OBSERVATORY_RECORDINGS")
    if not folder:
        pytest.skip("set OBSERVATORY_RECORDINGS to the folder of recorded answers to run this")
    return Path(folder)


def recorded(file: Path, *, about: dict[str, str], content_type: str = "application/json") -> Page:
    """A recorded body as the page of the request that it answered."""
    meta_file = file.with_suffix(".meta.json")
    told = json.loads(meta_file.read_text()) if meta_file.exists() else {}
    url = told.get("url", "https://service.example/")
    request = Request(
        url=url.partition("?")[0],
        params=tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        about=tuple(about.items()),
    )
    return page_of(file.read_bytes(), request, content_type=content_type)


def rows_of(source, pages: Iterator[Page] | list[Page]) -> tuple[list[Record], list[Reject]]:
    rows = [row for page in pages for row in source.rows(page)]
    return [row for row in rows if isinstance(row, Record)], [row for row in rows if isinstance(row, Reject)]


ARXIV = {"purpose": "mentions", "from": "2026-01-01", "to": "2026-01-31"}


def test_arxiv_feeds_are_read_without_a_reject(recordings) -> None:
    files = sorted(file for file in recordings.glob("arxiv/*.xml") if "id_abc" not in file.name)
    assert files
    pages = [recorded(file, about=ARXIV, content_type="application/atom+xml") for file in files]
    records, rejects = rows_of(arxiv.SOURCE, pages)
    assert rejects == []
    listed = {key for page in pages for key in arxiv.SOURCE.page_info(page).keys}
    papers = {record.paper_id for record in records if isinstance(record, Paper)}
    assert len(papers) == len({key.rpartition("v")[0] for key in listed})
    assert all(record.abstract for record in records if isinstance(record, Paper))


def test_an_arxiv_error_entry_is_a_refusal(recordings) -> None:
    (file,) = recordings.glob("arxiv/id_abc*.xml")
    with pytest.raises(Refused, match="incorrect id format"):
        list(arxiv.SOURCE.parse(recorded(file, about=ARXIV, content_type="application/atom+xml")))


COUNTED = {"framework": "pytorch", "from": "2024-01-01", "to": "2024-01-31"}


def test_stack_exchange_totals_are_counts(recordings) -> None:
    files = sorted(recordings.glob("stackexchange/*_total.json"))
    assert files
    pages = [recorded(file, about={**COUNTED, "tag": "pytorch"}) for file in files]
    records, rejects = rows_of(stackexchange_questions.SOURCE, pages)
    assert rejects == []
    assert [record.items_count for record in records] == [json.loads(file.read_text())["total"] for file in files]


def test_a_stack_exchange_answer_of_another_kind_is_a_changed_layout(recordings) -> None:
    (file,) = recordings.glob("stackexchange/*_tags_info.json")
    with pytest.raises(LayoutChanged, match="total"):
        list(stackexchange_questions.SOURCE.parse(recorded(file, about={**COUNTED, "tag": "pytorch"})))


def test_a_semantic_scholar_answer_of_another_endpoint_is_a_changed_layout(recordings) -> None:
    """Only single-paper answers were recorded: none of them may pass for a search's total."""
    files = [file for file in sorted(recordings.glob("semanticscholar/*.json")) if "meta" not in file.name]
    assert files
    for file in files:
        with pytest.raises(LayoutChanged):
            list(semantic_scholar.SOURCE.parse(recorded(file, about={**COUNTED, "query": "pytorch"})))


def test_a_github_search_is_read_to_its_total(recordings) -> None:
    exchanges = json.loads((recordings / "github/octokit/search-issues.raw.json").read_text())
    (answer,) = [each["response"] for each in exchanges if each["path"].startswith("/search/")]
    place = {"topic": "pytorch", "first": "2024-01-01", "last": "2024-01-31", "counted": "5", "open_ends": ""}
    request = Request(url="https://api.github.com/search/issues", about=tuple({**COUNTED, **place}.items()))
    page = page_of(json.dumps(answer).encode(), request)
    records, rejects = rows_of(github_new_repositories.SOURCE, [page])
    assert [record.items_count for record in records] == [5 + answer["total_count"]]
    assert rejects == []


OPENALEX = {"name": "pytorch", "framework": "pytorch"}


def test_an_openalex_answer_in_other_groups_than_years_yields_no_figure(recordings) -> None:
    page = recorded(recordings / "openalex/pro_request_biodiversity_and_group_by_type.0.json", about=OPENALEX)
    page_info = openalex.SOURCE.page_info(page)
    records, rejects = rows_of(openalex.SOURCE, [page])
    assert records == []
    assert len(rejects) == len(page_info.keys) == page_info.total


def test_openalex_answers_of_other_kinds_are_changed_layouts(recordings) -> None:
    files = [file for file in sorted(recordings.glob("openalex/*.json")) if "meta" not in file.name]
    others = [file for file in files if "group_by_type" not in file.name]
    assert others
    for file in others:
        with pytest.raises(LayoutChanged):
            list(openalex.SOURCE.parse(recorded(file, about=OPENALEX)))


def test_a_hub_list_is_counted_by_tag_and_by_library(recordings) -> None:
    """The one recorded model carries the tag and names another library."""
    about = {"framework": "pytorch", "tag": "pytorch", "tagged": "10", "as_library": "3"}
    page = recorded(recordings / "huggingface/api_models_one_hit.json", about=about)
    records, rejects = rows_of(hub_models.SOURCE, [page])
    assert [record.items_count for record in records] == [11, 3]
    assert rejects == []


def exchange(file: Path) -> dict:
    return json.loads(file.read_text())


def test_a_real_repository_is_read(recordings) -> None:
    answer = exchange(recordings / "github/unsung_2026-09-11/repo.json")["body"]
    about = (("way", "rest"), ("repository", answer["full_name"]), ("role", "framework"))
    page = page_of(json.dumps(answer).encode(), Request(url="https://api.github.com/repos/o/r", about=about))
    (state, day), rejects = rows_of(github_repositories.SOURCE, [page])
    assert (state.repository, state.repository_number) == (answer["full_name"], answer["id"])
    assert (state.stars_count, day.stars_count) == (answer["stargazers_count"],) * 2
    assert (state.open_issues_count, rejects) == (None, [])


def real_repositories(recordings: Path) -> Iterator[dict]:
    yield exchange(recordings / "github/github-to-sqlite/repo.json")
    yield from exchange(recordings / "github/github-to-sqlite/starred.json")
    for name in ("get-repository", "rename-repository"):
        for each in json.loads((recordings / f"github/octokit/{name}.raw.json").read_text()):
            if each["method"] == "get" and each["status"] == 200:
                yield each["response"]


def test_older_answers_about_repositories_are_read_alike(recordings) -> None:
    answers = [each.get("repo", each) for each in real_repositories(recordings)]
    assert len(answers) >= 4
    for answer in answers:
        about = (("way", "rest"), ("repository", "an/older-name"), ("role", "framework"))
        page = page_of(json.dumps(answer).encode(), Request(url="https://api.github.com/repos/o/r", about=about))
        (state, day), rejects = rows_of(github_repositories.SOURCE, [page])
        assert (state.repository, state.repository_number) == (answer["full_name"], answer["id"])
        assert (day.repository, day.stars_count) == ("an/older-name", answer["stargazers_count"])
        assert (state.open_issues_count, rejects) == (None, [])


def test_a_repository_that_is_not_there_is_set_aside(recordings) -> None:
    answer = exchange(recordings / "github/unsung_2026-09-11/not-found.json")["body"]
    about = (("way", "rest"), ("repository", "o/r"), ("role", "framework"), ("framework", "pytorch"), ("page", "1"))
    request = Request(url="https://api.github.com/repos/o/r", accepted_statuses=THERE_OR_GONE, about=about)
    page = page_of(json.dumps(answer).encode(), request)
    missing = dataclasses.replace(page, provenance=page.provenance.model_copy(update={"status": 404}))
    for source in (github_repositories.SOURCE, github_star_history.SOURCE):
        records, rejects = rows_of(source, [missing])
        assert records == []
        assert [reject.locator for reject in rejects] == ["o/r"]


def test_a_graphql_answer_to_another_question_has_none_of_our_repositories(recordings) -> None:
    answer = exchange(recordings / "github/unsung_2026-09-11/graphql_nodes_with_NOT_FOUND.json")["body"]
    window = CollectWindow(window_id="2026-01-15", starts_on=date(2026, 1, 15), ends_on=date(2026, 1, 15))
    (request,) = github_repositories.SOURCE.starts(window, True)
    records, rejects = rows_of(github_repositories.SOURCE, [page_of(json.dumps(answer).encode(), request)])
    assert records == []
    assert "pytorch/pytorch" in {reject.locator for reject in rejects}


def test_a_real_history_of_stars_is_read_week_by_week(recordings) -> None:
    answer = exchange(recordings / "github/unsung_2026-09-11/stargazers-history.json")["body"]
    about = (("framework", "pytorch"), ("repository", "o/r"), ("page", "1"))
    page = page_of(json.dumps(answer).encode(), Request(url="https://api.github.com/repos/o/r", about=about))
    records, rejects = rows_of(github_star_history.SOURCE, [page])
    assert [record.items_count for record in records] == [week["total"] for week in answer]
    assert {record.period_start.isoweekday() for record in records} == {7}
    assert rejects == []


def test_real_days_of_pypistats_are_all_read(recordings) -> None:
    """The recorded ones are by system, which is another list of the same shape: its groups are no groups of clients."""
    files = sorted(recordings.glob("pypistats/system_*.json"))
    assert files
    for file in files:
        body = json.loads(file.read_text())
        request = Request(url="https://pypistats.org/", about=(("service", "pypistats"), ("package", "torch")))
        as_overall = {
            "package": "torch",
            "data": [{**day, "category": "with_mirrors"} for day in body["data"] if day["category"] == "Linux"],
        }
        records, rejects = rows_of(package_downloads.SOURCE, [page_of(json.dumps(as_overall).encode(), request)])
        assert len(records) == len(as_overall["data"]) > 0
        assert rejects == []
        _, refused = rows_of(
            package_downloads.SOURCE, [page_of(json.dumps({**body, "package": "torch"}).encode(), request)]
        )
        assert len(refused) == len(body["data"])


@pytest.mark.parametrize(
    ("file", "venue", "year", "counted"),
    [
        ("conference-html/iclr2024_index_10_entries.html", "ICLR", 2024, (10, 2260)),
        ("conference-html/neurips2025_index_one_entry.html", "NeurIPS", 2024, (1, None)),
        ("conference-html/cvf_wacv2024_index_trimmed.html", "CVPR", 2024, (2, None)),
        ("conference-html/acl2026_event_fragment.html", "ACL", 2026, (2, None)),
        ("pmlr/v235_index_6_entries.html", "ICML", 2024, (6, None)),
    ],
)
def test_index_pages_of_proceedings_are_read_whole(recordings, file, venue, year, counted) -> None:
    about = {"kind": "index", "venue": venue, "year": str(year)}
    page = recorded(recordings / file, about=about, content_type="text/html")
    records, rejects = rows_of(proceedings.SOURCE, [page])
    page_info = proceedings.SOURCE.page_info(page)
    assert (len(set(page_info.keys)), page_info.total) == counted
    assert (len(records), rejects) == (counted[0], [])
    assert all(record.title and "\n" not in record.title for record in records)


@pytest.mark.parametrize(
    ("file", "venue", "starts"),
    [
        ("conference-html/iclr2024_abstract_00153f90.html", "ICLR", "Label differentially private"),
        ("pmlr/v235_abad-rocamora24a_trimmed.html", "ICML", "Adversarial attacks in Natural"),
    ],
)
def test_abstract_pages_of_proceedings_are_read_without_their_heading(recordings, file, venue, starts) -> None:
    about = {"kind": "paper", "venue": venue, "year": "2025", "number": "a", "title": "A title"}
    ((paper,), rejects) = rows_of(
        proceedings.SOURCE, [recorded(recordings / file, about=about, content_type="text/html")]
    )
    assert paper.abstract.startswith(starts)
    assert len(paper.abstract) > 500
    assert rejects == []


def test_openreviews_challenge_is_respected_and_a_search_without_a_count_is_no_figure(recordings) -> None:
    about = {"name": "pytorch", "framework": "pytorch"}
    challenge = recorded(recordings / "openreview/403_challenge.json", about=about)
    forbidden = dataclasses.replace(challenge, provenance=challenge.provenance.model_copy(update={"status": 403}))
    with pytest.raises(Refused, match="only a person can give"):
        openreview.SOURCE.check(forbidden)
    with pytest.raises(LayoutChanged, match="count"):
        list(openreview.SOURCE.parse(recorded(recordings / "openreview/v2_notes_search.json", about=about)))
