"""Every source over its example pages: asked as in a live run, read to what is expected, and the same in a replay.

A case is a folder `tests/pages/<source>/<case>/`: `case.toml` says the window, each `NNN.url` the address that is asked
(and below it the body of a POST), `NNN.body` what the service answers, `NNN.toml` its status and headers where they
are not the usual ones, and `expect.jsonl` the rows that come out. A missing `expect.jsonl` is written: read it, then
keep it.
"""

import dataclasses
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from itertools import count, groupby, zip_longest
from pathlib import Path

import pytest
from fault_server import Answer, Asked, FaultServer
from pydantic import SecretStr
from source_pages import CASES, PAGES, Examples, know_recorded, window_of

from pipeline.collect.context import CollectContext, CollectState
from pipeline.collect.engine import collect, replay
from pipeline.errors import BadInput
from pipeline.fetch.transport import RateLimits
from pipeline.records import PaperLabel
from pipeline.records.collected import Batch, Checkpoint, Reject
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.sources import arxiv_full_text
from pipeline.sources.registry import SOURCES, USUAL_SOURCES, source_named
from pipeline.sources.source import Source, entry_of
from pipeline.warehouse.checks import run_checks, stop_on_failure
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.runs import WarehouseCollectionStore, start_run

MOMENT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


class RowsOnly:
    """A collection_store that remembers what it was handed."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def checkpoints(self, source_id: str) -> dict[str, Checkpoint]:
        return {}

    def held_values(self, source_id: str) -> list:
        return []

    def rows_on_file(self, kind: type, source_id: str) -> list:
        return []

    def load(self, batch: Batch) -> None:
        self.batches.append(batch)

    def confirm(self, checkpoint: Checkpoint) -> None:
        raise AssertionError("nothing was loaded before")

    def set_aside(self, batch: Batch, reason: str) -> None:
        raise AssertionError(reason)

    def lines(self) -> list[str]:
        lines = [_line(row) for batch in self.batches for row in (*batch.records, *batch.rejects)]
        return sorted(lines)


def _line(row: object) -> str:
    if isinstance(row, Reject):
        return json.dumps({"reject": row.locator, "reason": row.reason})
    shown = json.loads(row.model_dump_json(exclude=set(row.provenance)))
    if shown.get("ruleset_id", "").startswith("rules-"):
        shown["ruleset_id"] = "today's rules"
    return json.dumps({"table": row.table} | shown, ensure_ascii=False)


@pytest.fixture
def recorded_for(tmp_path, monkeypatch):
    """Let the program know the frameworks that a source's pages were recorded for, and no others."""
    return partial(know_recorded, folder=tmp_path, monkeypatch=monkeypatch)


def context_of(
    source: Source, case: dict[str, object], folder: Path, address: str, collection_store: WarehouseCollectionStore
) -> CollectContext:
    keys = {source.key.setting: SecretStr("s3cret")} if case.get("has_key") and source.key else {}
    files = {source.files.setting: folder / "files"} if source.files else {}
    settings = Settings(home=folder, source_urls={source.name: address}, retries_count=0, **keys, **files)
    return CollectContext(
        settings=settings,
        collection_store=collection_store,
        rate_limits=RateLimits(),
        now=lambda: MOMENT,
        sleep=lambda seconds: None,
    )


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_a_source_reads_its_example_pages(folder, server, tmp_path, recorded_for) -> None:
    recorded_for(folder.parent.name)
    case = tomllib.loads((folder / "case.toml").read_text())
    window = window_of(case)
    source = dataclasses.replace(source_named(folder.parent.name), windows=lambda today: [window])
    live, again, examples = RowsOnly(), RowsOnly(), Examples(folder)
    context = context_of(source, case, tmp_path, server.address + "/mirror", live)
    addresses = context.addresses(source)

    def respond(asked: Asked) -> Answer:
        question = addresses.as_public(server.address + asked.target)
        return examples.answer(f"{question}\n{asked.body.decode()}".strip())

    server.respond = respond
    if source.files:
        examples.put_into(tmp_path / "files")
    outcome = collect(source, context)
    assert not examples.missing, f"no page for {examples.missing[0]}"
    assert outcome.state is CollectState(case.get("state", "collected")), outcome.message
    assert set(examples.waiting) == examples.served, "these pages are not asked for"
    replay(source, dataclasses.replace(context, collection_store=again))
    assert again.lines() == live.lines()
    compare(folder / "expect.jsonl", live.lines())


