"""The rules of the house that a machine can see."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.reference import known_frameworks
from pipeline.settings import PROJECT_ROOT

SOURCES = sorted(path for folder in ("pipeline", "flows") for path in (PROJECT_ROOT / folder).rglob("*.py"))
TREES = {path.relative_to(PROJECT_ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
FUNCTIONS = [
    (name, node)
    for name, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]

REGISTRIES = [
    # (the contract, the folder of its members, the one list)
    ("pipeline.archive.importer.Importer", "pipeline/archive", "pipeline.archive.build.IMPORTERS"),
    ("pipeline.sources.source.Source", "pipeline/sources", "pipeline.sources.registry.SOURCES"),
]


def test_imports_keep_to_the_layers() -> None:
    made = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout[-3000:]


def test_framework_modules_are_imported_by_the_bench_workers_only() -> None:
    offenders = [
        f"{name}:{line}"
        for name, tree in TREES.items()
        for line, module in imports_of(tree)
        if module.split(".")[0] in {"torch", "tensorflow", "jax", "keras", "tinygrad"}
        and not name.startswith("pipeline/bench/frameworks/")
    ]
    assert offenders == []


def test_a_bench_worker_holds_nothing_that_its_measurements_would_count() -> None:
    code = "import pipeline.bench.worker, sys; print({'duckdb', 'pandas', 'pydantic', 'prefect'} & set(sys.modules))"
    made = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "set()"


STILL_NAMED = {
    "pipeline/archive/papers.py": "the columns of its published table",
    "pipeline/bench/machine.py": "the distributions whose versions are stored with a run",
    "pipeline/bench/system_load.py": "the variable of one framework's memory allocator",
    "pipeline/jobs/doctor.py": "what a missing compiler costs",
    "pipeline/reference/frameworks.py": "the two that are compared",
    "pipeline/sources/conference_tracker.py": "the columns of its table, and its address",
}
"""Files outside `pipeline/bench/frameworks` whose code names a framework with a place in the registry, and why."""


def test_no_python_file_lists_frameworks() -> None:
    """Docstrings and comments may name one as an example; code reads the registry."""
    placed = [known_frameworks()[name] for name in known_frameworks().placed]
    names = {name.lower() for entry in placed for name in (entry.id, entry.title, *entry.code.import_roots)}
    longest_first = sorted(names, key=len, reverse=True)
    named = re.compile(rf"(?i)(?<![a-z])(?:{'|'.join(map(re.escape, longest_first))})(?![a-z])")
    offenders = {
        name
        for name, tree in TREES.items()
        if not name.startswith("pipeline/bench/frameworks/") and any(map(named.search, strings_in(tree)))
    }
    assert offenders - STILL_NAMED.keys() == set()


def strings_in(tree: ast.AST) -> Iterator[str]:
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


@pytest.mark.parametrize("name", TREES)
def test_a_file_is_at_most_400_lines(name: str) -> None:
    lines = len((PROJECT_ROOT / name).read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{name} has {lines} lines; cut it where its subject changes"


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as its options need."""
    docstring = ast.get_docstring(node, clean=False)
    return 1 + node.end_lineno - node.lineno - (docstring.count("\n") + 1 if docstring else 0)


def test_a_function_is_at_most_40_lines() -> None:
    lengths = {f"{name}:{node.lineno} {node.name}": _code_lines(node) for name, node in FUNCTIONS}
    assert {name: length for name, length in lengths.items() if length > 40} == {}


def test_files_are_named_by_their_subject() -> None:
    vague = re.compile(r"^(utils?|helpers?|misc|common|tools?)$")
    assert [name for name in TREES if any(vague.match(part) for part in Path(name).with_suffix("").parts)] == []


def test_nothing_prints() -> None:
    offenders = [f"{name}:{line}" for name, line, called in calls() if called == "print"]
    assert offenders == []


def test_the_clock_is_read_in_one_file() -> None:
    readers = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    offenders = [
        f"{name}:{line} {called}" for name, line, called in calls() if called in readers and name != "pipeline/clock.py"
    ]
    assert offenders == []


