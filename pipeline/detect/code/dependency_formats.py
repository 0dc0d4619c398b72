"""How further kinds of dependency files write requirements: other languages' manifests, lock files, builds."""

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain

from pipeline.detect.code.python_tokens import called_name, syntax_tree

Declared = tuple[str, int]
"""A requirement as written, and its line from 1 (0 where the format has no lines of its own)."""

_EXPLICIT = re.compile(r"/([A-Za-z0-9_.-]+?)-\d[^/\s-]*-[^/\s-]+\.(?:tar\.bz2|conda)\b")
_LOCKED_NAME = re.compile(r"""^[ \t]*(?:-[ \t]+)?"?name"?\s*[=:]\s*["']?([A-Za-z0-9][\w.-]*)["']?[,\s]*$""")
_SECTION = re.compile(r"^\[+(?:deps\.)?([\w.-]+)\]+\s*$")
_FROM = re.compile(r"^\s*from:?\s+(?:--platform=\S+\s+)?(?:docker://)?([\w.:/-]+)", re.IGNORECASE)
_FIND_PACKAGE = re.compile(r"^\s*find_package\s*\(\s*(\w+)", re.IGNORECASE)
_R_FIELD = re.compile(r"^(Depends|Imports|LinkingTo|Suggests)\s*:(.*)$")
_SCRIPT = re.compile(r"^# /// script\s*$\n((?:^#(?:| .*)$\n)+?)^# ///\s*$", re.MULTILINE)


def explicit_list(text: str) -> Iterator[Declared]:
    """Yield the packages of a conda list of addresses, each named by its file."""
    return _on_lines(text, _EXPLICIT)


def _on_lines(text: str, *expressions: re.Pattern[str]) -> Iterator[Declared]:
    """What the first of the expressions that a line holds takes as its name."""
    for line, content in enumerate(text.splitlines(), start=1):
        if found := next(filter(None, (expression.search(content) for expression in expressions)), None):
            yield found[1], line


def lock_file(text: str) -> Iterator[Declared]:
    """Yield what a lock file of poetry, uv, PDM, pixi, conda-lock, Pipenv, Cargo or Julia holds."""
    if text.lstrip().startswith("{"):
        return _json_keys(text, "default", "develop", "packages", "dependencies")
    return chain(explicit_list(text), _on_lines(text, _LOCKED_NAME, _SECTION))


def npm_manifest(text: str) -> Iterator[Declared]:
    """Yield what a package.json asks for; `@scope/name` stands as `scope-name`."""
    return _json_keys(text, "dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def _json_keys(text: str, *fields: str) -> Iterator[Declared]:
    """The packages that are keys below these fields of a JSON file."""
    content = tables(text, json.loads)
    for held in (item for field in fields for item in at(content, (field,))):
        for name in held if isinstance(held, dict) else ():
            yield name.rpartition("node_modules/")[2].removeprefix("@").replace("/", "-"), 1


def base_images(text: str) -> Iterator[Declared]:
    """Yield the last name of each image that a container builds on: `pytorch` of `pytorch/pytorch:2.1`."""
    for image, line in _on_lines(text, _FROM):
        yield image.rpartition("/")[2].partition(":")[0].partition("@")[0], line


def cmake_packages(text: str) -> Iterator[Declared]:
    """Yield what CMake is told to find."""
    return _on_lines(text, _FIND_PACKAGE)


def r_description(text: str) -> Iterator[Declared]:
    """Yield the packages that an R package's DESCRIPTION names."""
    within = False
    for line, content in enumerate(text.splitlines(), start=1):
        field = _R_FIELD.match(content)
        within = bool(field) or (within and content.startswith((" ", "\t")))
        if within:
            for part in (field[2] if field else content).split(","):
                yield part.strip(), line


def tables(text: str, parse: Callable[[str], object]) -> dict[str, object]:
    """Return the tables of a TOML, JSON or INI file; none where it is damaged."""
    try:
        content = parse(text)
    except (ValueError, RecursionError, configparser.Error):
        return {}
    return content if isinstance(content, dict) else {}


def ini_sections(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of an INI file, those of setup.cfg and tox; a key without a value has an empty one."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}


def at(content: object, path: tuple[str, ...]) -> Iterator[object]:
    """Yield everything at a path of keys, where `*` is any key."""
    if not path:
        yield content
    elif isinstance(content, dict):
        for key in content if path[0] == "*" else path[:1]:
            yield from at(content.get(key), path[1:])


def line_of(shown: str, lines: list[str]) -> int:
    """Return the first line from 1 that shows something, the first of all where none does."""
    return next((number for number, line in enumerate(lines, start=1) if shown in line), 1)


def ini_lines(text: str, *places: tuple[str, ...]) -> Iterator[Declared]:
    """Yield what stands at these places of an INI file, line by line."""
    content, lines = tables(text, ini_sections), text.splitlines()
    for value in (str(value or "") for place in places for value in at(content, place)):
        yield from ((part.strip(), line_of(part.strip(), lines)) for part in value.splitlines())


def tox_file(text: str) -> Iterator[Declared]:
    """Yield the requirements of each environment of tox."""
    for written, line in ini_lines(text, ("*", "deps")):
        # A factor may stand before the requirement: `py39: torch`.
        name = written.rpartition(": ")[2].strip()
        if name and not name.startswith(("#", "-", "{")):
            yield name, line


def nox(text: str) -> Iterator[Declared]:
    """Yield what the sessions of nox install."""
    for node in ast.walk(syntax_tree(text) or ast.Module([], [])):
        if isinstance(node, ast.Call) and called_name(node) in ("install", "conda_install"):
            for value in node.args:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, node.lineno


def script_block(text: str) -> Iterator[Declared]:
    """Yield the requirements that a Python script carries in its own comments (PEP 723)."""
    for found in _SCRIPT.finditer(text):
        content = tables("\n".join(line[2:] for line in found[1].splitlines()), tomllib.loads)
        line = text.count("\n", 0, found.start()) + 1
        needed = (item for listed in at(content, ("dependencies",)) if isinstance(listed, list) for item in listed)
        yield from ((item, line) for item in needed if isinstance(item, str))