ONE_OF_MANY = {
    "conda_downloads": "a_day",
    "github_repositories": "without_a_token",
    "github_star_history": "two_pages",
    "npm_downloads": "a_month",
    "package_downloads": "a_day",
}
"""A good case of each source that asks for one thing of many at a time."""


@pytest.mark.parametrize(("name", "case_name"), ONE_OF_MANY.items(), ids=ONE_OF_MANY)
def test_what_is_gone_costs_its_own_figures_alone(name, case_name, server, tmp_path, recorded_for) -> None:
    recorded_for(name)
    folder = PAGES / name / case_name
    case = tomllib.loads((folder / "case.toml").read_text())
    window = window_of(case)
    source = dataclasses.replace(source_named(name), windows=lambda today: [window])
    live, examples = RowsOnly(), Examples(folder)
    gone = list(examples.waiting)[-1]
    context = context_of(source, case, tmp_path, server.address + "/mirror", live)
    addresses = context.addresses(source)

    def respond(asked: Asked) -> Answer:
        question = addresses.as_public(server.address + asked.target)
        return Answer(b"{}", 404) if question == gone else examples.answer(question)

    server.respond = respond
    outcome = collect(source, context)
    assert (outcome.state, outcome.rejects_count) == (CollectState.COLLECTED, 1), outcome.message
    expected = (folder / "expect.jsonl").read_text().splitlines()
    rows = [line for line in live.lines() if "reject" not in json.loads(line)]
    assert 0 < len(rows) < len(expected)
    assert set(rows) < set(expected)


def test_a_question_answered_in_part_is_asked_again(server, tmp_path, recorded_for) -> None:
    """A repository that GitHub had no time for is no repository that is gone."""
    recorded_for("github_repositories")
    folder = PAGES / "github_repositories" / "with_a_token"
    case = tomllib.loads((folder / "case.toml").read_text())
    source, live, examples = source_named("github_repositories"), RowsOnly(), Examples(folder)
    whole = json.loads(next(folder.glob("*.body")).read_text())
    timed_out = {"message": "Something went wrong while executing your query.", "path": ["r0"]}
    part = {"data": whole["data"] | {"r0": None}, "errors": [*whole["errors"], timed_out]}
    context = context_of(source, case, tmp_path, server.address + "/mirror", live)
    addresses = context.addresses(source)
    server.respond = lambda asked: Answer(json.dumps(part).encode())
    outcome = collect(source, context)
    assert (outcome.state, live.batches) == (CollectState.UNREACHABLE, [])
    assert "Something went wrong" in outcome.message
    server.respond = lambda asked: examples.answer(
        f"{addresses.as_public(server.address + asked.target)}\n{asked.body.decode()}".strip()
    )
    assert collect(source, context).state is CollectState.COLLECTED
    assert live.lines() == (folder / "expect.jsonl").read_text().splitlines()


@pytest.mark.parametrize(("name", "case_name"), [("openreview", "challenge"), ("stackexchange_questions", "throttled")])
def test_a_refusal_sent_like_an_answer_is_not_believed_later(name, case_name, server, tmp_path, recorded_for) -> None:
    recorded_for(name)
    folder = PAGES / name / case_name
    case = tomllib.loads((folder / "case.toml").read_text())
    window = window_of(case)
    source = dataclasses.replace(source_named(name), windows=lambda today: [window])
    context = context_of(source, case, tmp_path, server.address + "/mirror", RowsOnly())
    examples, addresses = Examples(folder), context.addresses(source)
    server.respond = lambda asked: examples.answer(addresses.as_public(server.address + asked.target))
    assert [collect(source, context).state, collect(source, context).state] == [
        CollectState.REFUSED,
        CollectState.REFUSED,
    ]
    assert len(server.asked) == 2


def test_files_of_the_user_are_read_where_they_lie_and_missed_without_a_fault(tmp_path, server, warehouse) -> None:
    source = source_named("kaggle_survey")
    body = (PAGES / "kaggle_survey" / "an_edition" / "001.body").read_bytes()
    collection_store = WarehouseCollectionStore(warehouse)
    unset = CollectContext(
        settings=Settings(home=tmp_path),
        collection_store=collection_store,
        rate_limits=RateLimits(),
        now=lambda: MOMENT,
    )
    outcome = collect(source, unset)
    assert (outcome.state, outcome.is_failure) == (CollectState.NO_FILES, False)
    assert "OBSERVATORY_KAGGLE_FOLDER" in outcome.message
    context = context_of(source, {}, tmp_path, server.address, collection_store)
    assert collect(source, context).state is CollectState.NO_FILES
    file = tmp_path / "files" / "kaggle_survey_2021_responses.csv"
    file.parent.mkdir()
    file.write_bytes(body)
    outcome = collect(source, context)
    assert (outcome.state, outcome.windows_count, outcome.message) == (CollectState.COLLECTED, 1, None)
    assert file.read_bytes() == body
    assert collect(source, context).state is CollectState.UNCHANGED
    file.write_bytes(body.replace(b"PyTorch", b"Keras"))
    assert collect(source, context).state is CollectState.COLLECTED
    assert server.asked == []


