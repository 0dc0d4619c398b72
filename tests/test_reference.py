"""The hand-readable lists: refused when wrong, brought in as a whole, untouched when unchanged."""

import shutil

import pytest

from pipeline.errors import BadInput
from pipeline.settings import Settings
from pipeline.warehouse.load import LoadCount
from pipeline.warehouse.reference import load_reference

GOOD = {
    "frameworks": """
        [[framework]]
        id = "pytorch"
        title = "PyTorch"
        is_deep_learning = true
        repositories = ["pytorch/pytorch"]
        packages = ["torch", "torch-nightly"]
        [[framework]]
        id = "none"
        title = "None"
        is_deep_learning = false
        note = "A state."
    """,
    "series": """
        [[series]]
        id = "survey.test"
        title = "Test"
        unit = "respondents"
        population = "all"
        measure = "ticked it"
        known_bias = "young"
        bias_direction = "towards the new"
        source_id = "test"
        [[series.break]]
        id = "test-1"
        starts_on = 2018-01-01
        reason = "the first question"
        [[series.break]]
        id = "test-2"
        starts_on = 2021-01-01
        reason = "another question"
        population = "students"
    """,
    "wordings": """
        [[wording]]
        id = "w1"
        question = "Which do you use? (column Frameworks)"
    """,
}


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, **GOOD)


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def content(connection):
    tables = ["framework", "framework_repository", "framework_package", "series", "series_break", "wording"]
    return {table: connection.execute(f"select * from ref.{table} order by all").fetchall() for table in tables}


def test_lists_are_brought_in(warehouse, folder):
    assert load_reference(warehouse, folder) == LoadCount(inserted=9)
    assert content(warehouse)["framework_package"] == [
        ("torch", "pytorch", True),
        ("torch-nightly", "pytorch", False),
    ]
    assert [row[:3] for row in content(warehouse)["series_break"]] == [
        ("survey.test", "students", "test-2"),
        ("survey.test", None, "test-1"),
    ]


def test_unchanged_lists_change_nothing(warehouse, folder):
    load_reference(warehouse, folder)
    before = content(warehouse)
    assert load_reference(warehouse, folder) == LoadCount(unchanged=9)
    assert content(warehouse) == before


def test_what_is_gone_or_changed_in_the_file_is_so_in_the_table(warehouse, folder):
    load_reference(warehouse, folder)
    changed = GOOD["frameworks"].replace('"torch", "torch-nightly"', '"torch"').replace("A state.", "No framework.")
    assert load_reference(write(folder, frameworks=changed) and warehouse, folder) == LoadCount(
        inserted=1, removed=2, unchanged=7
    )
    assert content(warehouse)["framework"][0] == ("none", "None", False, "No framework.")


BAD = [
    ("frameworks", 'id = "pytorch"', 'id = "PyTorch"', r"frameworks\.toml, framework\.0\.id"),
    ("frameworks", "is_deep_learning = true", 'is_deep_learning = "yes"', r"is_deep_learning: .*; mend that entry"),
    ("frameworks", 'id = "none"', 'id = "pytorch"', "framework pytorch stands there more than once"),
    ("frameworks", '"torch-nightly"', '"torch"', "package torch stands there more than once"),
    ("frameworks", 'note = "A state."', 'colour = "red"', r"framework\.1\.colour: Extra inputs"),
    ("series", 'title = "Test"', 'title = ""', r"series\.0\.title"),
    ("series", 'unit = "respondents"', "", r"series\.0\.unit: Field required"),
    ("series", 'id = "test-2"', 'id = "test-1"', "break test-1 stands there more than once"),
    ("series", "starts_on = 2018-01-01", 'starts_on = "2018"', r"series\.0\.break\.0\.starts_on"),
    ("series", "2021-01-01", "2018-01-01\npopulation = 'x'\npopulation = 'y'", r"series\.toml is no TOML \(.*line"),
    ("wordings", "[[wording]]", "[[wording]", r"wordings\.toml is no TOML"),
]


@pytest.mark.parametrize("wrong", BAD, ids=lambda wrong: wrong[3][:40])
def test_a_wrong_entry_is_named_and_nothing_changes(warehouse, folder, wrong):
    name, old, new, message = wrong
    load_reference(warehouse, folder)
    before = content(warehouse)
    assert old in GOOD[name]
    write(folder, **{name: GOOD[name].replace(old, new)})
    with pytest.raises(BadInput, match=message):
        load_reference(warehouse, folder)
    assert content(warehouse) == before


def test_two_breaks_of_one_population_may_not_start_on_one_day(warehouse, folder):
    twice = GOOD["series"].replace("2021-01-01", "2018-01-01").replace('population = "students"', "")
    with pytest.raises(BadInput, match=r"start of a break of survey\.test all 2018-01-01"):
        load_reference(warehouse, write(folder, series=twice))


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_list_is_named(warehouse, folder, name):
    (folder / f"{name}.toml").unlink()
    with pytest.raises(BadInput, match=rf"{name}\.toml is missing; restore it from git"):
        load_reference(warehouse, folder)


def test_the_projects_own_lists_are_sound(warehouse, tmp_path):
    folder = shutil.copytree(Settings().reference_folder, tmp_path / "reference")
    counted = load_reference(warehouse, folder)
    assert counted.inserted > 50
    orphans = warehouse.execute(
        "select framework from ref.framework_package where framework not in (select framework from ref.framework)"
    ).fetchall()
    assert orphans == []
