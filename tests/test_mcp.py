"""`observatory mcp`: the official SDK's own client asks the command over standard input and output."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from test_cli import assert_told, run

OBSERVATORY = Path(sys.executable).with_name("observatory")


@pytest.fixture(scope="module")
def answers(archive_home: Path) -> dict[str, tuple[bool, str]]:
    """What one session of a client was told: whether each call was refused, and the text."""
    calls = {
        "rows": ("query", {"sql": "select view_name from dictionary group by all order by all", "limit": 2}),
        "mistaken": ("query", {"sql": "from adopton"}),
        "change": ("query", {"sql": "create table t as select 1"}),
        "outside": ("query", {"sql": "from read_text('/etc/hostname')"}),
        "greedy": ("query", {"sql": "select 1", "limit": 10**6}),
        "endless": ("query", {"sql": "select count(*) from range(1000000000000)", "timeout_seconds": 0.2}),
        "views": ("describe", {}),
        "view": ("describe", {"view": "adoption"}),
        "claim": ("claims", {"claim_id": "C001"}),
        "claims": ("claims", {"family": "adoption"}),
        "no claim": ("claims", {"claim_id": "nonsense"}),
    }

    async def ask() -> dict[str, tuple[bool, str]]:
        server = StdioServerParameters(
            command=str(OBSERVATORY), args=["mcp"], env={**os.environ, "OBSERVATORY_HOME": str(archive_home.parent)}
        )
        async with Client(stdio_client(server)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert {"query", "describe", "claims"} == set(tools)
            assert set(tools["query"].input_schema["properties"]) == {"sql", "limit", "timeout_seconds"}
            told = {name: await client.call_tool(*call) for name, call in calls.items()}
        return {name: (bool(each.is_error), each.content[0].text) for name, each in told.items()}

    return asyncio.run(ask())


def test_a_query_is_answered_with_rows_and_says_that_there_are_more(answers) -> None:
    refused, text = answers["rows"]
    assert not refused
    rows, _, rest = text.rpartition("]")
    assert json.loads(f"{rows}]") == [{"view_name": name} for name in ("accuracy_differences", "accuracy_equivalence")]
    assert rest.strip() == "The first 2 rows; there are more."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mistaken", 'Did you mean "adoption"'),
        ("change", "only queries are answered"),
        ("outside", "disabled"),
        ("greedy", "limit is 0 to 1000 rows"),
        ("endless", "stopped after 0.2 s"),
        ("no claim", "nonsense"),
    ],
)
def test_what_is_refused_is_refused_with_the_reason_as_in_the_command(answers, name, words) -> None:
    refused, text = answers[name]
    assert refused
    assert words in text


def test_the_dictionary_and_the_claims_are_told(answers) -> None:
    assert not any(answers[name][0] for name in ("views", "view", "claim", "claims"))
    assert "adoption" in answers["views"][1]
    assert "  framework  VARCHAR" in answers["view"][1]
    assert "C001" in answers["claim"][1]
    assert answers["claims"][1].startswith("claim | verdict | what is said")


def test_without_the_extra_its_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["mcp"] = None  # as if not installed\n')
    path = os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))
    assert_told(run("mcp", home=tmp_path, env={"PYTHONPATH": path}), 2, "framework-observatory[mcp]")
