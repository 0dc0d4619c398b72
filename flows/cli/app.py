"""The `observatory` command: which commands there are, and how each way of failing is reported.

Adding one: a file in `flows/cli/commands/` with a function or an `App` of the same name, and its name in `COMMANDS`.
What a command needs is imported when it runs, so that `--help` answers at once.
"""

import errno
import gc
import os
import sys
import tempfile
import traceback
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.text import Text

from flows.cli.terminal import Output

COMMANDS = (
    *("run", "collect", "bench", "report", "query", "describe", "shell", "scan", "label", "audit", "sources", "claims"),
    *("doctor", "releases", "rollback", "prune", "archive", "serve", "mcp"),
)
"""In the order in which the help lists them."""
EXIT_UNEXPECTED = 70
"""An error nobody foresaw; the log holds it in full."""
EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141
_INTERRUPTED = "Interrupted; what was finished is kept."


def make_app() -> App:
    """Return the command line with every command registered."""
    app = App(
        name="observatory",
        help="Who uses which deep-learning framework, and how do they perform: figures with their evidence.",
        version=lambda: version("framework-observatory"),
        default_parameter=Parameter(negative=(), show_default=False),
        console=Output(),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        exit_on_error=False,
        print_error=False,
    )
    for name in COMMANDS:
        app.command(getattr(import_module(f"flows.cli.commands.{name}"), name))
    return app


def main() -> None:
    """Run the command that the process was started with and end with its exit code.

    What a command imports stays: to look through it for garbage each time some hundred objects more are made takes
    seconds, so it is done more rarely.
    """
    gc.set_threshold(100_000)
    if isinstance(sys.stdout, TextIOWrapper):  # what a terminal's encoding lacks is shown escaped
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run_command(sys.argv[1:]))


def run_command(words: list[str]) -> int:
    """Run one command and return its exit code; whatever fails is one sentence on standard error.

    0: all well. 1: it ran, and something of it failed. 2: what was asked for is wrong. 70: a mistake of ours, with the
    traceback in a log. 130: interrupted. 141: nobody reads the output any more.
    """
    try:
        code = make_app()(words)
        sys.stdout.flush()
    except CycloptsError as error:
        return _say(f"{error} See `observatory --help`.", 2)
    except KeyboardInterrupt:
        return _say(_INTERRUPTED, EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Python would complain once more when it flushes standard output at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 — the one place where every error ends, distinguished below
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """Say what an error means to the person at the terminal; return the exit code."""
    from pydantic import ValidationError  # noqa: PLC0415 — only for failures; it takes a tenth of a second

    from pipeline.errors import ObservatoryError  # noqa: PLC0415

    if isinstance(error, ObservatoryError):
        if error.detail:
            Console(stderr=True, soft_wrap=True, highlight=False).print(Text(error.detail))
        return _say(str(error), error.exit_code)
    if isinstance(error, ValidationError) and error.title == "Settings":
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(["OBSERVATORY", *(str(part).upper() for part in first["loc"])])
        return _say(f"The setting {name} is wrong: {first['msg'].removeprefix('Value error, ')}.", 2)
    if isinstance(error, RuntimeError) and str(error) == "Query interrupted":  # as DuckDB says that it heard Ctrl-C
        return _say(_INTERRUPTED, EXIT_INTERRUPTED)
    if isinstance(error, OSError) and (sentence := _sentence_of(error)):
        return _say(sentence, 2)
    return _say(
        f"{type(error).__name__}, which should not happen; {_keep_traceback(error)} holds the details.", EXIT_UNEXPECTED
    )


def _sentence_of(error: OSError) -> str | None:
    """Name the path and the remedy of an error that the operating system gave; None for any other kind of error."""
    where = error.filename2 or error.filename or "The folder that is written to"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{where}: no space is left; free some, or set OBSERVATORY_HOME to a folder on another disk."
        case errno.EROFS | errno.EACCES | errno.EPERM | errno.EEXIST | errno.ENOTDIR | errno.EISDIR:
            return f"{where} cannot be written ({error.strerror}); name another, or set OBSERVATORY_HOME elsewhere."
        case errno.ENOENT:
            return f"{where} is missing; restore it, or run `observatory run` to make it again."
        case _:
            return None


def _keep_traceback(error: Exception) -> Path:
    """Write the traceback below the log folder, or to a temporary one where that cannot be, and return its file."""
    from pipeline.clock import now_utc  # noqa: PLC0415
    from pipeline.settings import Settings  # noqa: PLC0415

    name = f"{now_utc():%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    text = "".join(traceback.format_exception(error))
    try:
        folder = Settings().log_folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    except (OSError, ValueError):
        folder = Path(tempfile.mkdtemp(prefix="observatory-"))
        (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def _say(sentence: str, code: int) -> int:
    # On one line, and text, not markup: a file name or a query may hold square brackets.
    Console(stderr=True, soft_wrap=True, highlight=False).print(Text(" ".join(sentence.split()), style="red"))
    return code
