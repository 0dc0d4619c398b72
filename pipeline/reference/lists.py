"""The lists of series with their breaks, of survey questions, of the topics of the headlines; and the claims ledger.

The ledger holds what articles say, how each claim is tested, tolerances, and the frame. Last come the rules for reading
MLPerf's entries: the framework below a wrapper, and the marks of entries that a program made.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from pipeline.errors import BadInput
from pipeline.records.record import Closed, PositiveCount
from pipeline.reference.frameworks import known_frameworks
from pipeline.reference.toml_file import Shape, Text, Words, read_toml, require_unique, validated
from pipeline.settings import Settings
from pipeline.storage import read_plain


class BreakEntry(Closed):
    """The start of a segment of a series; no line may join two segments."""

    id: Text
    starts_on: Annotated[date, Field(strict=True)]
    reason: Text
    population: Text | None = None
    """The only population it holds for; null: all that have no segments of their own."""


class SeriesEntry(Closed):
    """A series: its measure, its population and its known bias."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    title: Text
    unit: Text
    population: Text
    measure: Text
    known_bias: Text
    bias_direction: Text
    source_id: Text
    verdict_base: Annotated[PositiveCount, Field(strict=True)] | None = None
    """From how many subjects that name one of the two compared frameworks on a verdict is given."""
    sampling: Literal["sample", "no random sample"] = "sample"
    """A part that was not drawn at random has no intervals."""
    why_ended: Text | None = None
    """Why nothing newer comes, where no service continues it."""
    short_title: Text | None = None
    breaks: Annotated[tuple[BreakEntry, ...], Field(alias="break")] = ()


class WordingEntry(Closed):
    """A survey question in our own words, with the name of the published column."""

    id: Text
    question: Text


class Speaker(Closed):
    """A series that may speak for a topic, and the words for its figures."""

    id: Text
    counted: Text
    """Stands before the figures: what is counted."""
    populations: Words = ()
    """Those that count; none: all of them."""
    each: tuple[Text, Text] = ("group", "groups")
    """One population and several, in words."""
    inside: Text = "in"
    """Stands before a number of populations."""
    least_base: Annotated[PositiveCount, Field(strict=True)] = 60
    """Below it a figure has no verdict."""
    no_direction: Text | None = None
    """Why its earlier figures do not compare; None: those of one segment do."""


class HeadlineEntry(Closed):
    """A topic; one without series is answered by this machine's measurements."""

    id: Text
    title: Text
    short: Text
    """The topic inside a sentence."""
    is_pictured: StrictBool = False
    """Whether it has a small picture on the first screen."""
    remedy: Text
    """The advice where nothing is on file."""
    series: tuple[Speaker, ...] = ()
    """Those that may speak for it, in order of trust."""


class ReferenceLists(Closed):
    """What `series.toml`, `wordings.toml` and `headlines.toml` hold; the headlines are in the order of the page."""

    series: tuple[SeriesEntry, ...] = ()
    wording: tuple[WordingEntry, ...] = ()
    headline: tuple[HeadlineEntry, ...] = ()

    @model_validator(mode="after")
    def _names_what_there_is_once(self) -> Self:
        for name, entries in self:
            require_unique(name, (entry.id for entry in entries))
        require_unique("break", (cut.id for entry in self.series for cut in entry.breaks))
        for entry in self.series:
            starts = (f"{cut.population or 'all'} {cut.starts_on}" for cut in entry.breaks)
            require_unique(f"start of a break of {entry.id}", starts)
        known = {entry.id for entry in self.series}
        for topic in self.headline:
            names = [speaker.id for speaker in topic.series]
            require_unique(f"series of {topic.id}", names)
            if unknown := set(names) - known:
                raise ValueError(f"{topic.id}: {min(unknown)} is no series of series.toml")
        return self


def read_lists(reference_folder: Path) -> ReferenceLists:
    """Return the three lists of a reference folder.

    Raises:
        BadInput: a file is missing, is no TOML, or an entry is not what it should be.
    """
    content: dict[str, object] = {}
    for name in ("series", "wordings", "headlines"):
        content |= read_toml(reference_folder / f"{name}.toml")
    return validated(reference_folder, ReferenceLists, content)


