"""The lists of series with their breaks, of survey questions, and of the topics of the page's headlines."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from pipeline.records.record import Closed
from pipeline.reference.toml_file import Text, Words, read_toml, require_unique, validated


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
    verdict_base: Annotated[int, Field(strict=True, ge=1)] | None = None
    """From how many subjects that name one of the two compared frameworks on a verdict is given."""
    sampling: Literal["sample", "no random sample"] = "sample"
    """A part that was not drawn at random has no intervals."""
    why_ended: Text | None = None
    short_title: Text | None = None
    """Why nothing newer comes, where no service continues it."""
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
    least_base: Annotated[StrictInt, Field(ge=1)] = 60
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
