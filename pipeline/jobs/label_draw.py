"""Drawing what to label of a corpus: at random, what the rules are in doubt about more often, each probability kept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from duckdb import DuckDBPyConnection

from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.rules.ruleset import read_rules
from pipeline.errors import BadInput
from pipeline.estimate.drawn import allocation
from pipeline.jobs.context import open_job
from pipeline.jobs.label_file import LabelledSubject
from pipeline.jobs.publish import release
from pipeline.jobs.run_log import kept_log
from pipeline.jobs.scan import Scanner, ScanSummary, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings

_SPREADS = {"in doubt": 0.5, "found": 0.3, "silent": 0.15}
"""How much the truth is thought to vary within a stratum, as a standard deviation; it decides sizes, not the result."""
_HINTS_COUNT = 12
# In doubt: the tiers that found something disagree, or a framework stands only where it does not count, among the
# references or as not used.
_STRATA = """
    with looked as (
        select distinct subject_id from core.scanned_file
        where ruleset_id in $rulesets and seen_at = $scanned_at and outcome = 'read'
    ),
    found as (
        select evidence.subject_id, evidence.tier, evidence.framework, bool_or(evidence.is_counted) as is_counted
        from main.evidence
        join core.scanned_file scanned using (subject_id, observed_on, path, ruleset_id)
        join ref.framework on framework.framework = evidence.framework and framework.is_deep_learning
        where scanned.ruleset_id in $rulesets and scanned.seen_at = $scanned_at
        group by all
    ),
    counted as (
        select subject_id, tier, list_sort(list(framework)) as frameworks from found where is_counted group by all
    ),
    doubted as (
        select subject_id from counted group by subject_id having count(distinct frameworks) > 1
        union
        select subject_id from found group by subject_id, framework having not bool_or(is_counted)
    )
    select
        subject_id,
        case when subject_id in (from doubted) then 'in doubt'
            when subject_id in (select subject_id from counted) then 'found' else 'silent' end
    from looked
    order by subject_id
"""
_HINTS = f"""
    select subject_id, format('{{}}, {{}}: {{}} ({{}} {{}}{{}})', path, place, span, tier, framework,
        case when is_counted then '' else ', not counted' end)
    from main.evidence
    join core.scanned_file scanned using (subject_id, observed_on, path, ruleset_id)
    where scanned.ruleset_id in $rulesets and scanned.seen_at = $scanned_at and subject_id in $subjects
    qualify row_number() over (partition by subject_id order by is_counted desc, tier, framework, path, position)
        <= {_HINTS_COUNT}
"""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The choices of one draw; the same corpus, count and seed draw the same subjects."""

    corpus: WhatToScan
    count: int
    seed: int = 0


def scan_and_draw(settings: Settings, drawing: Drawing, scanner: Scanner) -> tuple[list[LabelledSubject], list[str]]:
    """Scan the corpus, publish what that gave, and return what to label and how it was drawn, in sentences.

    Raises:
        BadInput: a path does not exist, or nothing of the corpus could be read.
    """
    with kept_log(settings), open_job(settings, "label") as job:
        places = dict[str, str]()
        summary = scan_into(
            job.connection,
            lambda: _noted(drawing.corpus.counted_units(settings), places),
            [read_rules(settings.reference_folder)],
            scanner,
        )
        drawn, sizes = draw(job.connection, summary, drawing)
        hints = _hints(job.connection, summary, [each.subject for each in drawn])
        release(job)
    subjects = [
        each.model_copy(update={"at": places.get(each.subject), "hints": hints[each.subject]}) for each in drawn
    ]
    of_each = ", ".join(
        f"{sum(each.stratum == name for each in drawn)} of {size} {name}" for name, size in sizes.items()
    )
    return subjects, [f"{len(drawn)} of {sum(sizes.values())} subjects drawn: {of_each}."]


def draw(
    connection: DuckDBPyConnection, summary: ScanSummary, drawing: Drawing
) -> tuple[list[LabelledSubject], Mapping[str, int]]:
    """Return the drawn subjects in the order in which to ask, and how many the corpus has of each stratum.

    Whoever stops half way has a random part of each stratum.

    Raises:
        BadInput: nothing of the corpus could be read.
    """
    of_stratum: dict[str, list[str]] = defaultdict(list)
    for subject, stratum in connection.execute(_STRATA, summary.values).fetchall():
        of_stratum[stratum].append(subject)
    if not of_stratum:
        raise BadInput("No file of the corpus could be read, so there is nothing to label; give other paths.")
    sizes = {name: len(subjects) for name, subjects in sorted(of_stratum.items())}
    counts = allocation(sizes, _SPREADS, drawing.count)

    def chance(subject: str) -> bytes:
        return sha256(f"{drawing.seed}:{subject}".encode()).digest()

    drawn = [
        LabelledSubject(subject=subject, stratum=name, probability=counts[name] / sizes[name])
        for name, subjects in of_stratum.items()
        for subject in sorted(subjects, key=chance)[: counts[name]]
    ]
    return sorted(drawn, key=lambda each: sha256(chance(each.subject)).digest()), sizes


def _noted(units: Iterable[ScanUnit], places: dict[str, str]) -> Iterator[ScanUnit]:
    for unit in units:
        places.setdefault(unit.subject_id, str(unit.source.resolve()))
        yield unit


def _hints(connection: DuckDBPyConnection, summary: ScanSummary, subjects: Sequence[str]) -> dict[str, list[str]]:
    hints: dict[str, list[str]] = defaultdict(list)
    for subject, hint in connection.execute(_HINTS, {**summary.values, "subjects": list(subjects)}).fetchall():
        hints[subject].append(hint)
    return hints
