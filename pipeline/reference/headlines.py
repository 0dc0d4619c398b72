"""The topics of the page's headlines, and the series that may speak for each, in order of trust."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from pipeline.errors import BadInput
from pipeline.records.record import Closed
from pipeline.reference.series import read_series
from pipeline.reference.toml_file import Text, Words, read_toml, require_unique, validated


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


class _HeadlinesFile(Closed):
    headline: tuple[HeadlineEntry, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        require_unique("headline", (entry.id for entry in self.headline))
        for entry in self.headline:
            require_unique(f"series of {entry.id}", (speaker.id for speaker in entry.series))
        return self


def read_headlines(reference_folder: Path) -> tuple[HeadlineEntry, ...]:
    """Return the topics of `headlines.toml`, in the order of the page.

    Raises:
        BadInput: the file is missing, is no TOML, an entry is not what it should be, or names an unknown series.
    """
    path = reference_folder / "headlines.toml"
    headlines = validated(path, _HeadlinesFile, read_toml(path)).headline
    known = {series.id for series in read_series(reference_folder)}
    for entry in headlines:
        for speaker in entry.series:
            if speaker.id not in known:
                raise BadInput(f"{path}, {entry.id}: {speaker.id} is no series of series.toml; mend that entry.")
    return headlines
