"""Python source of any age: its syntax tree, or, where `ast` refuses it, its logical lines without parsing it.

Logical lines serve Python 2, half-broken files and Cython: strings and comments are out, continued lines joined; one
pass, linear, no recursion.
"""

import ast
import re
import warnings
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<long>[rRbBuUfF]{0,2}(?:\"\"\"|'''))
    |(?P<string>[rRbBuUfF]{0,2}(?:"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))
    |(?P<joined>\\\r?\n)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<end>\r?\n|;)
    |(?P<other>[^\#"'\\()\[\]{}\n;]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_WRITTEN = {"long": "''", "string": "''", "joined": " ", "comment": " ", "end": " "}
_STATEMENT_STARTS = ("def ", "class ", "import ", "from ")
_READS_AS_CODE = re.compile(
    r"^\s*(?:import|from|def|class|if|for|while|print|return|try|with|@|[A-Za-z_][\w.\[\]]*\s*[=(])"
)


def syntax_tree(source: str) -> ast.Module | None:
    """Return the tree of Python source; null where today's Python refuses it."""
    try:
        with warnings.catch_warnings():
            # Odd escapes in other people's strings are no concern of ours.
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def called_name(node: ast.Call) -> str:
    """Return the name of the function that is called, without the module or object it belongs to."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def code_lines(source: str) -> Iterator[tuple[int, str]]:
    """Yield `(line, text)` of each logical line that reads as code, lines from 1; each string stands as `''`."""
    statement = _Statement()
    line, position, depth = 1, 0, 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        if found is None:
            break
        kind, text, position = found.lastgroup, found.group(), found.end()
        if kind == "long":
            position = _end_of_long(source, position, text[-3:])
            text = source[found.start() : position]
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        if kind == "end" and (depth == 0 or source.startswith(_STATEMENT_STARTS, position)):
            # A bracket that was never closed must not swallow the rest of the file.
            depth = 0
            yield from statement.finish()
        else:
            statement.add(line, _WRITTEN.get(kind or "", text))
        line += text.count("\n")
    yield from statement.finish()


class _Statement:
    """The parts of one logical line and the line it starts on."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._line = 1

    def add(self, line: int, text: str) -> None:
        if not self._parts:
            text = text.lstrip()
            self._line = line
        if text:
            self._parts.append(text)

    def finish(self) -> Iterator[tuple[int, str]]:
        text = " ".join("".join(self._parts).split())
        self._parts = []
        if text and _READS_AS_CODE.match(text):
            yield self._line, text


def _end_of_long(source: str, start: int, quotes: str) -> int:
    end = source.find(quotes, start)
    return len(source) if end < 0 else end + len(quotes)
