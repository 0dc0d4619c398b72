"""The live sample of paper code: some repositories a night, fetched, scanned and dropped.

Which come next is said by the view `paper_code_next`. Labels, the commit and the places that
show them are kept. A batch is loaded as a whole or not at all, so that a killed run goes on from where it was.
"""

import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from duckdb import DuckDBPyConnection

from pipeline.collect.context import CollectContext, CollectOutcome
from pipeline.detect.code.own_framework import FileUse, OwnAnswer, own_frameworks, uses_of_file
from pipeline.detect.files.containers import BROKEN, is_zip
from pipeline.detect.files.inspection import Detection
from pipeline.detect.files.scan import ScanControl, Scanner, scan
from pipeline.detect.files.scan_units import NO_CONTENT, FileResult, ScanUnit
from pipeline.detect.files.subjects import new_subject
from pipeline.detect.rules.ruleset import Ruleset, read_rules
from pipeline.errors import BadInput, LayoutChanged, ObservatoryError, TooLarge
from pipeline.fetch.client import Client
from pipeline.jobs.context import JobContext
from pipeline.records import DrawnCodeLabel, DrawnRepository, Record
from pipeline.sources.paper_code import GONE, SERVICE, archive_request
from pipeline.warehouse.load import load_source_records
from pipeline.warehouse.staging import by_type

BATCH_REPOSITORIES = 8
NIGHT_REPOSITORIES = 40
NIGHT_BYTES = 1 << 30
LIMITS = {"large_body_limit_mb": 200, "large_request_seconds": 300, "retries_count": 2}
"""Settings for archives: one that is larger or hangs is passed over."""
FILE_SECONDS = 60.0
_CODE = frozenset({"python", "notebook", "lua", "r", "c"})
"""Readings of files that hold code, and not only say what it needs."""
_PROJECT_PAGE, _PAGE = ".github.io", "a project page"
_NEXT = "select month_start, repository, inclusion_fraction from main.paper_code_next order by 3 limit ?"
_TONIGHT = "select count(*), coalesce(sum(archive_bytes), 0)::bigint from core.drawn_repository where seen_at::date = ?"


class _Draw(NamedTuple):
    month_start: date
    repository: str
    inclusion_fraction: float


@dataclass(frozen=True, kw_only=True)
class _Fetched:
    """What the host gave for a drawn repository: an archive, or a reason why there is none."""

    draw: _Draw
    reason: str | None = None
    fault: ObservatoryError | None = None
    """Why the host gave no answer about this repository; others may fare the same."""
    file: Path | None = None
    commit: str | None = None
    size_bytes: int = 0
    sha256: str = NO_CONTENT


