"""Dropping answers by age: what they gave stays, in one batch per window, which a replay reads in their place."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from pipeline.collect.batch import content_digest
from pipeline.collect.collection import read_pagination, settled_paginations
from pipeline.collect.context import CollectContext
from pipeline.errors import Incomplete, LayoutChanged
from pipeline.fetch.raw_store import Pagination
from pipeline.log import logger
from pipeline.records import Record
from pipeline.records.collected import Batch, Checkpoint, CollectedPage, Reject
from pipeline.records.record import Closed
from pipeline.sources.source import Source
from pipeline.storage import write_whole
from pipeline.warehouse.staging import by_type

_LOG = logger("collect")


class _KeptBatch(Closed):
    """A batch as it lies in a file; its records by table, each as it is validated again."""

    checkpoint: Checkpoint
    pages: list[CollectedPage]
    rejects: list[Reject]
    records: dict[str, list[str]]


def prune(source: Source, context: CollectContext) -> None:
    """Give up the paginations that began longer ago than the setting says, once a batch holds what they gave.

    Those that can no longer be read stay, and one that a person may still accept. The answers themselves go with
    `RawStore.sweep`. A process that is killed on the way has lost nothing, and the next one does the rest.
    """
    oldest = context.now() - timedelta(days=context.settings.raw_answers_days)
    paginations = settled_paginations(source, context)
    last = {each.window_id: each.pagination_id for each in paginations}
    awaiting = {each.pagination_id for each in paginations if each.state == "quarantined"} & set(last.values())
    old = [each for each in paginations if each.started_at < oldest and each.pagination_id not in awaiting]
    loaded: dict[str, list[Pagination]] = defaultdict(list)
    for pagination in old:
        if pagination.state == "loaded":
            loaded[pagination.window_id].append(pagination)
    unread = {window_id for window_id, of_window in loaded.items() if not _is_kept(source, context, of_window)}
    if gone := {each.pagination_id for each in old if each.window_id not in unread}:
        context.raw_store.drop(source.name, gone)


def _is_kept(source: Source, context: CollectContext, paginations: Sequence[Pagination]) -> bool:
    """Return whether the window's batch now holds what these paginations gave as well, in the order of their sights."""
    # Of equal answers the last sight is the one that counts.
    different = {content_digest(source, each.pages): each for each in paginations}.values()
    file = _file(source, context, paginations[0].window_id)
    try:
        before = [_read(source, file)] if file.exists() else []
        fresh = [read_pagination(source, context, each) for each in sorted(different, key=lambda each: each.started_at)]
    except (Incomplete, LayoutChanged) as error:
        _LOG.warning("Old answers of %s are kept: %s", source.title, error)
        return False
    _write(file, _merged([*before, *fresh]))
    return True


def _merged(batches: Sequence[Batch]) -> Batch:
    """Return one batch with the newest sight of each record, and with the last one's checkpoint."""
    records: dict[tuple[str, str], Record] = {}
    for record in (record for batch in batches for record in batch.records):
        key = (record.table, record.key_text)
        if key not in records or record.seen_at >= records[key].seen_at:
            records[key] = record
    rejects = {(each.page_sha256, each.locator): each for batch in batches for each in batch.rejects}
    told = {each.page_sha256 for each in records.values()} | {sha256 for sha256, _ in rejects}
    pages = {page.sha256: page for batch in batches for page in batch.pages if page.sha256 in told}
    return Batch(
        checkpoint=batches[-1].checkpoint,
        records=list(records.values()),
        rejects=list(rejects.values()),
        pages=list(pages.values()),
    )


def pruned_batches(source: Source, context: CollectContext) -> Iterator[Batch]:
    """Yield what is left of answers that were dropped, a batch per window, as they were read on that day.

    Raises:
        Incomplete: a batch is damaged, or of a version whose records were others.
    """
    for file in sorted(_file(source, context, "").parent.glob("*.json.gz")):
        yield _read(source, file)


def _file(source: Source, context: CollectContext, window_id: str) -> Path:
    return context.settings.raw_folder / source.name / "batches" / f"{quote(window_id, safe='')}.json.gz"


def _write(file: Path, batch: Batch) -> None:
    rows = {kind.table: [row.model_dump_json() for row in rows] for kind, rows in by_type(batch.records).items()}
    pages = [
        CollectedPage(**{name: getattr(page, name) for name in CollectedPage.model_fields}) for page in batch.pages
    ]
    kept = _KeptBatch(checkpoint=batch.checkpoint, pages=pages, rejects=list(batch.rejects), records=rows)
    write_whole(file, gzip.compress(kept.model_dump_json().encode(), mtime=0))


def _read(source: Source, file: Path) -> Batch:
    kinds = {kind.table: kind for kind in source.records}
    try:
        kept = _KeptBatch.model_validate_json(gzip.decompress(file.read_bytes()))
        records = [kinds[table].model_validate_json(row) for table, rows in kept.records.items() for row in rows]
    except (OSError, EOFError, LookupError, ValidationError) as error:
        raise Incomplete(
            f"{file} cannot be read ({type(error).__name__}); its answers were dropped: ask anew."
        ) from error
    return Batch(checkpoint=kept.checkpoint, records=records, rejects=kept.rejects, pages=kept.pages)
