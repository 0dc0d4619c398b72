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
    |(?P<long>[rRbBuUfF]{0,2}(?:\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)))
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
    tokens: list[tuple[int, str]] = []
    line, depth = 1, 0
    for found in _TOKEN.finditer(source):
        kind, text = found.lastgroup or "", found.group()
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        if kind == "end" and (depth == 0 or source.startswith(_STATEMENT_STARTS, found.end())):
            # A bracket that was never closed must not swallow the rest of the file.
            depth = 0
            yield from _as_code(tokens)
            tokens = []
        else:
            tokens.append((line, _WRITTEN.get(kind, text)))
        line += text.count("\n")
    yield from _as_code(tokens)


def _as_code(tokens: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The line that the first of one logical line's tokens stands on, and their text; nothing where it is no code."""
    text = " ".join("".join(text for _, text in tokens).split())
    if _READS_AS_CODE.match(text):
        yield next(line for line, text in tokens if text.strip()), text