GOOD = [folder for folder in CASES if "state" not in tomllib.loads((folder / "case.toml").read_text())]


ROUNDS = list(zip_longest(*(list(cases) for _, cases in groupby(GOOD, key=lambda folder: folder.parent))))
"""The first case of every source, the second of those that have two, and so on: sources share no figure."""


@pytest.mark.slow
@pytest.mark.parametrize("folders", ROUNDS, ids=map(str, count(1)))
def test_what_the_sources_yield_may_be_published(folders, server, tmp_path, warehouse, monkeypatch) -> None:
    """Loaded for real, the figures of their series pass every check that stops publishing."""
    load_reference(warehouse, Settings().reference_folder)
    run_id = start_run(warehouse, "test", MOMENT)
    for folder in filter(None, folders):
        home = tmp_path / folder.parent.name
        home.mkdir()
        monkeypatch.delenv("OBSERVATORY_REFERENCE_FOLDER", raising=False)
        know_recorded(folder.parent.name, home, monkeypatch)
        collect_case(folder, server, home, warehouse)
    stop_on_failure(run_checks(warehouse, run_id))


def collect_case(folder: Path, server: FaultServer, home: Path, warehouse) -> None:
    case = tomllib.loads((folder / "case.toml").read_text())
    window = window_of(case)
    source = dataclasses.replace(source_named(folder.parent.name), windows=lambda today: [window])
    introduced = SourceEntry(
        source_id=source.name,
        title=source.title,
        public_address=source.addresses[0],
        licence=source.licence,
        attribution=source.attribution,
        as_of=MOMENT.date(),
    )
    load_source_entries(warehouse, [introduced])
    context = context_of(source, case, home, server.address + "/mirror", WarehouseCollectionStore(warehouse))
    examples, addresses = Examples(folder), context.addresses(source)
    server.respond = lambda asked: examples.answer(
        f"{addresses.as_public(server.address + asked.target)}\n{asked.body.decode()}".strip()
    )
    if source.files:
        examples.put_into(home / "files")
    assert collect(source, context).state is CollectState.COLLECTED, folder


def compare(file: Path, lines: list[str]) -> None:
    if not file.exists():
        file.write_text("".join(f"{line}\n" for line in lines))
        pytest.fail(f"{file} was written; read it line by line, then keep it")
    assert lines == file.read_text().splitlines()


def test_every_source_is_registered_and_has_examples() -> None:
    not_sources = {"__init__", "code_links", "github", "paper_code", "registry", "source", "venues"}
    files = {path.stem for path in (PROJECT_ROOT / "pipeline" / "sources").glob("*.py")} - not_sources
    names = [source.name for source in SOURCES]
    assert len(names) == len(set(names))
    assert set(names) == files
    assert {folder.parent.name for folder in CASES} == set(names)


def test_totals_of_a_framework_name_their_population() -> None:
    """The view of announced totals takes what stands before the colon for it, and shows no total without one."""
    lines = (line for file in PAGES.glob("*/*/expect.jsonl") for line in file.read_text().splitlines())
    totals = [row for row in map(json.loads, lines) if row.get("table") == "core.period_count" and row["framework"]]
    assert totals
    assert {row["subject"] for row in totals if ": " not in row["subject"]} == set()


