"""One TOML file of the reference folder, read and validated; whatever is wrong is named with its place."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, ValidationError

from pipeline.errors import BadInput
from pipeline.records.record import field_at_fault
from pipeline.storage import read_plain

Text = Annotated[str, Field(min_length=1)]
Words = tuple[Text, ...]
Shape = TypeVar("Shape", bound=BaseModel)


def read_toml(path: Path) -> dict[str, object]:
    """Return the content of a TOML file.

    Raises:
        BadInput: it is missing, or no TOML.
    """
    try:
        return tomllib.loads(read_plain(path).decode("utf-8-sig"))
    except OSError as error:
        raise BadInput(f"{path} is missing or cannot be read; restore it from git.") from error
    except (ValueError, RecursionError) as error:  # also of a number with thousands of digits
        raise BadInput(f"{path} is no TOML ({error}); mend that line.") from error


def validated(place: Path | str, shape: type[Shape], content: object) -> Shape:
    """Return the content of a file, or of a place in one, in its shape.

    Raises:
        BadInput: an entry is not what it should be.
    """
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise BadInput(f"{place}, {field_at_fault(error)}; mend that entry.") from error


def require_unique(what: str, names: Iterable[str]) -> None:
    """Refuse a name that is listed twice.

    Raises:
        ValueError: one is.
    """
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise ValueError(f"{what} {repeated[0]} stands there more than once")
