"""The hand-readable lists: refused when wrong, brought in as a whole, untouched when unchanged."""

import shutil

import pytest

from pipeline.errors import BadInput
from pipeline.reference import COMPARED, known_frameworks, read_frameworks
from pipeline.settings import Settings
from pipeline.sources import paper_code
from pipeline.sources.registry import SOURCES
from pipeline.warehouse.load import LoadCount
from pipeline.warehouse.reference import load_reference

GOOD = {
    "frameworks/pytorch": """
        id = "pytorch"
        title = "PyTorch"
        kind = "framework"
        is_deep_learning = true
        order = 1
        repository = [
          { name = "pytorch/pytorch", is_tracked = true },
          { name = "pytorch/examples" },
        ]
        package = [
          { index = "pypi", name = "torch", is_main = true, is_summed = true },
          { index = "pypi", name = "torch-nightly", is_summed = true },
          { index = "pypi", name = "torch-other", is_asked_for = true },
          { index = "conda", name = "torch", channel = "conda-forge", is_asked_for = true },
        ]
        [labels]
        survey = ["Torch", "PyTorch"]
    """,
    "frameworks/torchserve": """
        id = "torchserve"
        title = "TorchServe"
        kind = "serving"
        is_deep_learning = true
        runs_on = ["pytorch"]
        repository = [{ name = "pytorch/serve", role = "serving", is_asked_for = true }]
        [[bench]]
        id = "served"
        title = "PyTorch, served"
        adapter = "a.b:C"
        backend = "pytorch"
    """,
    "frameworks/none": """
        id = "none"
        title = "None"
        kind = "state"
        is_deep_learning = false
        note = "A state."
        [services]
        arxiv = ["nothing"]
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
    "headlines": """
        [[headline]]
        id = "surveys"
        title = "What people say"
        short = "surveys"
        remedy = "Ask them."
        [[headline.series]]
        id = "survey.test"
        counted = "A survey"
        populations = ["all"]
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
    (folder / "frameworks").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def content(connection):
    tables = [
        "framework",
        "framework_repository",
        "framework_package",
        "registered_repository",
        "series",
        "series_break",
        "headline_series",
        "wording",
    ]
    return {table: connection.execute(f"select * from ref.{table} order by all").fetchall() for table in tables}


def test_lists_are_brought_in(warehouse, folder):
    assert load_reference(warehouse, folder) == LoadCount(inserted=14)
    assert content(warehouse)["framework_package"] == [
        ("torch", "pytorch", True, True, False),
        ("torch-nightly", "pytorch", False, True, False),
        ("torch-other", "pytorch", False, False, True),
    ]
    assert [row[:3] for row in content(warehouse)["series_break"]] == [
        ("survey.test", "students", "test-2"),
        ("survey.test", None, "test-1"),
    ]


def test_tools_without_figures_stand_in_no_list_of_frameworks(warehouse, folder):
    load_reference(warehouse, folder)
    assert [row[0] for row in content(warehouse)["framework"]] == ["none", "pytorch"]
    assert content(warehouse)["framework_repository"] == [("pytorch/pytorch", "pytorch", "PyTorch")]


def test_a_tool_whose_downloads_are_counted_stands_in_the_list_with_its_criterion(warehouse, folder):
    tool = GOOD["frameworks/torchserve"].replace('kind = "serving"', 'kind = "serving"\ncriterion = "deployment"')
    package = '{ index = "pypi", name = "torchserve", is_main = true, is_summed = true }'
    write(folder, **{"frameworks/torchserve": tool.replace("repository =", f"package = [{package}]\nrepository =")})
    load_reference(warehouse, folder)
    listed = warehouse.execute("select framework, kind, criterion from frameworks order by all").fetchall()
    assert listed == [("none", "state", None), ("pytorch", "framework", None), ("torchserve", "serving", "deployment")]


def test_the_registry_answers_in_its_order(folder):
    known = read_frameworks(folder)
    assert [entry.id for entry in known] == ["pytorch", "torchserve", "none"]
    assert [entry.id for entry, _ in known.repositories()] == ["pytorch", "pytorch", "torchserve"]
    assert [each.name for _, each in known.repositories(asked=True)] == ["pytorch/serve"]
    assert [each.name for _, each in known.packages("pypi")] == ["torch", "torch-nightly", "torch-other"]
    assert [each.name for _, each in known.packages("pypi", asked=True, summed=False)] == ["torch-other"]
    assert known.words_for("arxiv") == {"none": ("nothing",)}
    assert known.labels_of("survey") == {"Torch": "pytorch", "PyTorch": "pytorch"}
    assert (known.title("served"), known.title("none"), known.title("unheard")) == (
        "PyTorch, served",
        "None",
        "unheard",
    )
    assert "pytorch" in known
    assert known["torchserve"].is_tool


def test_files_are_read_again_after_a_change_alone(folder):
    known = read_frameworks(folder)
    assert read_frameworks(folder) is known
    write(folder, **{"frameworks/none": GOOD["frameworks/none"].replace('"None"', '"No framework"')})
    assert read_frameworks(folder).title("none") == "No framework"


def test_the_settings_point_to_the_folder(folder, monkeypatch):
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(folder))
    assert [entry.id for entry in known_frameworks()] == ["pytorch", "torchserve", "none"]


def test_a_folder_without_frameworks_is_named(tmp_path):
    with pytest.raises(BadInput, match="frameworks holds no framework; restore it from git"):
        read_frameworks(tmp_path)