def test_a_service_without_an_entry_is_named() -> None:
    with pytest.raises(BadInput, match=r"services\.toml, made_up, title: Field required; mend that entry\."):
        entry_of("made_up")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"settle_day": 3}, "settle_day: Unexpected keyword argument"),
        ({"settle_days": "soon"}, "settle_days: Input should be a valid integer"),
        ({"key": {"setting": "openalex_key", "paramter": "api_key"}}, "key.paramter: Unexpected keyword argument"),
    ],
)
def test_a_line_of_an_entry_that_means_nothing_is_named(line, fault, monkeypatch) -> None:
    entries = tomllib.loads((PROJECT_ROOT / "pipeline" / "sources" / "services.toml").read_text())
    monkeypatch.setattr("pipeline.sources.source._ENTRIES", {"openalex": entries["openalex"] | line})
    with pytest.raises(BadInput, match=re.escape(f"openalex, {fault}")):
        entry_of("openalex")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_source_says_what_it_must(source: Source) -> None:
    windows = list(source.windows(date(2026, 1, 15)))
    assert windows
    assert len({window.window_id for window in windows}) == len(windows)
    assert all(window.starts_on <= window.ends_on for window in windows)
    for window in (windows[0], windows[-1]):
        for has_key in {False, source.key is not None} - ({False} if source.key and source.key.is_required else set()):
            requests = list(source.starts(window, has_key))
            assert requests
            assert all(request.url.startswith(source.addresses) for request in requests)
            assert len({request.fingerprint for request in requests}) == len(requests)
    assert source.key is None or source.key.setting in Settings.model_fields
    known = {series["id"] for series in tomllib.loads(_series_file().read_text())["series"]}
    assert set(source.series) <= known


def _series_file() -> Path:
    return PROJECT_ROOT / "data" / "reference" / "series.toml"


MADE_UP = """
id = "madeup"
title = "Made Up"
kind = "framework"
is_deep_learning = true
repository = [{ name = "made-up/made-up", is_asked_for = true }]
package = [
  { index = "pypi", name = "made-up-package", is_asked_for = true },
  { index = "conda", name = "made-up-package", channel = "made-up", is_asked_for = true },
  { index = "npm", name = "made-up-package" },
]
[services]
"""
ASKING = [name for name in (source.name for source in SOURCES) if (PAGES / name / "recorded_for.toml").exists()]
"""The sources that ask for each framework."""


def asked_of(name: str, *, has_key: bool) -> list[str]:
    source = source_named(name)
    window = list(source.windows(date(2026, 1, 15)))[-1]
    return [f"{request.address} {request.body}" for request in source.starts(window, has_key)]


@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("name", ASKING)
def test_a_framework_in_a_file_of_its_own_is_asked_for(name, has_key, tmp_path, monkeypatch) -> None:
    before = asked_of(name, has_key=has_key)
    shutil.copytree(PROJECT_ROOT / "data" / "reference", tmp_path / "reference")
    (tmp_path / "reference" / "frameworks" / "madeup.toml").write_text(
        MADE_UP + f'{name} = ["{"made-up/made-up" if "star_history" in name else "made-up"}"]\n'
    )
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(tmp_path / "reference"))
    added = set(asked_of(name, has_key=has_key)) - set(before)
    assert len(added) == 1
    assert "made-up" in added.pop()


@pytest.mark.parametrize("name", ["package_downloads", "package_downloads_history"])
def test_what_is_summed_into_a_family_is_asked_for(name) -> None:
    asked = " ".join(asked_of(name, has_key=False))
    for package in ("tf-nightly", "tf-nightly-cpu", "tf-keras", "keras-nightly", "mxnet-mkl", "mxnet-cu92mkl"):
        assert f"/{package}/" in asked or f"%27{package}%27" in asked


def test_what_takes_hours_is_asked_only_when_it_is_named() -> None:
    assert [source.name for source in SOURCES if source not in USUAL_SOURCES] == [
        *("arxiv_code", "arxiv_full_text", "proceedings")
    ]
    assert [source.name for source in SOURCES if source.is_scheduled] == ["arxiv_code", "arxiv_full_text"]


def test_the_view_of_the_full_text_sample_draws_as_the_source_does(warehouse) -> None:
    fixed = {"tier": "mention", "framework": "none", "ruleset_id": "r", "source_id": "arxiv_full_text"}
    stamp = {"seen_at": datetime(2026, 12, 20, tzinfo=UTC), "page_sha256": "a" * 64}
    nights = [arxiv_full_text.drawn(date(2026, 12, day)) for day in (1, 5, 31)]
    papers = [f"arxiv:{each}" for night in nights for each in night]
    assert len(set(papers)) == len(papers), "no paper is drawn twice"
    load_records(
        warehouse, PaperLabel, [PaperLabel(subject_id=each, paper_id=each, **fixed, **stamp) for each in papers]
    )
    asked = "select nights_count, inclusion_fraction, papers_count from full_text_sample"
    ((nights_count, inclusion_fraction, papers_count),) = warehouse.execute(asked).fetchall()
    assert (nights_count, papers_count) == (3, len(papers))
    assert inclusion_fraction == pytest.approx(3 * arxiv_full_text._NIGHT_FRACTION)
