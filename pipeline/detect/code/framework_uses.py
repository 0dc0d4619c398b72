"""What Python source does with the frameworks it imports: define a model, train, compute, or only touch them.

The names that imports bind are followed through the text: `nn` in `class Net(nn.Module)` is `torch.nn`. So source that
today's Python refuses is read as well.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from pipeline.detect.code.code_names import CodeEvidence, CodeNames, UseRole

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
