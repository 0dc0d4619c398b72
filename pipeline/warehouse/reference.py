"""The hand-readable lists in data/reference: validated, then brought into `ref.*` as a whole."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Self, TypeVar

from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import BadInput
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import LoadCount
from pipeline.warehouse.stage import BATCH, column_types, count_rows, names_list, stage_rows

Text = Annotated[str, Field(min_length=1)]
Rows = list[dict[str, object]]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


File = TypeVar("File", bound=_Closed)


class FrameworkEntry(_Closed):
    """One framework or state: its id, the repositories that carry its name, the packages whose downloads are summed."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    is_deep_learning: bool
    repositories: list[Annotated[str, Field(pattern=r"^\S+/\S+$")]] = []
    packages: list[Text] = []
    note: Text | None = None


class BreakEntry(_Closed):
    """The start of a segment of a series; no line may join two segments."""

    id: Text
    starts_on: date
    reason: Text
    population: Text | None = None
    """The only population it holds for; null: all that have no segments of their own."""


class SeriesEntry(_Closed):
    """What a series measures, of whom, and how it is known to lean."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    title: Text
    unit: Text
    population: Text
    measure: Text
    known_bias: Text
    bias_direction: Text
    source_id: Text
    breaks: Annotated[list[BreakEntry], Field(alias="break")] = []


class WordingEntry(_Closed):
    """A survey question in our own words, with the name of the published column."""

    id: Text
    question: Text


class FrameworksFile(_Closed):
    """frameworks.toml."""

    framework: list[FrameworkEntry]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _unique("framework", (entry.id for entry in self.framework))
        _unique("repository", (name for entry in self.framework for name in entry.repositories))
        _unique("package", (name for entry in self.framework for name in entry.packages))
        return self


class SeriesFile(_Closed):
    """series.toml."""

    series: list[SeriesEntry] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _unique("series", (entry.id for entry in self.series))
        _unique("break", (cut.id for entry in self.series for cut in entry.breaks))
        for entry in self.series:
            _unique(f"start of a break of {entry.id}", (f"{c.population or 'all'} {c.starts_on}" for c in entry.breaks))
        return self


class WordingsFile(_Closed):
    """wordings.toml."""

    wording: list[WordingEntry] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _unique("wording", (entry.id for entry in self.wording))
        return self


def load_reference(connection: DuckDBPyConnection, folder: Path) -> LoadCount:
    """Make `ref.framework*`, `ref.series*` and `ref.wording` hold exactly what the files in `folder` say.

    All files are read and validated first, then everything changes in one transaction; unchanged rows are not touched.

    Raises:
        BadInput: a file is missing, is no TOML, or an entry is not what it should be.
    """
    frameworks = _read(folder / "frameworks.toml", FrameworksFile).framework
    series = _read(folder / "series.toml", SeriesFile).series
    wordings = _read(folder / "wordings.toml", WordingsFile).wording
    tables = {**_framework_rows(frameworks), **_series_rows(series)}
    tables["ref.wording"] = [{"wording_id": w.id, "question": w.question} for w in wordings]
    total = LoadCount()
    with transaction(connection):
        for table, rows in tables.items():
            total += _replace(connection, table, rows)
    return total


def _framework_rows(frameworks: list[FrameworkEntry]) -> dict[str, Rows]:
    return {
        "ref.framework": [
            {"framework": f.id, "title": f.title, "is_deep_learning": f.is_deep_learning, "note": f.note}
            for f in frameworks
        ],
        "ref.framework_repository": [
            {"repository": name, "framework": f.id, "title": f.title} for f in frameworks for name in f.repositories
        ],
        "ref.framework_package": [
            {"package": name, "framework": f.id, "is_main": name == f.packages[0]}
            for f in frameworks
            for name in f.packages
        ],
    }


def _series_rows(series: list[SeriesEntry]) -> dict[str, Rows]:
    return {
        "ref.series": [{"series_id": s.id, **s.model_dump(exclude={"id", "breaks"})} for s in series],
        "ref.series_break": [
            {"series_id": s.id, "break_id": c.id, **c.model_dump(exclude={"id"})} for s in series for c in s.breaks
        ],
    }


def _read(path: Path, shape: type[File]) -> File:
    try:
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing; restore it from git.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is no TOML ({error}); mend that line.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{path}, {where}: {first['msg']}; mend that entry.") from error


def _unique(what: str, names: Iterable[str]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise ValueError(f"{what} {repeated[0]} stands there more than once")


def _replace(connection: DuckDBPyConnection, table: str, rows: Rows) -> LoadCount:
    types = column_types(connection, table)
    stage_rows(connection, types, [[row[name] for row in rows] for name in types])
    columns = names_list(list(types))
    removed = count_rows(
        connection,
        f"delete from {table} old where not exists (select 1 from {BATCH} new "
        f"where row({names_list(list(types), 'new.')}) is not distinct from row({names_list(list(types), 'old.')}))",
    )
    inserted = count_rows(
        connection,
        f"insert into {table} by name (select {columns} from {BATCH} except select {columns} from {table})",
    )
    return LoadCount(inserted=inserted, removed=removed, unchanged=len(rows) - inserted)
