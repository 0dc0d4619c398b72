"""`observatory shell`: one query after another, with completion."""

import re
import sys
from collections.abc import Sequence
from contextlib import suppress

from flows.cli.commands.query import show_answer
from flows.cli.terminal import say
from pipeline.errors import BadInput
from pipeline.settings import Settings

_PROMPT, _GOES_ON = "observatory> ", "        ...> "


def shell(*, timeout: float = 60) -> None:
    """Ask one query after another; Tab completes views and columns.

    A query ends with `;` or an empty line. `describe VIEW` says what a view means, Ctrl-C stops a query, and `quit` or
    Ctrl-D leaves.

    Args:
        timeout: Seconds after which a query is stopped.
    """
    from pipeline.metrics.read import read_dictionary, view_page

    file = Settings().published_file
    views = read_dictionary(file)
    _complete([name for view in views for name in (view.name, *(column.name for column in view.columns))])
    while True:
        try:
            if not (text := _query()):
                return
            word, _, name = text.rstrip(";").partition(" ")
            if word == "describe" and name in {view.name for view in views}:
                say(*view_page(file, name))
            else:
                show_answer(file, text, timeout)
        except BadInput as error:
            sys.stderr.write("".join(f"{line}\n" for line in (error.detail, str(error)) if line))
        except KeyboardInterrupt:  # wherever it comes, also between a query's last line and its first row
            say("Stopped.")


def _query() -> str:
    """Return the next query; empty where somebody leaves."""
    lines, line = list[str](), ""
    with suppress(EOFError):
        while not lines or (line and not line.endswith(";") and not re.fullmatch(r"describe \S+", line)):
            line = input(_GOES_ON if lines else _PROMPT).rstrip()
            if not lines and line.rstrip(";") in {"quit", "exit"}:
                break
            lines += [line] if line else []
    return "\n".join(lines)


def _complete(names: Sequence[str]) -> None:
    """Let Tab complete the names and SQL's usual words where the terminal's line editor is there."""
    with suppress(ImportError):
        import readline

        words = sorted({*names, "from", "select", "where", "order by", "group by", "limit", "describe", "quit"})

        def completion(start: str, place: int) -> str | None:
            found = [word for word in words if word.startswith(start)]
            return found[place] if place < len(found) else None

        readline.set_completer_delims(" \t\n,.()=<>;")
        readline.set_completer(completion)
        readline.parse_and_bind("tab: complete")
