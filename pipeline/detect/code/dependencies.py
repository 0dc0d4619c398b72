"""Frameworks that dependency files declare: requirements, pyproject, setup.cfg, setup.py, conda files, installs.

Nothing is executed and nothing is resolved: what is written is what is declared. A line that cannot be read is no
error; the rest of the file still counts.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from pipeline.detect.code import dependency_formats as formats
from pipeline.detect.code.code_names import CodeEvidence, CodeNames, CodeTier, NameKind, Rules
from pipeline.detect.code.dependency_formats import Declared
from pipeline.detect.code.python_tokens import called_name, syntax_tree

_NAME = re.compile(r"^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?=$|[=<>!~;@,(#\s])")
_WHEEL = re.compile(r"/([A-Za-z0-9_.]+?)-\d[^/\s]*\.(?:whl|tar\.gz|zip)(?:[#?]\S*)?$")
_BEFORE_ADDRESS = re.compile(r"^([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*@")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_REPOSITORY = re.compile(
    r"(?:git\+|github\.com[/:]|gitlab\.com[/:])(?:\S*?github\.com[/:])?([\w.-]+/[\w.-]+?)(?:\.git)?(?:[@#/]|$)"
)
_CONDA = re.compile(r"^\s*-\s*[\"']?(?:[\w./-]+::)?([A-Za-z0-9_][\w.-]*)\s*(?:[=<>!~ ].*)?$")
_CONDA_KEY = re.compile(r"^(\s*)([\w-]+)\s*:\s*(?:#.*)?$")
_INSTALL = re.compile(r"\b(?:pip[\d.]*|uv pip|conda|mamba|micromamba|poetry|pipenv|uv)\s+(?:install|add)\b(.*)")
_TOLD = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_OPTION_WITH_VALUE = frozenset(_TOLD["options_with_value"])
_SETUP_KEYWORDS = {"install_requires", "setup_requires", "tests_require", "extras_require", "requires"}
_TOML_PLACES = [tuple(place.split(".")) for place in _TOLD["places"]]
"""Where TOML files keep requirements, in lists or as keys: pyproject, pixi, hatch, flit, Cargo, Julia."""
_PIPFILE_SETTINGS = {"source", "requires", "scripts", "pipenv"}
_CONDA_SECTIONS = {"dependencies", "requirements"}
_FLOW_LIST = re.compile(
    r"^[ \t]*(?:-[ \t]*)?(?:dependencies|pip|run|host|build)[ \t]*:[ \t]*\[((?:[^\[\]]|\[[^\]]*\])*)\]", re.MULTILINE
)
_JSON_FORM = re.compile(r"^\s*(?:RUN|CMD|ENTRYPOINT)\s*\[")
_BETWEEN_COMMANDS = re.compile(r"""(?:&&|\|\||[;|])(?=(?:[^"']|"[^"]*"|'[^']*')*$)""")
_OLD_KEYWORD = re.compile(r"\b(?:install_requires|setup_requires|tests_require|requires)\s*=\s*[\[(]([^\])]*)[\])]")
_SHOWN = 200
"""Characters of a requirement that are kept as the span."""


def declared_frameworks(path: str, text: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the frameworks that the dependency file `path` with this text declares; none for any other file."""
    reader = _reader_of(path) or _reader_of_content(path, text)
    if reader is None:
        return []
    tier = _tier_of(path, reader)
    backends = configured_backends(text, names) if reader in (_commands, _container) else []
    found = of_requirements(reader(text), names, tier, "r" if reader is formats.r_description else "package")
    return list(dict.fromkeys([*found, *backends]))


def may_declare(path: str) -> bool:
    """Return whether a file of this name may declare dependencies."""
    return _reader_of(path) is not None or path.endswith(_YAML)


def reader_name(path: str) -> str | None:
    """Return which of the readers a file of this name is read by; null for files that declare nothing by their name."""
    reader = _reader_of(path) or (_documented if _README.search(path) else None)
    if reader is None and path.endswith(".txt"):
        return "list"
    return _name_of(reader) if reader else None


def _name_of(reader: "Reader") -> str:
    return reader.__name__.lstrip("_")


def installed(line: str) -> list[str]:
    """Return what a shell line installs with pip, conda and their kind, one requirement each."""
    if line.lstrip().startswith("#"):
        return []
    if _JSON_FORM.match(line):
        line = re.sub(r'[\["\],]+', " ", line)
    commands = _BETWEEN_COMMANDS.split(line)
    return [item for command in commands for item in _arguments(command)]


def _arguments(command: str) -> list[str]:
    found = _INSTALL.search(command)
    requirements, skip = [], False
    for word in found.group(1).replace("\\", " ").split() if found else ():
        if skip or word.startswith("-"):
            skip = not skip and word in _OPTION_WITH_VALUE
        else:
            requirements.append(word.strip("\"'`,"))
    return requirements


def configured_backends(text: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the backends that a shell, container or settings file configures through the environment."""
    return [
        item
        for line, found in names.backend_settings(text)
        for item in names.evidence("dependency", names.of_backend(found[1]), found[0].strip(), line)
    ]


def of_requirements(
    requirements: Iterable[Declared], names: CodeNames, tier: CodeTier = "dependency", kind: NameKind = "package"
) -> list[CodeEvidence]:
    """Return the frameworks that these requirements mean."""
    return [
        item
        for written, line in requirements
        for item in names.evidence(tier, _rules_of(written, names, kind), written.strip()[:_SHOWN], line)
    ]


def _rules_of(written: str, names: CodeNames, kind: NameKind = "package") -> Rules:
    """A requirement names a distribution, or an address whose file or repository does."""
    if kind == "r":
        return names.of("r", written.partition("(")[0].strip())
    if "/" not in written.partition(" #")[0] and "egg=" not in written:
        found = _NAME.match(written)
        return names.of("package", found[1]) if found else {}
    for expression in (_EGG, _WHEEL, _BEFORE_ADDRESS):
        if found := expression.search(written.strip()):
            return names.of("package", found[1])
    found = _REPOSITORY.search(written)
    return (names.of_repository(found[1]) or names.of("package", found[1].partition("/")[2])) if found else {}


def _requirements(text: str) -> Iterator[Declared]:
    for line, content in _joined_lines(text):
        stripped = content.strip()
        if stripped.startswith(("-e ", "--editable")):
            yield stripped.split(maxsplit=1)[-1].removeprefix("=").strip(), line
        elif stripped and not stripped.startswith(("#", "-")):
            yield stripped, line


def _pyproject(text: str) -> Iterator[Declared]:
    content, lines = formats.tables(text, tomllib.loads), text.splitlines()
    places = (item for path in _TOML_PLACES for item in formats.at(content, path) if isinstance(item, list | dict))
    for written in (item for place in places for item in place if isinstance(item, str)):
        name = re.split(r"[\s\[=<>!~;@(]", written.strip(), maxsplit=1)[0]
        yield written, formats.line_of(name, lines)


def _pipfile(text: str) -> Iterator[Declared]:
    content, lines = formats.tables(text, tomllib.loads), text.splitlines()
    # Any table may be a group of requirements.
    groups = (table for key, table in content.items() if key not in _PIPFILE_SETTINGS and isinstance(table, dict))
    return ((name, formats.line_of(name, lines)) for group in groups for name in group)


def _setup_cfg(text: str) -> Iterator[Declared]:
    places = (*(("options", key) for key in sorted(_SETUP_KEYWORDS)), ("options.extras_require", "*"))
    return (item for item in formats.ini_lines(text, *places) if item[0] and not item[0].startswith("#"))


def _setup_py(text: str) -> Iterator[Declared]:
    tree = syntax_tree(text)
    if tree is None:  # what today's Python refuses: quoted requirements behind the keywords
        for found in _OLD_KEYWORD.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield from ((item[1], line) for item in re.finditer(r"""["']([^"'\n]+)["']""", found[1]))
        return
    bound = _bound_values(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node) == "setup":
            for keyword in node.keywords:
                if keyword.arg in _SETUP_KEYWORDS:
                    yield from _literals(keyword.value, bound, set())


def _bound_values(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What is assigned, added or appended to each name."""
    bound: defaultdict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    bound[target.id].append(node.value)
        elif isinstance(node, ast.Call) and called_name(node) in ("append", "extend", "insert"):
            owner = getattr(node.func, "value", None)
            if isinstance(owner, ast.Name):
                bound[owner.id] += node.args
    return bound


def _literals(node: ast.expr, bound: Mapping[str, list[ast.expr]], seen: set[str]) -> Iterator[Declared]:
    """Every string in an expression, through names that are bound in the same file; dictionary keys are extras."""
    skipped = {key for inner in ast.walk(node) if isinstance(inner, ast.Dict) for key in inner.keys}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner not in skipped:
            yield from ((part, inner.lineno) for part in inner.value.splitlines())
        elif isinstance(inner, ast.Name) and inner.id in bound and inner.id not in seen:
            for value in bound[inner.id]:
                yield from _literals(value, bound, {*seen, inner.id})


def _conda(text: str) -> Iterator[Declared]:
    for flow in _FLOW_LIST.finditer(text):
        line = text.count("\n", 0, flow.start()) + 1
        yield from ((item.strip(" \t\n\"'{}").rpartition("::")[2], line) for item in re.split(r"[,\[\]]", flow[1]))
    within = False
    for line, content in enumerate(text.splitlines(), start=1):
        key = _CONDA_KEY.match(content)
        if key and not content.lstrip().startswith("-"):
            within = key.group(2) in _CONDA_SECTIONS or (within and bool(key.group(1)))
        elif within and content.lstrip().startswith("-") and not content.rstrip().endswith(":"):
            written = content.split(" #")[0].strip().removeprefix("-").strip().strip("\"'")
            found = _CONDA.match(content.split(" #")[0])
            yield (found.group(1) if found and "/" not in written.replace("::", "") else written), line


def _commands(text: str) -> Iterator[Declared]:
    return ((requirement, line) for line, content in _joined_lines(text) for requirement in installed(content))


def _joined_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines from 1, each joined with those that continue it."""
    return enumerate(re.sub(r"\\\r?\n", "  ", text).splitlines(), start=1)


def _container(text: str) -> Iterator[Declared]:
    yield from formats.base_images(text)
    yield from _commands(text)


Reader = Callable[[str], Iterator[Declared]]
_READERS: tuple[Reader, ...] = (
    *(_pyproject, _pipfile, _setup_cfg, _setup_py, _conda, _requirements, _container, _commands, formats.lock_file),
    *(formats.npm_manifest, formats.cmake_packages, formats.r_description, formats.tox_file, formats.nox),
)
_BY_NAME = {name: reader for reader in _READERS for name in _TOLD["names"][_name_of(reader)]}
_REQUIREMENTS = re.compile(
    r"^(?:.*[-_.])?(?:requirements?|constraints?|reqs?|deps|packages)(?:[-_.].*)?\.(?:txt|in|pip|lock)$"
)
_CONDA_FILE = re.compile(r"^(?:.*[-_.])?(?:environment|conda|env)(?:[-_.].*)?\.ya?ml$")
_CONDA_SHAPE = re.compile(r"^dependencies:[ \t]*(?:\[|\n(?:[ \t]*-|[ \t]*#))", re.MULTILINE)
_YAML = (".yml", ".yaml")
_WORKFLOW = re.compile(
    r"(?:^|/)(?:\.github/workflows/[^/]+|\.gitlab-ci|\.travis|azure-pipelines|appveyor|\.circleci/config)\.ya?ml$",
    re.IGNORECASE,
)
_README = re.compile(r"(?:^|/)(?:readme|install(?:ation|ing)?)[^/]*\.(?:md|rst|txt|markdown)$", re.IGNORECASE)
_PINNED = re.compile(r"^[ \t]*[A-Za-z0-9][\w.-]*(?:\[[\w,]+\])?[ \t]*(?:==|>=|~=|@ file:|=\d)", re.MULTILINE)
_PINNED_SHARE = 0.6
"""A text file of which so many lines pin a version is a list of requirements, whatever its name."""


def _tier_of(path: str, reader: Reader) -> CodeTier:
    if reader is formats.lock_file or path.endswith(".lock"):
        return "locked"
    if _WORKFLOW.search(path):
        return "workflow"
    return "documented" if _README.search(path) else "dependency"


def _reader_of_content(path: str, text: str) -> Reader | None:
    """The reader of a file whose content, not its name, says that it declares something."""
    if path.endswith(_YAML):
        return _conda if _CONDA_SHAPE.search(text) else None
    if path.endswith(".py"):
        return formats.script_block if "# /// script" in text else None
    if _README.search(path):
        return _documented
    if path.endswith(".txt"):
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "@"))]
        if lines and len(_PINNED.findall(text)) >= _PINNED_SHARE * len(lines):
            return _requirements
        if text.count(".tar.bz2") + text.count(".conda") >= _PINNED_SHARE * max(1, len(lines)):
            return formats.explicit_list
    return None


def _documented(text: str) -> Iterator[Declared]:
    """What the install lines of a README install, its prompts and quotes taken off."""
    for line, content in _joined_lines(text):
        yield from ((item.strip("`*"), line) for item in installed(content.lstrip("$>-* ").replace("`", " ")))


def may_document(path: str) -> bool:
    """Return whether a text of this name may say how to install something, or list requirements."""
    return path.endswith(".txt") or _README.search(path) is not None


def _reader_of(path: str) -> Reader | None:
    place = PurePosixPath(path)
    name, folder = place.name.lower(), place.parent.name.lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith((".dockerfile", ".def")) or name.startswith(("dockerfile", "singularity.")):
        return _container
    if name.endswith((".sh", ".bash", ".cmake")) or _WORKFLOW.search(path):
        return formats.cmake_packages if name.endswith(".cmake") else _commands
    if _REQUIREMENTS.match(name) or (folder in {"requirements", "reqs"} and place.suffix in (".txt", ".in")):
        return _requirements
    return _conda if _CONDA_FILE.match(name) else None
