"""Records about single papers and their code, as live services list them."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from pipeline.records.record import Identifier, Record, Year

Text = Annotated[str, Field(min_length=1, max_length=200_000)]


class Paper(Record):
    """One paper as one service lists it; its texts are what a detector of framework names reads."""

    table: ClassVar[str] = "core.paper"
    key: ClassVar[tuple[str, ...]] = ("source_id", "paper_id")

    paper_id: Identifier
    """Stable identifier with the place it belongs to, e.g. `arxiv:2401.01234`, without a version."""
    title: Text
    abstract: Text | None
    comment: Text | None
    """The authors' remark beside the abstract, where the service has one."""
    venue: Identifier | None
    edition_year: Year | None
    categories: str | None
    """The service's subject classes, the primary one first, joined by spaces."""
    submitted_on: date | None
    """The day of the first version."""
    doi: Identifier | None


class PaperRepository(Record):
    """One code repository that one paper's entry links to."""

    table: ClassVar[str] = "core.paper_repository"
    key: ClassVar[tuple[str, ...]] = ("source_id", "paper_id", "forge", "repository")

    paper_id: Identifier
    forge: Identifier
    """The site that holds the code, e.g. `github.com`."""
    repository: Identifier
    """`owner/name` in lower case, as the entry writes it; renames are not followed."""
    found_in: Identifier
    """Where the link stands: `abstract`, `comment`, `link`."""