def read_drawn_code(job: JobContext, context: CollectContext) -> CollectOutcome:
    """Draw, fetch, scan and load as many repositories as a night may take; return how it went.

    What was loaded stays, whatever happens later. A host that answers about none of a batch is a fault, and nothing of
    that batch counts as drawn.
    """
    outcome = CollectOutcome(source_id=SERVICE.name)
    context = replace(context, settings=context.settings.model_copy(update=LIMITS))
    folder = context.settings.raw_folder / SERVICE.name / "archives"
    try:
        rules = read_rules(context.settings.reference_folder)
        scanner = job.scanner or partial(scan, workers_count=1, file_seconds=FILE_SECONDS)
        with context.client(SERVICE) as client:
            while draws := _next_draws(job.connection, context.now().date()):
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                fetched = [_fetch(client, draw, folder / str(number)) for number, draw in enumerate(draws)]
                if all(each.fault for each in fetched):
                    raise next(each.fault for each in fetched if each.fault)
                records = list(_read_all(fetched, rules, scanner, context.now()))
                load_source_records(job.connection, by_type(records).items())
                outcome.records_count += len(records)
                outcome.windows_count += 1
    except ObservatoryError as error:
        outcome.faults.append(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


def _next_draws(connection: DuckDBPyConnection, today: date) -> list[_Draw]:
    """Return the next batch, of one month; none where the night's share is read or every month is drawn far enough."""
    ((read_count, read_bytes),) = connection.execute(_TONIGHT, [today]).fetchall()
    # As many as fit into the night if each is as large as it may be.
    fitting_count = (NIGHT_BYTES - read_bytes) // (LIMITS["large_body_limit_mb"] << 20)
    most = max(0, min(BATCH_REPOSITORIES, NIGHT_REPOSITORIES - read_count, fitting_count))
    return [_Draw(*row) for row in connection.execute(_NEXT, [most]).fetchall()]


def _fetch(client: Client, draw: _Draw, file: Path) -> _Fetched:
    if draw.repository.endswith(_PROJECT_PAGE):
        return _Fetched(draw=draw, reason=_PAGE)
    try:
        page = client.get(archive_request(draw.repository))
        if not isinstance(page.content, Path):
            return _Fetched(draw=draw, reason=GONE[page.provenance.status])
        page.content.replace(file)
        commit, size_bytes = _commit_of(file), page.provenance.size_bytes
        return _Fetched(draw=draw, file=file, commit=commit, size_bytes=size_bytes, sha256=page.provenance.sha256)
    except TooLarge:
        return _Fetched(draw=draw, reason="its archive is too large")
    except BadInput:  # our own disk
        raise
    except ObservatoryError as error:
        return _Fetched(draw=draw, reason=f"no answer: {type(error).__name__}", fault=error)
    except BROKEN as error:
        fault = LayoutChanged(f"{page.address} sends no archive ({type(error).__name__}); look at it.")
        return _Fetched(draw=draw, reason="what is sent is no archive", fault=fault)


def _commit_of(file: Path) -> str | None:
    """Return the commit, which git writes into the archive as its comment; raises one of `BROKEN` for another file."""
    if is_zip(file):
        with ZipFile(file) as packed:
            said = packed.comment.decode("ascii", "replace")
    else:
        with tarfile.open(file) as archive:
            said = archive.pax_headers.get("comment", "")
    return said if re.fullmatch(r"[0-9a-f]{40}", said) else None


def _read_all(fetched: Sequence[_Fetched], rules: Ruleset, scanner: Scanner, seen_at: datetime) -> Iterator[Record]:
    """Scan the archives and yield what is kept of each repository."""
    units = [
        ScanUnit(new_subject(each.draw.repository, "repository", "paper"), each.file, None, is_asked=False)
        for each in fetched
        if each.file
    ]
    found: dict[str, list[FileResult]] = {each.draw.repository: [] for each in fetched}
    for result in scanner(units, rules, ScanControl()):
        if result.inspection.outcome == "read":
            # The host puts everything into one folder that is named after the commit.
            found[result.subject_id].append(replace(result, path=result.path.partition("/")[2] or result.path))
    for each in fetched:
        files = sorted(found[each.draw.repository], key=lambda file: file.path)
        yield from _records(each, files, rules, seen_at)


def _records(fetched: _Fetched, files: Sequence[FileResult], rules: Ruleset, seen_at: datetime) -> Iterator[Record]:
    answer = own_frameworks(
        (use for file in files for use in uses_of_file(file.path, file.inspection.detections, file.sha256)), rules
    )
    has_code = any(file.reading in _CODE for file in files)
    is_released = fetched.file is not None or fetched.reason == _PAGE
    key = {"source_id": SERVICE.name, "page_sha256": fetched.sha256, "seen_at": seen_at, **fetched.draw._asdict()}
    facts = {
        "outcome": "with code" if has_code else "no code" if is_released else "not obtained",
        "reason": fetched.reason,
        "archive_bytes": fetched.size_bytes,
        "snapshot_commit": fetched.commit,
        "own_state": answer.state if has_code else None,
        "ruleset_id": rules.ruleset_id,
    }
    yield DrawnRepository.model_validate(key | facts)
    key.pop("inclusion_fraction")
    yield from (DrawnCodeLabel.model_validate(key | label) for label in _labels(files, answer) if has_code)


def _labels(files: Sequence[FileResult], answer: OwnAnswer) -> Iterator[dict[str, object]]:
    """Yield each tier and framework with its first place; for what the code is written in, that of the heaviest use."""
    own = answer.frameworks if answer.state != "undecided" else ()
    shown: list[tuple[str, str, str, str, Detection | FileUse]] = [
        ("own", each.framework, each.uses[0].path, f"{each.framework}/own/{each.uses[0].role}", each.uses[0])
        for each in own
    ]
    for file in files:
        found = sorted(file.inspection.detections, key=lambda item: item.position)
        kept = (item for item in found if item.tier in {"import", "dependency"})
        shown += [(item.tier, item.framework, file.path, item.rule_id, item) for item in kept]
    for (tier, framework), (path, rule_id, at) in {each[:2]: each[2:] for each in reversed(shown)}.items():
        shown_at = {"path": path[-300:], "rule_id": rule_id, "position": at.position, "place": at.place}
        yield {"tier": tier, "framework": framework, **shown_at}
