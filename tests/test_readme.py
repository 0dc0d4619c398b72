"""The README names only what exists, and everything that people are to find."""

import re

from pipeline.settings import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
IN_CODE = {word for text in re.findall(r"`([^`\n]+)`", README) for word in re.findall(r"[\w.]+", text)}


def test_every_command_is_named_and_every_named_command_exists() -> None:
    commands = {path.stem for path in (PROJECT_ROOT / "flows" / "cli" / "commands").glob("[!_]*.py")}
    named = set(re.findall(r"observatory (\w+)", README))
    assert named <= commands, f"the README names {sorted(named - commands)}, which do not exist"
    assert commands <= named | IN_CODE, f"the README does not name {sorted(commands - named - IN_CODE)}"


def test_every_named_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", README, re.MULTILINE))
    assert {first or second for first, second in named} <= targets


def test_the_views_that_people_start_from_are_named() -> None:
    views = (
        "adoption performance adoption_vs_performance two_way series source_health run_history paper_labels dictionary"
    )
    assert {view for view in views.split() if f"`{view}`" not in README and f"from {view}" not in README} == set()


def test_every_view_in_the_table_exists(warehouse) -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", README, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named, "the README has a table of views"
    shown = warehouse.execute("select view_name from duckdb_views() where schema_name = 'main'").fetchall()
    assert named <= {name for (name,) in shown}


def test_every_named_path_exists() -> None:
    made_at_run_time = ("reports/index.html", "data/published", "data/raw", "data/warehouse")
    paths = set(re.findall(r"`((?:pipeline|flows|data|tests|reports)/[\w./-]+)`", README))
    paths |= {path for path in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in path}
    missing = {path for path in paths if not path.startswith(made_at_run_time) and not (PROJECT_ROOT / path).exists()}
    assert missing == set()


def test_every_folder_of_the_drawing_exists() -> None:
    drawing = README[README.index("## How it is built") : README.index("## Adding things")]
    folders = set(re.findall(r"^  (\w+)/ |(?<=\S)  +(\w+)/ ", drawing, re.MULTILINE))
    named = {first or second for first, second in folders}
    there = {path.parent.name for path in (PROJECT_ROOT / "pipeline").glob("*/__init__.py")}
    assert named == there


def test_the_picture_is_a_small_png() -> None:
    content = (PROJECT_ROOT / "reports" / "preview.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 300_000


def test_queries_in_the_readme_are_answered(warehouse) -> None:
    queries = re.findall(r"observatory query \"([^\"]+)\"", README)
    assert queries
    for query in queries:
        warehouse.execute(" ".join(query.split())).fetchall()


def test_it_says_what_it_needs_and_where_the_figures_lie() -> None:
    for word in ("make report", "make test", "Python 3.11", "OBSERVATORY_HOME", "data/archive", "manifest.toml"):
        assert word in README
