"""Frameworks that sources and notebooks import: Python by its syntax tree, older or broken Python by its tokens.

The backend of a front end such as Keras is reported where the file names it: a module that binds it to one, or a
setting. Of Python it is told as well what it does with what it imports: define a model, train, compute, or only touch
it. The names that imports bind are followed through the text: `nn` in `class Net(nn.Module)` is `torch.nn`. So source
that today's Python refuses is read as well.
Of Jupyter notebooks of any format version code and text are kept apart, and IPython's own syntax from Python.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.detect.code.code_names import UNRESOLVED, CodeEvidence, CodeNames, UseRole
from pipeline.detect.code.dependencies import configured_backends, installed, of_requirements
from pipeline.detect.code.dependency_formats import at
from pipeline.detect.code.python_tokens import called_name, code_lines, syntax_tree
from pipeline.detect.files.file_types import FileType
from pipeline.detect.text.documents import Unreadable

_STATEMENT = re.compile(r"(?:^|[;:])\s*(?:from\s+([\w.]+)\s+)?import\s+(.+)", re.DOTALL)
_BOUND = re.compile(r"([A-Za-z_][\w.]*)(?:\s+as\s+(\w+))?")
_COMMENT = re.compile(r"#[^\n]*")
_LINES_OF_IMPORT = 60
"""An import in brackets is read over this many lines at most."""


def framework_uses(source: str, imported: Iterable[CodeEvidence], names: CodeNames) -> list[CodeEvidence]:
    """Return the first place of each role that each imported framework has in Python source.

    `imported` is what `python_imports` found in the same source.
    """
    lines = source.splitlines()
    import_lines = {item.line for item in imported}
    bound = {name: path for line in sorted(import_lines) for name, path in _bindings(lines, line)}
    first: dict[tuple[str, UseRole], CodeEvidence] = {}
    for line, path in _paths(lines, bound, import_lines):
        for framework in names.of("module", path.partition(".")[0]):
            role = names.role_of(framework, path)
            rule_id = f"{framework}/use/{role}"
            first.setdefault((framework, role), CodeEvidence("use", framework, rule_id, path, line))
    return list(first.values())


def _bindings(lines: list[str], line: int) -> Iterator[tuple[str, str]]:
    """Each name that the import on this line from 1 binds, with the dotted path that it stands for."""
    text = lines[line - 1]
    if text.count("(") > text.count(")") or text.rstrip().endswith("\\"):
        rest = "\n".join(lines[line - 1 : line + _LINES_OF_IMPORT])
        text = rest.partition(")")[0] if "(" in text else rest.replace("\\\n", " ").partition("\n")[0]
    found = _STATEMENT.search(_COMMENT.sub("", text))
    if found is None:
        return
    module, listed = found.groups()
    for part in re.split(r"[,;]", listed.strip(" ()\n")):
        if bound := _BOUND.match(part.strip()):
            path, alias = bound.groups()
            if module:
                yield alias or path, f"{module}.{path}"
            else:
                yield (alias, path) if alias else (path.partition(".")[0],) * 2


def _paths(lines: list[str], bound: Mapping[str, str], passed_over: set[int]) -> Iterator[tuple[int, str]]:
    """Each dotted path that a bound name leads to, with its line from 1; comments are left out."""
    if not bound:
        return
    used = re.compile(rf"(?<![\w.'\"])({'|'.join(map(re.escape, bound))})\b((?:\.\w+)*)")
    for line, text in enumerate(lines, start=1):
        if line not in passed_over and not text.lstrip().startswith("#"):
            for found in used.finditer(text):
                yield line, bound[found[1]] + found[2]


_DYNAMIC_IMPORTS = {"import_module", "__import__", "importorskip"}
_VARIABLE_SETTERS = {"putenv", "setdefault", "setenv"}
_MODULE = re.compile(r"[A-Za-z_][\w.]*")
_FROM_IMPORT = re.compile(r"from\s+([A-Za-z_][\w.]*)\s+import\s*(.+)")
_ONE_LINE_BLOCK = re.compile(r"^(?:(?:try|else|finally)|(?:if|elif|except|with|for|while)\b[^:]*)\s*:\s*")
_Language = Literal["lua", "r", "c"]
_LINES: dict[_Language, tuple[re.Pattern[str], ...]] = {
    "lua": (re.compile(r"""^[^-]*?\brequire\s*\(?\s*['"](([\w-]+)[\w.-]*)['"]"""),),
    "r": (
        re.compile(r"""^[^#]*?\b(?:library|require|requireNamespace|loadNamespace)\s*\(\s*['"]?(([\w.]+))['"]?"""),
        re.compile(r"^[^#]*?\b(([A-Za-z][\w.]*))::"),
    ),
    "c": (re.compile(r"""^\s*#\s*include\s*[<"](([^>"/]+)/[^>"]*)[>"]"""),),
}
"""How a line of each language names what it loads: first as written, then the root that tells the framework."""
_RETICULATE = re.compile(
    r"""^([^#\n]*?\b)(?:import\(\s*['"](?P<module>[\w.]+)
    |(?:py_install|py_require|conda_install|virtualenv_install)\((?P<packages>(?:[^()]|\([^()]*\))*)\))""",
    re.MULTILINE | re.VERBOSE,
)
_CHUNK = re.compile(r"^[ \t]*```+\{(\w+)[^\n]*\}[ \t]*\n(.*?)(?=^[ \t]*```)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """One imported dotted module, or one configured backend, and its line."""

    module: str
    line: int
    is_backend: bool = False


class NotPython(Unreadable):
    """The text is no Python, nor anything near it."""


def code_evidence(file_type: FileType, path: str, source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return what the source of one file imports and does with that, whichever language it is in."""
    if path.lower().endswith((".rmd", ".qmd")):
        return notebook_code(_chunk_cells(source), "python", names)
    if file_type == "python":
        return python_imports(source, names)
    if file_type == "r":
        return _r_code(source, names)
    return line_imports(file_type, source, names) if file_type in ("lua", "c") else []


def line_imports(language: _Language, source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the frameworks that Lua, R, C or C++ source requires, attaches or includes, line by line."""
    evidence = [
        item
        for line, text in enumerate(source.splitlines(), start=1)
        for expression in _LINES[language]
        if (found := expression.search(text))
        for item in names.evidence("import", names.of(language, found[2]), found[1], line)
    ]
    return list(dict.fromkeys(evidence))


def _r_code(source: str, names: CodeNames) -> list[CodeEvidence]:
    """What R source attaches, and what it imports and installs of Python through reticulate."""
    evidence = line_imports("r", source, names)
    for found in _RETICULATE.finditer(source):
        line = source.count("\n", 0, found.end(1)) + 1
        if module := found["module"]:
            evidence += names.evidence("import", names.of("module", module.partition(".")[0]), module, line)
        packages = re.findall(r"""(?<!envname=)['"]([^'"]+)['"]""", (found["packages"] or "").replace(" ", ""))
        evidence += of_requirements(((package, line) for package in packages), names)
    return evidence


def python_imports(source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the framework imports of Python source, of whichever version, and what it does with what it imports.

    Raises:
        NotPython: the text holds no line that could be read as Python.
    """
    modules = imported_modules(source, names)
    backends = (framework for item in modules if item.is_backend for framework in names.of_backend(item.module))
    configured = next(backends, UNRESOLVED)
    evidence = list(dict.fromkeys(row for item in modules for row in _evidence(item, names, configured)))
    return [*evidence, *framework_uses(source, evidence, names)]


def imported_modules(source: str, names: CodeNames) -> list[ImportedModule]:
    """Return everything that Python source imports from elsewhere, and each backend it configures, in order of lines.

    Raises:
        NotPython: as `python_imports`.
    """
    tree = syntax_tree(source)
    if tree is None:
        return list(_from_tokens(source, names))
    return sorted(_from_tree(tree, names), key=lambda found: found.line)


def _evidence(item: ImportedModule, names: CodeNames, configured: str) -> Iterator[CodeEvidence]:
    if item.is_backend:
        return names.evidence("import", names.of_backend(item.module), item.module, item.line)
    rules = dict(names.of("module", item.module.partition(".")[0]))
    if bundle := names.bundle_of(item.module):
        rules.setdefault(names.front_end, f"{names.front_end}/import/{bundle.name}")
        rules.setdefault(bundle.backend, f"{bundle.backend}/backend/{bundle.name}")
    return names.evidence("import", rules, item.module, item.line, bundle.backend if bundle else configured)


def _from_tree(tree: ast.Module, names: CodeNames) -> Iterator[ImportedModule]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ImportedModule(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield _from_import(node.module, [alias.name for alias in node.names], node.lineno, names)
        elif isinstance(node, ast.Call):
            yield from _from_call(node, names)
        elif isinstance(node, ast.Assign):
            yield from _from_assignment(node, names)


def _from_import(module: str, members: list[str], line: int, names: CodeNames) -> ImportedModule:
    """`from tensorflow import keras` imports the module `tensorflow.keras`."""
    paths = (module, *(f"{module}.{member}" for member in members))
    return ImportedModule(next((path for path in paths if names.bundle_of(path)), module), line)


def _from_call(node: ast.Call, names: CodeNames) -> Iterator[ImportedModule]:
    called = called_name(node)
    values = [value.value for value in node.args if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    if not values:
        return
    if called in _DYNAMIC_IMPORTS and not values[0].startswith("."):
        yield ImportedModule(values[0], node.lineno)
    if names.of_backend(values[-1]) and (
        values[0] == names.backend_variable
        if called in _VARIABLE_SETTERS
        else names.backend_setter.fullmatch(ast.unparse(node.func))
    ):
        yield ImportedModule(values[-1].strip().lower(), node.lineno, is_backend=True)


def _from_assignment(node: ast.Assign, names: CodeNames) -> Iterator[ImportedModule]:
    """`os.environ["KERAS_BACKEND"] = "jax"`."""
    if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and getattr(target.slice, "value", None) == names.backend_variable:
                yield ImportedModule(node.value.value.strip().lower(), node.lineno, is_backend=True)


def _from_tokens(source: str, names: CodeNames) -> Iterator[ImportedModule]:
    """Imports of source that today's Python cannot parse, from its logical lines."""
    statements = list(code_lines(source))
    if not statements:
        raise NotPython("not-text", "no line of it reads as Python")
    for line, statement in statements:
        text = _ONE_LINE_BLOCK.sub("", statement)
        if text.startswith("import "):
            modules = (part.split(" as ")[0].strip() for part in text.removeprefix("import ").split(","))
            yield from (ImportedModule(module, line) for module in modules if _MODULE.fullmatch(module))
        elif found := _FROM_IMPORT.match(text):
            members = [part.split(" as ")[0].strip() for part in found.group(2).strip("() ").split(",")]
            yield _from_import(found.group(1), members, line, names)
    for line, setting in names.backend_settings(source):
        yield ImportedModule(setting.group(1).lower(), line, is_backend=True)


_SHELL_CELLS = ("%%bash", "%%sh", "%%shell", "%%script bash", "%%script sh", "%%system", "!!")
_OTHER_CELLS = re.compile(
    r"%%(?:html|javascript|js|latex|markdown|svg|sql|bigquery|perl|ruby|cpp|cu|cuda|writefile|file|script|cmd|powershell"
    r"|julia|bash|sh|R|r|mermaid|css|yaml)\b(?!.*\.py\s*$)",
    re.MULTILINE,
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
    places = (("metadata", "language_info", "name"), ("metadata", "kernelspec", "language"))
    told = (item for place in places for item in at(notebook, place) if isinstance(item, str))
    return list(_cells(cells)), next(told, "python").lower()


def _chunk_cells(text: str) -> list[Cell]:
    """The code chunks of an R Markdown or Quarto document, each led by the magic of its language."""
    return [
        Cell(number, True, f"%%{found[1]}\n{found[2]}", text.count("\n", 0, found.start()))
        for number, found in enumerate(_CHUNK.finditer(text), start=1)
    ]


def notebook_code(cells: list[Cell], language: str, names: CodeNames) -> list[CodeEvidence]:
    """Return what the code cells import and install; lines count through all cells' sources, one after another."""
    evidence = [
        replace(item, line=item.line + cell.lines_before)
        for cell in cells
        if cell.is_code
        for item in _of_cell(cell, language, names)
    ]
    # A backend configured in one cell holds for the front end in all of them.
    setting = f"/backend/{names.backend_variable}"
    configured = next((item.framework for item in evidence if item.rule_id.endswith(setting)), UNRESOLVED)
    evidence = [replace(item, backend=configured) if item.backend == UNRESOLVED else item for item in evidence]
    # Names that one cell imports are used in later ones.
    lines: list[str] = []
    for cell in cells:
        lines += [""] * (cell.lines_before - len(lines)) + _python_lines(cell, language)
    imported = (item for item in evidence if item.tier == "import")
    return [*evidence, *framework_uses("\n".join(lines), imported, names)]


def cell_of_line(cells: list[Cell], line: int) -> tuple[int, int]:
    """Return the cell and the line within it that a line of `notebook_code` lies on."""
    cell = next(cell for cell in reversed(cells) if cell.lines_before < line)
    return cell.number, line - cell.lines_before


def _of_cell(cell: Cell, language: str, names: CodeNames) -> list[CodeEvidence]:
    source = cell.source
    first = source.lstrip().partition("\n")[0].rstrip()
    if first.startswith("%%R") or first == "%%r" or language in {"r", "ir"}:
        return _r_code(source, names)
    if first.startswith(_SHELL_CELLS):
        return _shell(source, names)
    lines = _python_lines(cell, language)
    evidence = _shell("\n".join(map(_as_shell, source.splitlines())), names) if any(lines) else []
    # A cell of nothing but magics or prose holds no import.
    with suppress(NotPython):
        evidence += python_imports("\n".join(lines), names)
    return [item for item in evidence if item.tier != "use"]


def _python_lines(cell: Cell, language: str) -> list[str]:
    """The lines of a cell, all of them blank where it is no Python."""
    is_python = language.startswith(("python", "ipython", "sage")) and not _OTHER_CELLS.match(cell.source.lstrip())
    return [_as_python(line) if is_python and cell.is_code else "" for line in cell.source.split("\n")]


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
