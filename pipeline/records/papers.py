"""Records about papers: published counts, labels of single papers or links, and code availability."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.records.record import Count, Identifier, Record, UtcMoment, Year

PaperScope = Literal["accepted", "submissions"]


class PaperCount(Record):
    """Papers of one venue and edition that name one framework and not its rival, as published at one moment."""

    table: ClassVar[str] = "core.paper_count"
    key: ClassVar[tuple[str, ...]] = ("source_id", "venue", "edition_year", "framework", "vintage_at")

    venue: Identifier
    edition_year: Year
    paper_scope: PaperScope
    framework: Identifier
    only_count: Count
    """Papers whose text names this framework and not the other of PyTorch / TensorFlow."""
    papers_count: Count | None
    """All papers of the edition; null where the published table of that date did not carry it."""
    vintage_at: UtcMoment
    """When the table with this cell was published."""
    vintage_id: Identifier
    """Identifier of the published version (a commit)."""
    ruleset_id: Identifier
    """The synonym list the publisher matched with."""


class PaperLabel(Record):
    """One framework label of one subject: a paper, or a repository linked from a paper."""

    table: ClassVar[str] = "core.paper_label"
    key: ClassVar[tuple[str, ...]] = ("source_id", "subject_id", "tier", "framework", "ruleset_id")

    subject_id: Identifier
    """Paper, or paper and repository, in one stable identifier."""
    paper_id: Identifier
    venue: Identifier | None
    subject_year: Year | None
    repository: Identifier | None
    """`owner/name` on its forge, lower case, for labels of linked code."""
    is_official: bool | None
    """Whether the linked code is the authors' own; null where the subject is the paper itself."""
    tier: Literal["mention", "import", "dependency", "code_label"]
    """What the label rests on; `code_label` is a publisher's own label of the linked code."""
    framework: Identifier
    """A framework id, or the state `none`: looked at, no framework found."""
    ruleset_id: Identifier


class CodeAvailability(Record):
    """Papers of one venue and edition with a usable code link."""

    table: ClassVar[str] = "core.code_availability"
    key: ClassVar[tuple[str, ...]] = ("source_id", "venue", "edition_year")

    venue: Identifier
    edition_year: Year
    paper_scope: PaperScope
    papers_count: Count
    usable_count: Count
    """Papers whose link parses to an owner and a repository name and is not a placeholder."""
    junk_count: Count
    """Papers whose link field holds something that is no repository; refused, counted here."""
    is_collected: bool
    """False where the publisher collected no usable link at all for the edition: then nothing is known, not zero."""
    is_newest_list: bool
    """False where an older version of the publisher's list stands in for the newest one: more links may have come."""


class CompetitionEntry(Record):
    """Entries of one benchmark-competition round whose framework field names exactly this set."""

    table: ClassVar[str] = "core.competition_entry"
    key: ClassVar[tuple[str, ...]] = ("source_id", "competition", "round", "label_set")

    competition: Identifier
    round: Identifier
    round_year: Year
    label_set: Annotated[str, Field(pattern=r"^([a-z0-9-]+(\|[a-z0-9-]+)*)?$")]
    """Framework ids in alphabetical order joined by `|`; empty where the field names no framework."""
    entries_count: Count
