"""Records about evidence: names, imports and declarations in files, the scanned files, and labels of the detector."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from pipeline.records.record import Count, Fraction, Identifier, LargeCount, Record, Year

Text = Annotated[str, Field(min_length=1, max_length=1000)]
Reading = Annotated[str, Field(pattern=r"^[a-z]+(:[a-z_]+)?$")]
EvidenceTier = Literal[
    "mention", "link", "import", "dependency", "locked", "workflow", "documented", "use", "own",
]  # fmt: skip
"""`locked`: a lock file holds it; `workflow`: continuous integration installs it; `documented`: a README installs it.

`use` is what one file does with what it imports, `own` what a repository's own code is written in."""


class Evidence(
    Record,
    table="core.evidence",
    key="page_sha256 reading ruleset_id tier framework position rule_id section stance",
    is_indexed=False,
):
    """One framework found at one place of one content; `page_sha256` is the content, wherever it lies.

    The same bytes read in the same way under the same rules are scanned once, whichever files hold them.
    """

    reading: Reading
    """How the content was read: the kind of file, and for dependency files which reader."""
    ruleset_id: Identifier
    tier: EvidenceTier
    framework: Identifier
    rule_id: Text
    span: Text
    """The words that show it, as written."""
    position: LargeCount
    """Characters from the start of the text; for code, of the line it stands on."""
    place: Identifier
    """The position for people: page, line, or cell and line."""
    section: Literal["body", "bibliography"]
    stance: Literal["plain", "negated", "likeness", "undecided"]
    role: Literal["used", "compared", "built-upon", "could-be-used", "named"] | None = None
    """Of a plain mention in the body: what the framework is to the work; null for all others."""
    backend: Identifier | None
    """For Keras in code: the framework that is its backend, or `unresolved`; null for all others."""


class ScannedFile(Record, table="core.scanned_file", key="subject_id observed_on path ruleset_id", is_indexed=False):
    """One file of one subject as it was on one day, and the outcome of scanning it under one ruleset."""

    subject_id: Identifier
    """A paper or a repository."""
    observed_on: date
    """The day as of which the subject was seen."""
    path: Text
    """The file within the subject, with slashes."""
    ruleset_id: Identifier
    reading: Reading
    size_bytes: LargeCount
    outcome: Identifier
    """`read`, or why nothing was read: encrypted, broken, no-text, refused, timed-out and others."""
    reason: Text | None
    findings_count: Count
    """Places found, kept or not: of one framework in one role of one file only the first ones are kept."""
    stamp: str | None = None
    """Size and times of change of the file, or of the archive that holds it; null where nothing tells a change."""
    document_year: Year | None = None
    """In which a PDF was made, as it says itself."""
    repository_links: list[str] | None = None
    """Repositories whose addresses a paper's text holds, like github.com/owner/name."""


class ScannedSubject(Record, table="core.scanned_subject", key="subject_id observed_on", is_indexed=False):
    """One paper or repository as it was found on one day, with what was known of it before it was read."""

    subject_id: Identifier
    observed_on: date
    """The day as of which the subject was seen."""
    kind: Literal["paper", "repository", "folder"]
    """A `folder` holds what belongs to no paper and no repository, and is no unit of counting."""
    found_by: Text
    """Why it is taken for one subject."""
    year: Year | None
    year_origin: Literal["metadata", "arxiv-id"] | None
    venue: Text | None
    repository: Text | None
    """Address of the repository, a paper's or its own, like github.com/owner/name."""


class OwnFramework(Record, table="core.own_framework", key="subject_id observed_on ruleset_id framework"):
    """One framework that the own code of a scanned repository is written in, with the heaviest of its uses as evidence.

    Of several rows of one subject `state` says how they stand to each other; `page_sha256` is the file of the use.
    """

    subject_id: Identifier
    observed_on: date
    ruleset_id: Identifier
    framework: Identifier
    """`none` where the code uses no deep-learning framework."""
    state: Literal["one", "several", "none", "undecided"]
    share_fraction: Fraction
    """Of the weight of all files that use a framework."""
    files_count: Count
    path: Text
    rule_id: Text
    span: Text
    position: Count
    place: Identifier


class DetectorLabel(
    Record, table="core.detector_label", key="source_id label_set subject_id framework tier ruleset_id"
):
    """The truth about one subject and framework, beside the answer of one detector."""

    label_set: Identifier
    subject_id: Identifier
    subject_year: Year | None
    framework: Identifier
    tier: EvidenceTier
    """What the detector looked at."""
    ruleset_id: Identifier
    """The detector: a ruleset of ours, or a publisher's rules."""
    is_true: bool | None
    """Null where the truth is unknown: such subjects are counted, not audited."""
    is_detected: bool


class CorrectedShare(
    Record, table="core.derived_corrected_share", key="source_id label_set framework tier ruleset_id estimand method"
):
    """One share that rests on a detector, raw and corrected for the detector's errors as labels measured them."""

    label_set: Identifier
    subject_year: Year | None
    framework: Identifier
    tier: EvidenceTier
    ruleset_id: Identifier
    estimand: Literal["use among subjects", "share of two"]
    method: Identifier
    labelled_count: Count
    unlabelled_count: Count
    raw_share: Fraction
    raw_low: Fraction
    raw_high: Fraction
    corrected_share: Fraction
    corrected_low: Fraction
    corrected_high: Fraction
    labelled_share: Fraction
    """The share among the labelled subjects alone, by the truth."""


class LabelDraw(Record, table="core.label_draw", key="source_id label_set subject_id"):
    """One subject that was drawn for labelling, labelled by now or not, and the probability that it had."""

    label_set: Identifier
    subject_id: Identifier
    inclusion_fraction: Annotated[float, Field(gt=0, le=1)]


class LabelBalance(Record, table="core.derived_label_balance", key="source_id label_set tier ruleset_id trait"):
    """One trait of the labelled subjects of a set beside that of the others."""

    label_set: Identifier
    tier: EvidenceTier
    ruleset_id: Identifier
    trait: Identifier
    labelled_count: Count
    unlabelled_count: Count
    labelled_share: Fraction
    compared_share: Fraction
    """Among the unlabelled; among all where the labelled ones are weighted."""
    is_weighted: bool
    p_value: Fraction
    adjusted_p_value: Fraction
