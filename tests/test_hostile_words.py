"""Odd words on the command line and odd settings: an answer or one sentence, and never "should not happen"."""

import contextlib
import io
import os
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows.cli.app import run_command
from pipeline.settings import Settings

ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            *(
                "",
                " ",
                "-",
                "--",
                "-1",
                "0",
                "1e400",
                "nan",
                "9" * 40,
                "\udcff",
                "\x1b[31m",
                "[bold]",
                "?",
                "a\\b",
                "~",
            ),
            *(
                "/dev/null",
                "/proc/self/mem",
                ".",
                "..",
                "x" * 5000,
                "{" * 3000,
                "s3://",
                "http://",
                "::1",
                "\r\n",
                "🦖",
            ),
        ]
    ),
)
OPTIONS = (
    "--limit",
    "--timeout",
    "--as-of",
    "--format",
    "--out",
    "-f",
    "--family",
    "--pair",
    "--case",
    "--to",
    "--quick",
)


@pytest.fixture(scope="module")
def nothing_here(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def ended(words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    said = io.StringIO()
    shut = (contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()))
    with mock.patch.dict(os.environ, environment), shut[0], shut[1]:
        code = run_command(words)
    return code, said.getvalue()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    command=st.sampled_from(("query", "describe", "claims", "releases", "rollback")),
    words=st.lists(st.one_of(ODD, st.sampled_from(OPTIONS)), max_size=4),
)
def test_no_command_line_should_not_happen(nothing_here, command, words):
    code, said = ended([command, *words], {"OBSERVATORY_HOME": str(nothing_here)})
    assert code in {0, 1, 2}, said
    assert "should not happen" not in said
    assert "Traceback" not in said


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@example(name="source_urls", value="00")
@given(name=st.sampled_from(sorted(Settings.model_fields)), value=ODD.filter(lambda text: "\0" not in text))
def test_no_setting_should_not_happen(nothing_here, name, value):
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return  # no environment can hold it
    wanted = {"OBSERVATORY_HOME": str(nothing_here), f"OBSERVATORY_{name.upper()}": value}
    code, said = ended(["releases"], wanted)
    assert code in {0, 2}, said
    assert "should not happen" not in said
