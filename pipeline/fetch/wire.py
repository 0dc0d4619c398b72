"""Reading JSON into the private models of a source: only the fields relied upon, strictly; others are ignored."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page

Answer = TypeVar("Answer")


class Wire(BaseModel):
    """What a service sends: strict types, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


def json_of(page: Page, shape: type[Answer]) -> Answer:
    """Return the page's JSON in this shape, e.g. a `Wire` model or `list[Repository]`.

    Raises:
        LayoutChanged: it is no JSON, or a field that is relied upon is missing or of another type.
    """
    try:
        return TypeAdapter(shape).validate_json(page.body)
    except ValidationError as error:
        raise LayoutChanged(
            f"{page.address}: {field_at_fault(error)}; look at the page, then mend the parser."
        ) from None


def field_at_fault(error: ValidationError) -> str:
    """Return which field is wrong and how, without its content."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