def calls() -> Iterator[tuple[str, int, str]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, node.lineno, ast.unparse(node.func)


def test_a_broad_except_raises_again_or_says_why_every_error_ends_there() -> None:
    broad = {"Exception", "BaseException", "None"}
    offenders = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and ast.unparse(node.type or ast.Constant(None)) in broad
        and not reraises(node)
        and not gives_a_reason(name, node.lineno)
    ]
    assert offenders == []


def gives_a_reason(name: str, number: int) -> bool:
    above, line = (PROJECT_ROOT / name).read_text(encoding="utf-8").splitlines()[number - 2 : number]
    return above.lstrip().startswith("# ") or bool(re.search(r"# noqa: BLE001 — \w", line))


def reraises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


@pytest.mark.parametrize(("contract", "folder", "registry"), REGISTRIES)
def test_what_lies_in_a_folder_is_registered_and_the_other_way_round(contract: str, folder: str, registry: str) -> None:
    kind, registered = object_at(contract), object_at(registry)
    modules = [importlib.import_module(f"{folder.replace('/', '.')}.{name}") for name in names_in(folder, "registry")]
    on_disk = {id(member): member for module in modules for member in members_of(module, kind)}
    assert {id(member) for member in registered} == on_disk.keys()
    assert len(registered) == len(on_disk)


def test_every_bench_case_and_framework_is_registered() -> None:
    from pipeline.bench.contract import Case
    from pipeline.bench.plan import registered_frameworks
    from pipeline.bench.registry import CASES

    modules = [importlib.import_module(f"pipeline.bench.cases.{name}") for name in names_in("pipeline/bench/cases")]
    assert {id(case) for case in CASES} == {id(each) for module in modules for each in members_of(module, Case)}
    assert {entry.adapter.partition(":")[0] for entry in registered_frameworks()} == {
        f"pipeline.bench.frameworks.{name}" for name in names_in("pipeline/bench/frameworks", "pytorch_words")
    }


def test_every_command_is_registered_under_the_name_of_its_file() -> None:
    from flows.cli.app import make_app

    registered = {name for name in make_app() if not name.startswith("-")}
    assert registered == set(names_in("flows/cli/commands"))


def names_in(folder: str, *without: str) -> list[str]:
    stems = {path.stem for path in (PROJECT_ROOT / folder).glob("*.py")}
    return sorted(stems - {"__init__", *without})


def object_at(path: str) -> object:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def members_of(module: ModuleType, kind: type) -> list[object]:
    """What the module defines of that kind, alone or in a tuple."""
    found = [each for value in vars(module).values() for each in (value if isinstance(value, tuple) else (value,))]
    return [each for each in found if isinstance(each, kind)]


def test_every_metric_view_is_part_of_figures_and_the_other_way_round() -> None:
    views = PROJECT_ROOT / "pipeline" / "warehouse" / "sql" / "views"
    on_disk = {path.stem.removeprefix("metric_") for path in views.glob("metric_*.sql")}
    united = set(re.findall(r"from metric\.(\w+)", (views / "figures.sql").read_text(encoding="utf-8")))
    assert united == on_disk


def test_every_kind_of_test_of_a_claim_is_part_of_the_evidence_and_the_other_way_round() -> None:
    views = PROJECT_ROOT / "pipeline" / "warehouse" / "sql" / "views"
    on_disk = {path.stem.removeprefix("claim_test_") for path in views.glob("claim_test_*.sql")}
    united = set(re.findall(r"from claim_test\.(\w+)", (views / "claim_evidence.sql").read_text(encoding="utf-8")))
    assert united == on_disk


def test_no_view_selects_everything() -> None:
    views = (PROJECT_ROOT / "pipeline" / "warehouse" / "sql" / "views").glob("*.sql")
    offenders = [path.name for path in views if re.search(r"select\s+(\w+\.)?\*", path.read_text(encoding="utf-8"))]
    assert offenders == []


def test_files_end_with_one_line_end_and_hold_no_tabs() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    assert [path.name for path, text in texts.items() if text and (not text.endswith("\n") or "\t" in text)] == []