class ClaimEntry(Closed):
    """A sentence of an article in our own words, as a line of `claims.csv`."""

    claim_id: Text
    article: Text
    address: Text
    article_date: Text
    claim: Text
    family: Text
    metric: Text
    population: Text
    period: Text
    figures: str | None
    operator: Text
    favours: Text
    source_named: str | None
    tolerance_class: Text
    derived_from: str | None
    found_by: Text
    reading: Literal["misattributed", "unsourced"] | None
    """What reading the named source shows; a verdict only where no figure gives one, but for misattributed."""
    reason: str | None
    """Why it is read so, or why no test of it is possible here."""


class ClaimTest(Closed, allow_inf_nan=False):
    """One way of testing a claim, as a line of `tests.csv`: a kind, and the parameters of its query."""

    claim_id: Text
    place: PositiveCount
    kind: Text
    is_population: bool
    """Whether the figure is of the population that the claim names."""
    can_age: bool
    """Whether the claim is about a present that passes."""
    series_id: str | None
    population: str | None
    framework: str | None
    mode: str | None
    other: str | None
    other_mode: str | None
    measure: str | None
    period_start: date | None
    period_end: date | None
    operator: Literal["in", "inside", "over", "under", "ahead", "some", "rarely", "equal", "tie", "up to"]
    low: float | None
    high: float | None
    first_figure: float | None
    second_figure: float | None
    cases: str | None
    size: str | None
    device: str | None
    tolerance_class: str | None
    is_part: bool | None
    """Whether it tests a part of the claim; every part must hold."""


class EventEntry(Closed):
    """A dated fact about a framework or a tool, with the page that says so."""

    id: Text
    tool: Text
    happened: Text
    happened_on: date
    is_exact_day: bool
    words: Text
    address: Text
    framework: Text | None = None
    """Its identifier in the registry, where it has one."""
    is_end: bool = False
    """Whether its makers say with it that they no longer develop or support the tool."""
    is_studied: bool = False
    """Whether the counts before and after it are compared, as the view release_studies does."""


class Tolerance(Closed, allow_inf_nan=False):
    """How far a figure may stray from what was said."""

    id: Text
    rule: Text
    reason: Text
    within: float | None = None
    low_factor: float | None = None
    high_factor: float | None = None
    effect_low_factor: float | None = None
    effect_high_factor: float | None = None
    slack: float | None = None
    fail_slack: float | None = None
    margin: float | None = None
    needs_date: bool = False


class FrameEntry(Closed):
    """A part of the account of how the claims were found."""

    topic: Literal["query", "left out", "contradiction", "limit"]
    name: Text
    claims: Words = ()
    words: Text


class Ledger(Closed):
    """All of it; whatever one part names stands in another."""

    claims: tuple[ClaimEntry, ...] = ()
    tests: tuple[ClaimTest, ...] = ()
    tolerance: tuple[Tolerance, ...] = ()
    entry: tuple[FrameEntry, ...] = ()
    event: tuple[EventEntry, ...] = ()

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        ids = {claim.claim_id for claim in self.claims}
        require_unique("claim", (claim.claim_id for claim in self.claims))
        require_unique("test", (f"{test.claim_id}, place {test.place}," for test in self.tests))
        _require_known("claim", ids, (test.claim_id for test in self.tests))
        _require_known("claim", ids, (claim for entry in self.entry for claim in entry.claims))
        require_unique("event", (event.id for event in self.event))
        about = (test.population or "" for test in self.tests if test.kind == "event")
        _require_known("event", {event.id for event in self.event}, about)
        classes = {each.id for each in self.tolerance}
        _require_known("tolerance", classes, (claim.tolerance_class for claim in self.claims))
        _require_known("tolerance", classes, (test.tolerance_class for test in self.tests if test.tolerance_class))
        tested = {test.claim_id for test in self.tests}
        silent = [claim.claim_id for claim in self.claims if claim.claim_id not in tested and not claim.reason]
        if silent:
            raise ValueError(f"claim {silent[0]} has no test and no reason why")
        return self


