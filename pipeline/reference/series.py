"""The lists of series, with the breaks between their segments, and of the survey questions in our own words."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.records.record import Closed
from pipeline.reference.toml_file import Text, read_toml, require_unique, validated


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
    breaks: Annotated[tuple[BreakEntry, ...], Field(alias="break")] = ()


class WordingEntry(Closed):
    """A survey question in our own words, with the name of the published column."""

    id: Text
    question: Text


class _SeriesFile(Closed):
    series: tuple[SeriesEntry, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        require_unique("series", (entry.id for entry in self.series))
        require_unique("break", (cut.id for entry in self.series for cut in entry.breaks))
        for entry in self.series:
            starts = (f"{cut.population or 'all'} {cut.starts_on}" for cut in entry.breaks)
            require_unique(f"start of a break of {entry.id}", starts)
        return self


class _WordingsFile(Closed):
    wording: tuple[WordingEntry, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        require_unique("wording", (entry.id for entry in self.wording))
        return self


def read_series(reference_folder: Path) -> tuple[SeriesEntry, ...]:
    """Return the series of `series.toml`.

    Raises:
        BadInput: the file is missing, is no TOML, or an entry is not what it should be.
    """
    path = reference_folder / "series.toml"
    return validated(path, _SeriesFile, read_toml(path)).series


def read_wordings(reference_folder: Path) -> tuple[WordingEntry, ...]:
    """Return the questions of `wordings.toml`.

    Raises:
        BadInput: the file is missing, is no TOML, or an entry is not what it should be.
    """
    path = reference_folder / "wordings.toml"
    return validated(path, _WordingsFile, read_toml(path)).wording