def test_unchanged_lists_change_nothing(warehouse, folder):
    load_reference(warehouse, folder)
    before = content(warehouse)
    assert load_reference(warehouse, folder) == LoadCount(unchanged=14)
    assert content(warehouse) == before


def test_what_is_gone_or_changed_in_the_file_is_so_in_the_table(warehouse, folder):
    load_reference(warehouse, folder)
    write(folder, **{"frameworks/none": GOOD["frameworks/none"].replace("A state.", "No framework.")})
    fewer = GOOD["frameworks/pytorch"].replace('"torch-nightly", is_summed = true', '"torch-nightly"')
    write(folder, **{"frameworks/pytorch": fewer})
    assert load_reference(warehouse, folder) == LoadCount(inserted=2, removed=2, unchanged=12)
    assert content(warehouse)["framework"][0] == ("none", "None", False, "No framework.", "state", None, [], None)


BAD = [
    ("frameworks/pytorch", 'id = "pytorch"', 'id = "PyTorch"', r"frameworks/pytorch\.toml, id"),
    (
        "frameworks/pytorch",
        "is_deep_learning = true",
        'is_deep_learning = "yes"',
        r"is_deep_learning: .*; mend that entry",
    ),
    ("frameworks/none", 'id = "none"', 'id = "pytorch"', r"none\.toml, id: it is 'pytorch'; name the file after it"),
    ("frameworks/pytorch", '"torch-nightly"', '"torch"', r"package torch \(pypi\) stands there more than once"),
    ("frameworks/pytorch", "is_main = true, ", "", "exactly one main package"),
    (
        "frameworks/torchserve",
        "pytorch/serve",
        "pytorch/pytorch",
        "repository pytorch/pytorch stands there",
    ),
    ("frameworks/none", "[services]", "order = 1\n[services]", "place 1 stands there"),
    (
        "frameworks/none",
        "[services]",
        "labels = { survey = ['Torch'] }\n[services]",
        r"label Torch \(survey\) stands there",
    ),
    ("frameworks/none", 'note = "A state."', 'colour = "red"', r"none\.toml, colour: Extra inputs"),
    ("frameworks/torchserve", '["pytorch"]', '["torch"]', "torchserve runs on torch, which has no file"),
    ("series", 'title = "Test"', 'title = ""', r"series\.0\.title"),
    ("headlines", 'id = "survey.test"', 'id = "survey.tset"', "surveys: survey.tset is no series of series.toml"),
    ("headlines", 'populations = ["all"]', "least_base = 0", "least_base"),
    ("series", 'unit = "respondents"', 'unit = "x"\n        sampling = "some"', r"series\.0\.sampling"),
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


@pytest.mark.parametrize("name", ["series", "wordings"])
def test_a_missing_list_is_named(warehouse, folder, name):
    (folder / f"{name}.toml").unlink()
    with pytest.raises(BadInput, match=rf"{name}\.toml is missing or cannot be read; restore it from git"):
        load_reference(warehouse, folder)


def test_variants_on_a_backend_are_benchmarked_after_the_frameworks():
    assert [bench.id for _, bench in known_frameworks().bench()] == [
        "pytorch", "tensorflow", "jax", "tinygrad", "keras_tensorflow", "keras_pytorch", "keras_jax",
    ]  # fmt: skip


def test_what_is_listed_for_a_source_is_asked_by_one():
    asked = {service for entry in known_frameworks() for service in entry.services}
    assert asked <= {source.name for source in SOURCES}


def test_the_compared_frameworks_are_the_same_in_sql(warehouse):
    assert warehouse.execute("select compared_frameworks()").fetchall() == [(list(COMPARED),)]
    assert known_frameworks().placed[:2] == COMPARED


def test_the_projects_own_lists_are_sound(warehouse, tmp_path):
    folder = shutil.copytree(Settings().reference_folder, tmp_path / "reference")
    counted = load_reference(warehouse, folder)
    assert counted.inserted > 50
    keras = warehouse.execute("select kind, place, runs_on from frameworks where framework = 'keras'").fetchall()
    assert keras == [("front-end", 3, ["tensorflow", "pytorch", "jax"])]
    known = read_frameworks(folder)
    for entry in known:
        family = {package.is_asked_for for package in entry.packages if package.is_summed}
        assert len(family) < 2, f"{entry.id}: a family is asked for as a whole or not at all"
    orphans = warehouse.execute(
        "select framework from ref.framework_package where framework not in (select framework from ref.framework)"
    ).fetchall()
    assert orphans == []


def test_no_share_is_typed_into_the_known_bias_of_a_series(warehouse):
    load_reference(warehouse, Settings().reference_folder)
    typed = warehouse.execute("select series_id from ref.series where known_bias like '%\\%%' escape '\\'").fetchall()
    assert typed == [], "write {figure} and count it in the view series_bias_figures"


def test_every_shipped_series_goes_on_or_says_why_it_has_ended(shipped):
    """Some are asked for still, though nothing new has come for years: those say it too."""
    newest = "select series_id, why_ended, last_period_end from series where rows_count > 0"
    held = {series: (why, end) for series, why, end in shipped.execute(newest).fetchall()}
    continued = {series for service in (*SOURCES, paper_code.SERVICE) for series in service.series}
    assert [series for series, (why, _) in held.items() if why is None and series not in continued] == []
    # What is shipped of these ends earlier; their services bring the years since, as test_all_sources_live shows.
    live = {"jobs.hiring_posts", "mlperf.inference_entries"}
    assert {series for series, (why, end) in held.items() if why is None and end.year < 2025} == live
