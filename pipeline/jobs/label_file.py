"""Files of labelled subjects of a corpus: one JSON object per line, drawn by `observatory label` or written by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo

from pipeline.errors import BadInput
from pipeline.records.record import Closed, Year, field_at_fault
from pipeline.reference import known_frameworks
from pipeline.storage import read_plain, write_whole

Labelled = TypeVar("Labelled", bound=Closed)


def _known(name: str, info: ValidationInfo) -> str:
    """Refuse a framework that is not known, where it is read from a file."""
    if info.context is not None and name not in info.context:
        raise ValueError(f"{name:.60} is no framework that is known")
    return name


Framework = Annotated[str, AfterValidator(_known)]


class LabelledSubject(Closed):
    """One paper or repository of a corpus, the frameworks that it uses in truth, and how it came to be drawn."""

    subject: Annotated[str, Field(min_length=1)]
    """As `observatory scan` calls it."""
    uses: list[Framework] | None = None
    """Frameworks that it uses, an empty list where it uses none; null where nobody has said yet."""
    is_unsure: bool = False
    """Whether somebody looked and cannot tell."""
    year: Year | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    """How likely it was to be drawn; null where it was not drawn at random with a known probability."""
    stratum: str | None = None
    """What it was drawn as: one in doubt, one with frameworks found, or a silent one."""
    at: str | None = None
    """Where it lies, for whoever opens it."""
    hints: list[str] = Field(default_factory=list)
    """What the detector found, for whoever asks for it after an own look."""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.uses is None and not self.is_unsure


def read_labelled(path: Path, kind: type[Labelled], noun: str) -> list[Labelled]:
    """Return the objects of a file of labels, one per line, in its order.

    Raises:
        BadInput: the file cannot be read, or a line is not what it should be or names no framework that is known.
    """
    try:
        lines = read_plain(path).decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__}); give a file of {noun}s.") from error
    found, known = list[Labelled](), known_frameworks()
    for number, line in enumerate(lines, start=1):
        try:
            found += [kind.model_validate(json.loads(line), context=known)] if line.strip() else []
        except (ValueError, RecursionError) as error:
            reason = field_at_fault(error) if isinstance(error, ValidationError) else "it is no JSON"
            raise BadInput(f"{path} line {number} is no {noun} ({reason}); mend the line.") from error
    return found


def read_subjects(path: Path) -> list[LabelledSubject]:
    """Return the labelled subjects of a file, in its order.

    Raises:
        BadInput: as above, or a subject has two lines.
    """
    subjects = read_labelled(path, LabelledSubject, "labelled subject")
    if len({each.subject for each in subjects}) < len(subjects):
        raise BadInput(f"{path} has two lines on one subject; keep one.")
    return subjects


def write_subjects(path: Path, subjects: Sequence[LabelledSubject]) -> None:
    """Put the file in place as a whole, so that being interrupted loses no answer."""
    lines = (json.dumps(each.model_dump(exclude_defaults=True), ensure_ascii=False) for each in subjects)
    write_whole(path, "".join(f"{line}\n" for line in lines).encode())


def is_of_subjects(path: Path) -> bool:
    """Return whether a file's first line is about a subject of a corpus, not a text of its own."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        first = next((line for line in lines if line.strip()), "")
    return '"subject"' in first and '"text"' not in first
