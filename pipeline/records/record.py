"""What every stored record has in common."""

import json
from datetime import UTC
from operator import methodcaller
from typing import Annotated, ClassVar, Unpack

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json


def _as_json_object(text: str) -> str:
    if type(from_json(text, allow_inf_nan=False)) is dict:
        return text
    raise ValueError("it holds no JSON object")


JsonObject = Annotated[str, AfterValidator(_as_json_object)]
"""Text of one; nested as deeply as a parser bears, and without infinities."""
UtcMoment = Annotated[AwareDatetime, AfterValidator(methodcaller("astimezone", UTC))]
Identifier = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^\S(.*\S)?$")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""As its column holds it: a greater number is no count of ours, and is refused before it meets the table."""
LargeCount = Annotated[int, Field(ge=0, le=10**15)]
"""A thousand of them still add up within their column, so that no sum in a view overflows."""
PositiveCount = Annotated[int, Field(ge=1, le=2**31 - 1)]
Year = Annotated[int, Field(ge=1950, le=2100)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Closed(BaseModel):
    """Something frozen with exactly the fields that are named."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Row(Closed):
    """One row of one table: frozen, closed and strict; the table's columns are exactly the fields.

    A kind of rows is declared as `class Paper(Record, table="core.paper", key="source_id paper_id")`: `key` names the
    columns that identify a row.
    """

    model_config = ConfigDict(strict=True)

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]

    is_indexed: ClassVar[bool]
    """Whether the table itself keeps its key unique; else whoever loads it does, since an index would not fit."""

    def __init_subclass__(
        cls, *, table: str = "", key: str = "", is_indexed: bool = True, **config: Unpack[ConfigDict]
    ) -> None:
        super().__init_subclass__(**config)
        if table:
            cls.table, cls.key, cls.is_indexed = table, tuple(key.split()), is_indexed


class Record(Row):
    """One row of one `core` table that a source provides.

    Loading the same key again replaces the row only when it was seen at the same time or later.
    """

    provenance: ClassVar[tuple[str, ...]] = ("source_id", "page_sha256", "seen_at")

    source_id: Identifier
    page_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    seen_at: UtcMoment

    @property
    def key_text(self) -> str:
        """The key as text, without the source."""
        return json.dumps([str(getattr(self, name)) for name in self.key if name != "source_id"])

    @classmethod
    def nullable(cls) -> frozenset[str]:
        """Return the fields that may be null."""
        fields = cls.model_fields.items()
        return frozenset(name for name, field in fields if type(None) in getattr(field.annotation, "__args__", ()))


def field_at_fault(error: ValidationError) -> str:
    """Return which field is wrong and how, without its content."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
