"""Frameworks that source files import: Python by its syntax tree, older or broken Python by its tokens, and others.

The backend of a front end such as Keras is reported where the file names it: a module that binds it to one, or a
setting.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.detect.code.code_names import UNRESOLVED, CodeEvidence, CodeNames
from pipeline.detect.code.framework_uses import framework_uses
from pipeline.detect.code.python_tokens import called_name, code_lines, syntax_tree
from pipeline.detect.text.documents import Unreadable

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


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """One imported dotted module, or one configured backend, and its line."""

    module: str
    line: int
    is_backend: bool = False


class NotPython(Unreadable):
    """The text is no Python, nor anything near it."""


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
        else names.is_backend_setter(ast.unparse(node.func))
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
    for line, text in statements:
        yield from _from_statement(line, _ONE_LINE_BLOCK.sub("", text), names)
    for line, found in names.backend_settings(source):
        yield ImportedModule(found.group(1).lower(), line, is_backend=True)


def _from_statement(line: int, text: str, names: CodeNames) -> Iterator[ImportedModule]:
    if text.startswith("import "):
        modules = (part.split(" as ")[0].strip() for part in text.removeprefix("import ").split(","))
        yield from (ImportedModule(module, line) for module in modules if _MODULE.fullmatch(module))
    elif found := _FROM_IMPORT.match(text):
        members = [part.split(" as ")[0].strip() for part in found.group(2).strip("() ").split(",")]
        yield _from_import(found.group(1), members, line, names)
