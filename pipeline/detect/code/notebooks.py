"""Code and text of Jupyter notebooks of any format version, IPython's own syntax kept apart from Python."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from pipeline.detect.code.code_names import UNRESOLVED, CodeEvidence, CodeNames
from pipeline.detect.code.dependencies import configured_backends, installed, of_requirements
from pipeline.detect.code.dependency_formats import at
from pipeline.detect.code.imports import NotPython, line_imports, python_imports
from pipeline.detect.text.documents import Unreadable

_SHELL_CELLS = ("%%bash", "%%sh", "%%shell", "%%script bash", "%%script sh", "%%system", "!!")
_OTHER_CELLS = frozenset(
    {
        *("html", "javascript", "js", "latex", "markdown", "svg", "sql", "bigquery", "perl", "ruby", "cpp", "cu"),
        *("cuda", "writefile", "file", "script", "cmd", "powershell", "julia", "bash", "sh", "R", "mermaid", "css"),
        "yaml",
    }
)
"""Magics of cells whose body is no Python; under any other magic it is."""
_TIMED = re.compile(r"^(\s*)%(?:time|timeit|prun|memit|mprun|lprun)\s+(?:-\S+\s+(?:\d+\s+)?)*(?=\S)")
_LEADING = re.compile(r"^(\s*)(?:(?:[\w.,\s\[\]]+=\s*)?[!%]|\?)")
_SHELL_LINE = re.compile(r"^\s*(?:[\w.,\s\[\]]+=\s*)?!+(.*)")
_INSTALL_MAGIC = re.compile(r"^\s*%(?:pip|conda|mamba|uv)\b")
_VERSION_MAGIC = re.compile(r"^\s*%(\w+)_version\b")
"""`%tensorflow_version 2.x` installs TensorFlow."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its number from 1, whether it is code, its source, and how many lines the cells before it have."""

    number: int
    is_code: bool
    source: str
    lines_before: int


def read_cells(content: bytes) -> tuple[list[Cell], str]:
    """Return the cells of a notebook and its language in lower case, `python` where it does not say.

    Raises:
        Unreadable: the JSON is invalid, or it has no cells where they belong.
    """
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable("broken", f"its JSON is invalid ({type(error).__name__})") from error
    if not isinstance(notebook, dict):
        raise Unreadable("broken", "its JSON is no notebook")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        cells = [cell for sheet in notebook["worksheets"] if isinstance(sheet, dict) for cell in sheet.get("cells", [])]
    if not isinstance(cells, list):
        raise Unreadable("broken", "it has no list of cells")
    return list(_cells(cells)), _language(notebook)


def notebook_code(cells: list[Cell], language: str, names: CodeNames) -> list[CodeEvidence]:
    """Return what the code cells import and install; lines count through all cells' sources, one after another."""
    evidence = [
        replace(item, line=item.line + cell.lines_before)
        for cell in cells
        if cell.is_code
        for item in _of_cell(cell.source, language, names)
    ]
    # A backend configured in one cell holds for the front end in all of them.
    setting = f"/backend/{names.backend_variable}"
    configured = next((item.framework for item in evidence if item.rule_id.endswith(setting)), UNRESOLVED)
    return [replace(item, backend=configured) if item.backend == UNRESOLVED else item for item in evidence]


def cell_of_line(cells: list[Cell], line: int) -> tuple[int, int]:
    """Return the cell and the line within it that a line of `notebook_code` lies on."""
    cell = next(cell for cell in reversed(cells) if cell.lines_before < line)
    return cell.number, line - cell.lines_before


def _of_cell(source: str, language: str, names: CodeNames) -> list[CodeEvidence]:
    first = source.lstrip().partition("\n")[0]
    if first.startswith("%%R") or language in {"r", "ir"}:
        return line_imports("r", source, names)
    if first.startswith(_SHELL_CELLS):
        return _shell(source, names)
    magic = re.split(r"\W", first[2:], maxsplit=1)[0] if first.startswith("%%") else None
    is_python = magic not in _OTHER_CELLS or first.rstrip().endswith(".py")
    if not is_python or not language.startswith(("python", "ipython", "sage")):
        return []
    lines = source.splitlines()
    evidence = _shell("\n".join(map(_as_shell, lines)), names)
    # A cell of nothing but magics or prose holds no import.
    with suppress(NotPython):
        evidence += python_imports("\n".join(map(_as_python, lines)), names)
    return evidence


def _shell(source: str, names: CodeNames) -> list[CodeEvidence]:
    requirements = [(item, line) for line, text in enumerate(source.splitlines(), start=1) for item in installed(text)]
    return [*of_requirements(requirements, names), *configured_backends(source, names)]


def _as_shell(line: str) -> str:
    if found := _SHELL_LINE.match(line):
        return found.group(1)
    if _INSTALL_MAGIC.match(line):
        return line.replace("%", "", 1)
    if found := _VERSION_MAGIC.match(line):
        return f"pip install {found.group(1)}"
    return line if line.lstrip().startswith(("%env", "%set_env")) else ""


def _as_python(line: str) -> str:
    """The line, or `pass` in place of IPython's own syntax, so that lines keep their numbers."""
    if found := _TIMED.match(line):
        return found[1] + line[found.end() :]
    is_own = _LEADING.match(line) or line.rstrip().endswith("?")
    return line[: len(line) - len(line.lstrip())] + "pass" if is_own else line


def _cells(cells: list[object]) -> Iterator[Cell]:
    lines_before = 0
    for number, cell in enumerate(cells, start=1):
        source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else None
        text = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source
        if isinstance(cell, dict) and isinstance(text, str):
            yield Cell(number, cell.get("cell_type") == "code", text, lines_before)
            lines_before += text.count("\n") + 1


def _language(notebook: Mapping[str, object]) -> str:
    places = (("metadata", "language_info", "name"), ("metadata", "kernelspec", "language"))
    told = (item for place in places for item in at(notebook, place) if isinstance(item, str))
    return next(told, "python").lower()
