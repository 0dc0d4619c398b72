"""Drawing what to label of a corpus: at random, what the rules are in doubt about more often, each probability kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.detect.files.scan import Scanner
from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.rules.ruleset import read_rules
from pipeline.errors import BadInput
from pipeline.estimate.drawn import allocation
from pipeline.jobs.label_file import LabelledSubject
from pipeline.jobs.publish import published_job
from pipeline.jobs.scan import scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings

_SPREADS = {"in doubt": 0.5, "found": 0.3, "silent": 0.15}
"""How much the truth is thought to vary within a stratum, as a standard deviation; it decides sizes, not the result."""
_IN_TURN = "select subject_id, stratum, place from labelling_order($rulesets, $scanned_at, $seed) order by turn"
_HINTS = "from places_found_in($rulesets, $scanned_at, $subjects)"


def scan_and_draw(
    settings: Settings, corpus: WhatToScan, scanner: Scanner, count: int, seed: int
) -> tuple[list[LabelledSubject], list[str]]:
    """Scan the corpus, publish what that gave, and return what to label and how it was drawn, in sentences.

    The same corpus, count and seed draw the same subjects.

    Raises:
        BadInput: a path does not exist, or nothing of the corpus could be read.
    """
    places = dict[str, str]()

    def units() -> Iterator[ScanUnit]:
        for unit in corpus.counted_units(settings):
            places.setdefault(unit.subject.subject_id, str(unit.source.resolve()))
            yield unit

    with published_job(settings, "label") as job:
        rulesets = [read_rules(settings.reference_folder)]
        summary = scan_into(job.connection, units, rulesets, scanner)
        drawn, sizes = _draw(job.connection.execute(_IN_TURN, {**summary.values, "seed": str(seed)}).fetchall(), count)
        values = {**summary.values, "subjects": [each.subject for each in drawn]}
        hints = dict(job.connection.execute(_HINTS, values).fetchall())
    subjects = [
        each.model_copy(update={"at": places.get(each.subject), "hints": hints.get(each.subject, [])}) for each in drawn
    ]
    of_each = ", ".join(
        f"{sum(each.stratum == name for each in drawn)} of {size} {name}" for name, size in sizes.items()
    )
    return subjects, [f"{len(drawn)} of {sum(sizes.values())} subjects drawn: {of_each}."]


def _draw(in_turn: Sequence[tuple[str, str, int]], count: int) -> tuple[list[LabelledSubject], Mapping[str, int]]:
    """The drawn subjects in the order in which to ask, and how many the corpus has of each stratum."""
    if not in_turn:
        raise BadInput("No file of the corpus could be read, so there is nothing to label; give other paths.")
    sizes = dict(sorted(Counter(stratum for _, stratum, _ in in_turn).items()))
    counts = allocation(sizes, _SPREADS, count)
    drawn = [
        LabelledSubject(subject=subject, stratum=stratum, probability=counts[stratum] / sizes[stratum])
        for subject, stratum, place in in_turn
        if place <= counts[stratum]
    ]
    return drawn, sizes
