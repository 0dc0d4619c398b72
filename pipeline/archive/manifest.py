"""The archive's manifest: where each shipped file comes from, under which licence, and its checksum."""

import json
import tomllib
from datetime import date
from pathlib import Path

from pydantic import Field, ValidationError

from pipeline.errors import BadArchive
from pipeline.records.record import Closed
from pipeline.warehouse.load import SourceEntry

MANIFEST = "manifest.toml"
LICENCES = "LICENSES"


class ManifestFile(Closed, strict=True):
    """One file of the archive: a table as CSV, or a machine's benchmark figures as an export."""

    name: str
    table: str
    rows_count: int
    sha256: str


class ManifestSource(SourceEntry):
    """One public place of figures with its files; all but the files is written by hand."""

    notes: list[str]
    """Breaks and traps of the source, one sentence each."""
    file: list[ManifestFile] = Field(default_factory=list)


class Manifest(Closed, strict=True):
    """All sources of the archive."""

    source: list[ManifestSource]


def to_toml(manifest: Manifest) -> str:
    """Return the manifest as TOML, always in the same form."""
    lines = ["# Facts and notes are written by hand; `observatory archive build` fills in the files."]
    for source in manifest.source:
        facts = source.model_dump(exclude={"file", "notes"})
        lines += ["", "[[source]]", *(f"{key} = {_value(value)}" for key, value in facts.items())]
        lines += ["notes = [", *(f"  {_value(note)}," for note in source.notes), "]"]
        for file in source.file:
            lines += ["", "[[source.file]]", *(f"{key} = {_value(value)}" for key, value in file.model_dump().items())]
    return "\n".join(lines) + "\n"


def licences_of(manifest: Manifest) -> str:
    """Return the licence and attribution of every file of the archive, for people who take the figures further."""
    lines = [
        "Licences of the figures in this folder, from manifest.toml by `observatory archive build`.",
        "The code of the project is under the Apache License 2.0; see LICENSE in its root.",
    ]
    for source in manifest.source:
        files = ", ".join(file.name for file in source.file)
        lines += ["", source.title, f"  Files: {files}", f"  From: {source.public_address}"]
        lines += [f"  Licence: {source.licence}", f"  Attribution: {source.attribution}"]
    return "\n".join(lines) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read and validate `manifest.toml` of an archive folder.

    Raises:
        BadArchive: the file is missing, no TOML, or of another shape.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BadArchive(f"{path} is missing; restore it from git.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise BadArchive(f"{path} cannot be read ({type(error).__name__}); restore it from git.") from error


def _value(value: object) -> str:
    # A JSON string is a valid TOML basic string.
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
