"""Frameworks that source files import: Python by its syntax tree, older or broken Python by its tokens, and others.

Keras' backend is told where the file tells it: `tensorflow.keras`, `tf_keras`, or a configured Keras 3 backend.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.detect.code.code_names import KERAS, UNRESOLVED, CodeEvidence, CodeNames
from pipeline.detect.code.python_tokens import code_lines

_TENSORFLOW_KERAS = re.compile(r"tensorflow(?:\.(?:python|compat\.v\d|_api\.v\d))?\.keras(?:\.|$)")
_DYNAMIC_IMPORTS = {"import_module", "__import__", "importorskip"}
_VARIABLE_SETTERS = {"putenv", "setdefault", "setenv"}
_BACKEND_VARIABLE = "KERAS_BACKEND"
_FALLBACK_BACKEND = re.compile(rf"{_BACKEND_VARIABLE}['\"]?\s*\]?\s*[=,:]\s*['\"]?(\w+)")
_MODULE = re.compile(r"[A-Za-z_][\w.]*")
_FROM_IMPORT = re.compile(r"from\s+([A-Za-z_][\w.]*)\s+import\s*(.+)")
_ONE_LINE_BLOCK = re.compile(r"^(?:(?:try|else|finally)|(?:if|elif|except|with|for|while)\b[^:]*)\s*:\s*")
_LUA_REQUIRE = re.compile(r"""^[^-]*?\brequire\s*\(?\s*['"]([\w.-]+)['"]""")
_R_LIBRARY = re.compile(r"""^[^#]*?\b(?:library|require|requireNamespace|loadNamespace)\s*\(\s*['"]?([\w.]+)['"]?""")
_R_QUALIFIED = re.compile(r"^[^#]*?\b([A-Za-z][\w.]*)::")
_INCLUDE = re.compile(r"""^\s*#\s*include\s*[<"]([^>"]+)[>"]""")


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """One imported dotted module, or one configured backend, and its line."""

    module: str
    line: int
    is_backend: bool = False


class NotPython(Exception):
    """The text is no Python, nor anything near it."""


def python_imports(source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the framework imports of Python source, of whichever version.

    Raises:
        NotPython: the text holds no line that could be read as Python.
    """
    return _evidence(imported_modules(source), names)


def imported_modules(source: str) -> list[ImportedModule]:
    """Return everything that Python source imports from elsewhere, and each backend it configures, in order of lines.

    Raises:
        NotPython: as `python_imports`.
    """
    try:
        with warnings.catch_warnings():
            # Odd escapes in other people's strings are no concern of ours.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return list(_from_tokens(source))
    return sorted(_from_tree(tree), key=lambda found: found.line)


def lua_imports(source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the framework modules that Lua source requires."""
    return [
        CodeEvidence("import", name.framework, name.rule_id, found.group(1), line)
        for line, text in _lines(source)
        if (found := _LUA_REQUIRE.search(text))
        for name in names.of_lua_module(found.group(1))
    ]


def r_imports(source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the framework packages that R source attaches or calls."""
    evidence = [
        CodeEvidence("import", name.framework, name.rule_id, found.group(1), line, _no_backend(name.framework))
        for line, text in _lines(source)
        for expression in (_R_LIBRARY, _R_QUALIFIED)
        if (found := expression.search(text))
        for name in names.of_r_package(found.group(1))
    ]
    return list(dict.fromkeys(evidence))


def c_includes(source: str, names: CodeNames) -> list[CodeEvidence]:
    """Return the framework headers that C or C++ source includes."""
    return [
        CodeEvidence("import", name.framework, name.rule_id, found.group(1), line)
        for line, text in _lines(source)
        if (found := _INCLUDE.match(text))
        for name in names.of_header(found.group(1))
    ]


def _evidence(modules: Iterable[ImportedModule], names: CodeNames) -> list[CodeEvidence]:
    found = list(modules)
    backends = (names.of_backend(item.module) for item in found if item.is_backend)
    configured = next((backend for backend in backends if backend), None)
    evidence: list[CodeEvidence] = []
    for item in found:
        if not item.is_backend:
            evidence += _of_module(item, names, configured)
        elif framework := names.of_backend(item.module):
            evidence.append(
                CodeEvidence("import", framework, f"{framework}/backend/{_BACKEND_VARIABLE}", item.module, item.line)
            )
    return list(dict.fromkeys(evidence))


def _of_module(item: ImportedModule, names: CodeNames, configured: str | None) -> Iterator[CodeEvidence]:
    root = item.module.partition(".")[0]
    for name in names.of_module(item.module):
        row = CodeEvidence("import", name.framework, name.rule_id, item.module, item.line)
        if name.framework != KERAS:
            yield row
            continue
        backend = "tensorflow" if root == "tf_keras" else configured or UNRESOLVED
        yield replace(row, backend=backend)
    if root == "tf_keras":
        yield CodeEvidence("import", "tensorflow", "tensorflow/backend/tf_keras", item.module, item.line)
    if _TENSORFLOW_KERAS.match(item.module):
        yield CodeEvidence("import", KERAS, "keras/import/tensorflow.keras", item.module, item.line, "tensorflow")


def _from_tree(tree: ast.Module) -> Iterator[ImportedModule]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ImportedModule(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from _from_import(node.module, [alias.name for alias in node.names], node.lineno)
        elif isinstance(node, ast.Call):
            yield from _from_call(node)
        elif isinstance(node, ast.Assign):
            yield from _from_assignment(node)


def _from_import(module: str, members: list[str], line: int) -> Iterator[ImportedModule]:
    """`from tensorflow import keras` imports the module `tensorflow.keras`."""
    is_keras = module.partition(".")[0] == "tensorflow" and "keras" in members
    yield ImportedModule(f"{module}.keras" if is_keras else module, line)


def _from_call(node: ast.Call) -> Iterator[ImportedModule]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    values = [value.value for value in node.args if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    if not values:
        return
    if called in _DYNAMIC_IMPORTS and not values[0].startswith("."):
        yield ImportedModule(values[0], node.lineno)
    is_setter = values[0] == _BACKEND_VARIABLE if called in _VARIABLE_SETTERS else _sets_keras_backend(node, called)
    if is_setter:
        yield ImportedModule(values[-1].strip().lower(), node.lineno, is_backend=True)


def _sets_keras_backend(node: ast.Call, called: str) -> bool:
    """`keras.config.set_backend("jax")`, but no other library's `set_backend`."""
    return called == "set_backend" and ast.unparse(node.func).startswith(("keras.", "K."))


def _from_assignment(node: ast.Assign) -> Iterator[ImportedModule]:
    """`os.environ["KERAS_BACKEND"] = "jax"`."""
    if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
        return
    for target in node.targets:
        if isinstance(target, ast.Subscript) and getattr(target.slice, "value", None) == _BACKEND_VARIABLE:
            yield ImportedModule(node.value.value.strip().lower(), node.lineno, is_backend=True)


def _from_tokens(source: str) -> Iterator[ImportedModule]:
    """Imports of source that today's Python cannot parse, from its logical lines."""
    statements = list(code_lines(source))
    if not statements:
        raise NotPython
    for line, text in statements:
        yield from _from_statement(line, _ONE_LINE_BLOCK.sub("", text))
    for line, text in _lines(source):
        found = _FALLBACK_BACKEND.search(text)
        if found and not text.lstrip().startswith("#"):
            yield ImportedModule(found.group(1).lower(), line, is_backend=True)


def _from_statement(line: int, text: str) -> Iterator[ImportedModule]:
    if text.startswith("import "):
        modules = (part.split(" as ")[0].strip() for part in text.removeprefix("import ").split(","))
        yield from (ImportedModule(module, line) for module in modules if _MODULE.fullmatch(module))
    elif found := _FROM_IMPORT.match(text):
        members = [part.split(" as ")[0].strip() for part in found.group(2).strip("() ").split(",")]
        yield from _from_import(found.group(1), members, line)


def _no_backend(framework: str) -> str | None:
    return UNRESOLVED if framework == KERAS else None


def _lines(source: str) -> Iterator[tuple[int, str]]:
    return enumerate(source.splitlines(), start=1)
