"""`observatory mcp`: the published figures for an assistant, over the Model Context Protocol."""

from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec

from flows.cli.terminal import MOST_MEMORY_BYTES, bounded_memory
from pipeline.errors import BadInput, ObservatoryError
from pipeline.settings import Settings

_MOST_ROWS, _MOST_SECONDS = 1000, 60.0
_INSTRUCTIONS = "Who uses which deep-learning framework, and how do they perform. Ask describe before query."


def mcp() -> None:
    """Answer an assistant on standard input and output with queries, the dictionary and the claims; nothing changes.

    In the assistant's list of servers, name this command: `observatory`, with the one argument `mcp`.
    """
    if find_spec("mcp") is None:
        raise BadInput("This needs the extra: pip install 'framework-observatory[mcp]'.")
    from mcp.server import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError

    def told(tool: Callable[..., str]) -> Callable[..., str]:
        @wraps(tool)
        def answer(**options: object) -> str:
            try:
                return tool(**options)
            except ObservatoryError as error:
                raise ToolError("\n".join(filter(None, (error.detail, str(error))))) from error

        return answer

    server = MCPServer("framework-observatory", instructions=_INSTRUCTIONS, log_level="CRITICAL")
    for tool in (query, describe, claims):
        server.add_tool(told(tool))
    with bounded_memory(MOST_MEMORY_BYTES):
        server.run()


def query(sql: str, limit: int = 100, timeout_seconds: float = _MOST_SECONDS) -> str:
    """Answer one DuckDB query on the published views as JSON: at most 1,000 rows, within at most 60 seconds."""
    from pipeline.metrics.query import json_pieces, run_query

    if not (0 <= limit <= _MOST_ROWS and 0 < timeout_seconds <= _MOST_SECONDS):
        raise BadInput(f"limit is 0 to {_MOST_ROWS} rows, and timeout_seconds at most {_MOST_SECONDS:g}.")
    answer = run_query(Settings().published_file, sql, limit, timeout_seconds=timeout_seconds)
    return "".join([*json_pieces(answer), f"The first {limit} rows; there are more." if answer.is_truncated else ""])


def describe(view: str = "") -> str:
    """Say what a published view and each of its columns means; without a name, list all views."""
    from pipeline.metrics.read import view_page

    return "\n".join(view_page(Settings().published_file, view))


def claims(claim_id: str = "", family: str = "", verdict: str = "", search: str = "") -> str:
    """Show a claim of an article in full, such as C016; or list those of a topic, with a verdict, or with words."""
    from pipeline.claims import ledger
    from pipeline.metrics.read import read_view

    file = Settings().published_file
    if claim_id:
        return "\n".join(ledger.in_full(file, claim_id))
    found = ledger.chosen(read_view(file, "claims"), family or None, verdict or None, search)
    return "\n".join([" | ".join(ledger.COLUMNS), *map(" | ".join, ledger.lines_of(found)), ledger.in_words(found)])