def read_claims(reference_folder: Path) -> Ledger:
    """Return the ledger of the folder `claims`; an empty one where a reference folder has none.

    Raises:
        BadInput: a file is missing, a line is not what it should be, or names what is not there.
    """
    folder = reference_folder / "claims"
    if not folder.is_dir():
        return Ledger()
    content = {
        "claims": _lines(folder / "claims.csv", ClaimEntry),
        "tests": _lines(folder / "tests.csv", ClaimTest),
        **read_toml(folder / "tolerances.toml"),
        **read_toml(folder / "frame.toml"),
        **read_toml(reference_folder / "events.toml"),
    }
    ledger = validated(folder, Ledger, content)
    known = {series.id for series in read_lists(reference_folder).series}
    for test in ledger.tests:
        if test.series_id and test.series_id not in known:
            raise BadInput(f"{folder}, {test.claim_id}: {test.series_id} is no series of series.toml; mend that line.")
    return ledger


def _lines(path: Path, shape: type[Shape]) -> list[Shape]:
    """Return the lines of a CSV file in their shape; an empty cell is missing."""
    try:
        rows = list(csv.DictReader(read_plain(path).decode("utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read ({error}); restore it from git.") from error
    return [
        validated(f"{path}, line {number}", shape, {name: cell or None for name, cell in row.items()})
        for number, row in enumerate(rows, start=2)
    ]


def _require_known(what: str, known: set[str], named: Iterable[str]) -> None:
    unknown = next((name for name in named if name not in known), None)
    if unknown is not None:
        raise ValueError(f"there is no {what} {unknown}")


UNRESOLVED = "unresolved"
"""The label of a field that holds words, none of which says which framework it was."""


class Wrapper(Closed):
    """A name in the framework field that stands for the framework below it."""

    text: Text
    framework: Text | None = None
    """None: it runs on several, and its name does not say which."""
    reason: Text


class Automated(Closed):
    """A mark of entries that a program made by running all combinations; all that is given must hold."""

    organisation: Text | None = None
    division: Text | None = None
    text: Text | None = None
    reason: Text


class MlperfRules(Closed):
    """All rules of `data/reference/mlperf.toml`."""

    wrappers: tuple[Wrapper, ...] = Field(default=(), alias="wrapper")
    automated: tuple[Automated, ...] = ()

    def label_set_of(self, framework_text: str, labels: Mapping[str, str]) -> str:
        """Return the frameworks that a framework field names, in alphabetical order joined by `|`.

        `labels` holds the framework of each label (`fw_` and a name). Empty for an empty field; `unresolved` where
        words are left that neither a name nor a wrapper explains.
        """
        words = framework_text.casefold()
        named = {framework for label, framework in labels.items() if label.removeprefix("fw_") in words}
        named |= {each.framework for each in self.wrappers if each.framework and each.text.casefold() in words}
        return "|".join(sorted(named)) or (UNRESOLVED if words.strip() else "")

    def is_automated(self, organisation: str, division: str, framework_text: str) -> bool:
        """Return whether a program made the entry: it bears a mark, whatever the case of its organisation's letters."""
        return any(
            (each.organisation or organisation).casefold() == organisation.casefold()
            and (each.division or division) == division
            and (each.text or "") in framework_text
            for each in self.automated
        )


def read_mlperf_rules(reference_folder: Path) -> MlperfRules:
    """Read and validate `mlperf.toml`.

    Raises:
        BadInput: it is missing, is no TOML, or an entry is not what it should be.
    """
    path = reference_folder / "mlperf.toml"
    return validated(path, MlperfRules, read_toml(path))


def label_set(source_id: str, framework_text: str | None) -> str:
    """Return the frameworks that a framework field of this source names, as `label_set_of` does."""
    rules, labels = read_mlperf_rules(Settings().reference_folder), known_frameworks().labels_of(source_id)
    return rules.label_set_of(framework_text or "", labels)
