"""Records about papers: published counts, labels, code, and single papers as services list them; and repositories."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.records.record import Count, Fraction, Identifier, LargeCount, Record, UtcMoment, Year

Text = Annotated[str, Field(min_length=1, max_length=200_000)]
PaperScope = Literal["accepted", "submissions"]
LabelSet = Annotated[str, Field(pattern=r"^([a-z0-9-]+(\|[a-z0-9-]+)*)?$")]
"""Framework ids in alphabetical order joined by `|`; empty where there is none."""


class PaperCount(Record, table="core.paper_count", key="source_id venue edition_year framework vintage_at"):
    """Papers of one venue and edition that name one framework and not its rival, as published at one moment."""

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

    @model_validator(mode="after")
    def _is_part_of_all(self) -> Self:
        if self.papers_count is not None and self.only_count > self.papers_count:
            raise ValueError("more papers name the framework than there are papers")
        return self


class PaperLabel(
    Record, table="core.paper_label", key="source_id subject_id tier framework ruleset_id", is_indexed=False
):
    """One framework label of one subject: a paper, or a repository linked from a paper."""

    subject_id: Identifier
    """Paper, or paper and repository, in one stable identifier."""
    paper_id: Identifier
    venue: Identifier | None = None
    subject_year: Year | None = None
    repository: Identifier | None = None
    """`owner/name` on its forge, lower case, for labels of linked code."""
    is_official: bool | None = None
    """Whether the linked code is the authors' own; null where the subject is the paper itself."""
    tier: Literal["mention", "import", "dependency", "code_label"]
    """What the label rests on; `code_label` is a publisher's own label of the linked code."""
    framework: Identifier
    """A framework id, or the state `none`: looked at, no framework found."""
    ruleset_id: Identifier


class CodeAvailability(Record, table="core.code_availability", key="source_id venue edition_year"):
    """Papers of one venue and edition with a usable code link."""

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


class CompetitionEntry(Record, table="core.competition_entry", key="source_id competition round entry_group label_set"):
    """Entries of one group of a benchmark-competition round whose framework field names exactly this set."""

    competition: Identifier
    round: Identifier
    round_year: Year
    entry_group: Identifier
    """`all entries`, or the groups in which a round's entries are kept apart."""
    label_set: LabelSet
    """Empty where the field is, `unresolved` where its words do not say which framework it was."""
    entries_count: Count


class CompetitionSystem(Record, table="core.competition_system", key="source_id competition round system"):
    """Entries that one system of a submitter has in a round, one per benchmark, and the frameworks that it names."""

    competition: Identifier
    round: Identifier
    round_year: Year
    system: Identifier
    label_set: LabelSet
    entries_count: Count


class SamplingFrame(Record, table="core.sampling_frame", key="source_id edition_year venue"):
    """How many links to code the list holds, of which a sample was drawn, for one venue and edition."""

    edition_year: Year
    venue: Identifier
    research_field: Literal["vision", "language", "other"]
    entries_count: Count


class SampledRepository(Record, table="core.sampled_repository", key="source_id edition_year position"):
    """One link drawn at random from the list of one year, and what reading the repository behind it found.

    A set of labels is alphabetical and joined by `|`; it is empty where nothing was found or nothing could be read.
    """

    edition_year: Year
    position: Count
    """Its place in the year's random order; a sample is the head of that order."""
    venue: Identifier
    repository: Identifier
    """`owner/name` as the list writes it."""
    outcome: Literal["with code", "no code", "not obtained"]
    reason: Identifier | None
    """Why it was not obtained."""
    snapshot_on: date | None
    """Day of the newest commit that was read; code may have changed since the paper."""
    snapshot_commit: Identifier | None
    imports: LabelSet
    declared: LabelSet
    """What its dependency files and install lines declare."""
    own_frameworks: LabelSet
    """What the paper's own code is written in, copied and auxiliary code left out."""
    scanner_imports: LabelSet
    """What this project's scanner said it imports, for comparison."""
    scanner_declared: LabelSet
    labelled_by: Literal["reading", "scanner", "scanner, own code read"] | None
    """Whether a separate reading or this project's scanner gave the labels; null where nothing could be read."""


class Paper(Record, table="core.paper", key="source_id paper_id"):
    """One paper as one service lists it; its texts are what a detector of framework names reads."""

    paper_id: Identifier
    """Stable identifier with the place it belongs to, e.g. `arxiv:2401.01234`, without a version."""
    title: Text
    abstract: Text | None = None
    comment: Text | None = None
    """The authors' remark beside the abstract, where the service has one."""
    venue: Identifier | None = None
    edition_year: Year | None = None
    categories: str | None = None
    """The service's subject classes, the primary one first, joined by spaces."""
    submitted_on: date | None = None
    """The day of the first version."""
    doi: Identifier | None = None


class PaperRepository(Record, table="core.paper_repository", key="source_id paper_id forge repository"):
    """One code repository that one paper's entry links to."""

    paper_id: Identifier
    forge: Identifier
    """The site that holds the code, e.g. `github.com`."""
    repository: Identifier
    """`owner/name` in lower case, as the entry writes it; renames are not followed."""
    found_in: Identifier
    """Where the link stands: `abstract`, `comment`, `link`."""


class RepositoryDay(Record, table="core.repository_day", key="source_id repository observed_on"):
    """Stars and forks one repository held on one day."""

    repository: Identifier
    """Canonical `owner/name`; renames are mapped."""
    listed_as: Identifier
    """The name it had on that day's list."""
    observed_on: date
    stars_count: Count
    forks_count: Count | None
    pushed_on: date | None = None
    """Day of the newest push to any branch, as told that day."""


class RepositoryState(Record, table="core.repository_state", key="source_id repository observed_on"):
    """State of one repository on one day; a field is null where the way of asking does not report it."""

    repository: Identifier
    """`owner/name` as the service names it now."""
    listed_as: Identifier
    """The name it was asked for by; another one after a rename."""
    repository_number: LargeCount
    """The service's own number, which survives renames."""
    role: Identifier
    """What it is in the debate: a framework, or a tool beside one."""
    observed_on: date
    stars_count: Count
    forks_count: Count
    open_issues_count: Count | None
    """Without pull requests."""
    releases_count: Count | None
    newest_release_on: date | None
    pushed_on: date | None
    """Day of the newest commit to any branch."""
    created_on: date
    is_archived: bool
    licence: Identifier | None
    """SPDX identifier; null where the service recognises none."""


class DrawnRepository(Record, table="core.drawn_repository", key="source_id month_start repository"):
    """A repository that papers of one month link to, drawn at random, and what became of it; its code is not kept."""

    month_start: date
    repository: Identifier
    inclusion_fraction: Fraction
    """Its place in the random order: it is drawn wherever at least this part of the month's repositories is."""
    outcome: Literal["with code", "no code", "not obtained"]
    reason: Identifier | None
    archive_bytes: LargeCount
    snapshot_commit: Identifier | None
    own_state: Literal["one", "several", "none", "undecided"] | None
    """How sure the answer is to what its own code is written in; null where there is no code."""
    ruleset_id: Identifier


class DrawnCodeLabel(Record, table="core.drawn_code_label", key="source_id month_start repository tier framework"):
    """One framework of one drawn repository, and the first place that shows it."""

    month_start: date
    repository: Identifier
    tier: Literal["own", "import", "dependency"]
    framework: Identifier
    rule_id: Identifier
    path: Identifier
    position: LargeCount
    place: Identifier
