"""Special measurements on the page: every figure in a unit that is read, and what is missing says why."""

import re

import pandas as pd
import pytest

from pipeline.claims.wording import in_unit
from pipeline.report.tables import special_measurements
from pipeline.report.template import environment


def row(**other):
    return {
        "machine_id": "m",
        "measured_at": pd.Timestamp("2026-01-15"),
        "probe_name": "dispatch",
        "framework": "pytorch",
        "mode": "eager",
        "threads_count": 1,
        "measure": "call",
        "unit": "s",
        "workload": "an addition",
        "outcome": "measured",
        "message": None,
        "figures_count": 3,
        "value_median": 4.3e-6,
        "value_lowest": 4e-6,
        "value_highest": 5e-6,
    } | other


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (4.3e-6, "s", "4.3 µs"),
        (-3e-9, "s", "-3 ns"),
        (0.25, "s", "250 ms"),
        (13.4, "s", "13.4 s"),
        (0.0, "s", "0 s"),
        (141e6, "byte", "141 MB"),
        (380_932, "byte", "0.38 MB"),
        (0.902, "fraction", "90.2 %"),
        (13250.4, "samples/s", "13,250 samples/s"),
        (0.25, "nat", "0.25 nat"),
    ],
)
def test_a_figure_is_in_a_unit_that_is_read(value, unit, words):
    assert in_unit(value, unit).replace("\u00a0", " ") == words


def test_the_newest_machine_is_shown_and_what_is_missing_says_why():
    frame = pd.DataFrame(
        [
            row(),
            row(framework="jax", outcome="crashed", message="it broke", figures_count=0, value_median=None),
            row(machine_id="old", measured_at=pd.Timestamp("2025-01-15"), value_median=1.0),
        ]
    )
    special_row = environment({"pytorch": "PyTorch", "jax": "JAX"}).get_template("tables.html").module.special_row
    rows = [re.sub(r"</?button[^>]*>", "", special_row(each)) for each in special_measurements(frame)]
    shown = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", each) for each in rows]
    assert shown == [
        [
            "Overhead of a small operation: call", "PyTorch, eager", "<b>4.3 µs</b>", "4 µs to 5 µs", "3", "1",
            "15 Jan 2026",
        ],
        ["Overhead of a small operation: call", "JAX, eager", "<b>crashed</b>", "it broke", "0", "1", "15 Jan 2026"],
    ]  # fmt: skip


def test_nothing_measured_is_no_row():
    assert special_measurements(pd.DataFrame([row()]).head(0)) == []
