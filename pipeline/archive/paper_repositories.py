"""Paper code: repositories drawn at random from lists of papers, and the frameworks that reading them found."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, count_of, meaning_of, moment_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import SampledRepository, SamplingFrame
from pipeline.reference import known_frameworks
from pipeline.sources.venues import venue_of

IMPORTER = Importer("paper_repositories")
_SAMPLE, _FRAME = "sampled_repositories.csv", "sampling_order.csv"
_FIELDS = {
    **dict.fromkeys(("CVPR", "ECCV", "ICCV", "WACV"), "vision"),
    **dict.fromkeys(("ACL", "COLING", "EMNLP", "NAACL"), "language"),
}
_LABELS = {
    "imports": "imports", "declared": "declared", "own_frameworks": "own_framework",
    "scanner_imports": "product_imports", "scanner_declared": "product_declared",
}  # fmt: skip
_OUTCOMES = {("1", "0"): "with code", ("1", "1"): "no code", ("0", ""): "not obtained", ("0", "0"): "not obtained"}
_FACTS = ("year", "conf", "repo", "obtained", "readme_only", "reason", "snapshot_date", "snapshot_commit")


@IMPORTER.file("sampled_repositories.csv", SampledRepository, _SAMPLE)
def _sample(path: Path) -> Iterator[Fields]:
    """Yield each link that was drawn, whatever came of it."""
    order, columns = path.with_name(_FRAME), (*_FACTS, *_LABELS.values())
    listed = {(year, place): repo for year, place, repo in text_rows(order, ("year", "position", "repo"))}
    known, reached = known_frameworks(), Counter[int]()
    for year_text, code, repository, obtained, is_readme, reason, day, commit, *labels in text_rows(path, columns):
        year = count_of(path, "year", year_text)
        reached[year] += 1
        # The full stop of a sentence is taken off in the sample.
        if listed.get((year_text, str(reached[year])), "").rstrip(".") != repository.rstrip("."):
            raise BadInput(f"{path}: {repository} is not number {reached[year]} of {year} in {order.name}.")
        sets = {name: set(filter(None, text.split(";"))) - {"none"} for name, text in zip(_LABELS, labels, strict=True)}
        if unknown := {label for labels_found in sets.values() for label in labels_found if label not in known}:
            raise BadInput(f"{path}: {min(unknown)} is no framework of data/reference/frameworks; describe it there.")
        yield {
            "edition_year": year,
            "position": reached[year],
            "venue": venue_of(path, code),
            "repository": repository,
            "outcome": meaning_of(path, "outcome", _OUTCOMES, (obtained, is_readme)),
            "reason": reason or None,
            "snapshot_on": moment_of(path, "snapshot_date", day).date() if day else None,
            "snapshot_commit": commit or None,
            **{name: "|".join(sorted(found)) for name, found in sets.items()},
            "labelled_by": "reading" if commit else None,
        }


@IMPORTER.file("sampling_frame.csv", SamplingFrame, _FRAME)
def _frame(path: Path) -> Iterator[Fields]:
    """Yield the number of links of each venue and edition."""
    rows = text_rows(path, ("year", "conf"))
    entries = Counter((count_of(path, "year", year), venue_of(path, code)) for year, code in rows)
    for (year, venue), entries_count in entries.items():
        field = _FIELDS.get(venue, "other")
        yield {"edition_year": year, "venue": venue, "research_field": field, "entries_count": entries_count}
