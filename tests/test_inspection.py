"""Single files of every kind, well-formed and not: what they give, and what they are listed as."""

import ast
import codecs
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from detector import inspector, pdf, pdf_of_images, rules
from hypothesis import given
from hypothesis import strategies as st

from pipeline.detect.code.code_names import names_of
from pipeline.detect.code.imports import NotPython, imported_modules, python_imports
from pipeline.detect.files import inspection
from pipeline.settings import PROJECT_ROOT


def inspect(path, content, *, is_asked=True):
    return inspector().inspect(path, len(content), lambda: BytesIO(content), is_asked=is_asked)


def found_in(result):
    return {(item.tier, item.framework) for item in result.detections}


def test_a_pdf_is_read_page_by_page():
    content = pdf(
        [["We use the Tensor-", "Flow library."], ["References", "[1] PyTorch, cited."], ["Appendix", "JAX ran."]]
    )
    result = inspect("paper.pdf", content)
    assert result.outcome == "read"
    assert [(item.framework, item.place, item.section) for item in result.detections] == [
        ("tensorflow", "page 1", "body"),
        ("pytorch", "page 2", "bibliography"),
        ("jax", "page 3", "body"),
    ]


def test_getting_the_text_out_of_a_pdf_is_timed():
    result = inspect("paper.pdf", pdf([["We use PyTorch."] * 30] * 50))
    assert 0 < result.extraction_seconds <= result.seconds


@pytest.mark.parametrize(
    ("name", "content", "outcome"),
    [
        ("locked.pdf", pdf([["We use PyTorch."]], password="secret"), "encrypted"),
        ("cut.pdf", pdf([["We use PyTorch."]])[:200], "broken"),
        ("images.pdf", pdf_of_images(3), "no-text"),
        ("nothing.pdf", b"", "empty"),
        ("blank.txt", b" \n\n", "empty"),
        ("bytes.py", bytes(range(256)) * 8, "not-text"),
        ("prose.py", b'"Dear reader, this is a letter.\n-- yours\n', "not-text"),
        ("bad.ipynb", b'{"cells": [', "broken"),
        ("list.ipynb", b"[1, 2]", "broken"),
        ("deep.ipynb", b"[" * 100_000, "broken"),
        ("archive.zip", b"PK\x03\x04 an archive", "unsupported"),
        ("program.exe", b"MZ\x00\x01\x02", "unsupported"),
    ],
)
def test_what_cannot_be_read_is_an_outcome_with_a_reason(name, content, outcome):
    result = inspect(name, content)
    assert (result.outcome, result.detections) == (outcome, ())
    assert result.reason


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("old.py", b'print "a"\nimport torch\n', {("import", "pytorch")}),
        ("latin.py", "# café\nimport jax\n".encode("latin-1"), {("import", "jax")}),
        ("nul.py", b"import torch\n" + b"x = 1\n" * 1000 + b"\x00", {("import", "pytorch")}),
        ("brackets.py", b"(" * 5000 + b"\nimport torch\n", {("import", "pytorch")}),
        ("minus.py", b"x = " + b"-" * 100_000 + b"1\nimport torch\n", {("import", "pytorch")}),
        ("page.html", b"<p>We use <b>Py</b>Torch</p><script>torch.nn</script>", {("mention", "pytorch")}),
        ("deep.html", b"<div>" * 50_000 + b"We use PyTorch", {("mention", "pytorch")}),
        ("paper.tex", b"We use PyTorch~\\cite{tensorflow} % Keras\n", {("mention", "pytorch")}),
        ("utf16.txt", codecs.BOM_UTF16_LE + "本文使用PyTorch框架".encode("utf-16-le"), {("mention", "pytorch")}),
        ("no_suffix", b"We use PyTorch.", {("mention", "pytorch")}),
        ("line.txt", b"x " * 3_000_000 + b"We use PyTorch. " + b"y " * 3_000_000, {("mention", "pytorch")}),
    ],
)
def test_odd_files_are_read(name, content, expected):
    result = inspect(name, content)
    assert (result.outcome, found_in(result)) == ("read", expected)


def test_references_alone_hold_no_use():
    (detection,) = inspect("refs.bib", b"@misc{a, title={PyTorch in depth}}").detections
    assert detection.section == "bibliography"


def test_of_many_places_in_one_role_the_first_are_kept_and_all_counted():
    result = inspect("long.txt", b"We use PyTorch here.\n" * 500)
    assert len(result.detections) == inspection.SAME_ROWS_COUNT
    assert result.detections_count == 500


def test_a_file_that_is_too_large_to_be_parsed_is_listed(monkeypatch):
    monkeypatch.setattr(inspection, "CODE_FILE_BYTES", 100)
    assert inspect("a.py", b"import torch\n" * 100).outcome == "too-large"


@given(
    st.binary(max_size=400),
    st.sampled_from(["a.py", "a.ipynb", "a.html", "a.pdf", "setup.cfg", "env.yml", "a.tex", "a.R"]),
)
def test_no_bytes_end_in_an_exception(content, name):
    assert inspect(name, content).outcome in {"read", "empty", "broken", "not-text", "no-text", "encrypted"}


def roots_by_syntax(source):
    """The truth: what the syntax tree says is imported, by the root of its name."""
    roots = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            roots.add(node.module.partition(".")[0])
    return roots


def frameworks_by_syntax(source):
    roots = roots_by_syntax(source)
    return {rule.id for rule in rules().framework if roots & {*rule.import_roots, *rule.implied_import_roots}}


TREES = [PROJECT_ROOT / "pipeline", PROJECT_ROOT / "tests"]


@pytest.mark.slow
def test_imports_of_source_trees_are_those_of_their_syntax_trees(installed_packages):
    right = wrong = missed = 0
    for path in (path for tree in [*TREES, *installed_packages] for path in sorted(tree.rglob("*.py"))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                truth = frameworks_by_syntax(source := path.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError):
                continue
        found = {item.framework for item in python_imports(source, names_of(rules()))}
        # `tensorflow.keras` is Keras too, which a root alone does not tell.
        found -= set() if "keras" in truth else {"keras"}
        right, wrong, missed = right + len(found & truth), wrong + len(found - truth), missed + len(truth - found)
    assert right > 50
    assert right / (right + wrong) >= 0.99
    assert right / (right + missed) >= 0.99


@pytest.fixture
def installed_packages():
    """Real source trees that import frameworks: those of the benchmark, where it is installed."""
    from importlib.util import find_spec

    spec = find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("install the bench extra to scan real source trees")
    root = Path(spec.submodule_search_locations[0])
    return [root / "nn" / "modules", root / "distributions", root / "ao"]


MODULES = ["torch", "torch.nn", "tensorflow", "keras.layers", "jax.numpy", "flax.linen", "mxnet", "os.path", "numpy"]


@st.composite
def sources(draw):
    """Python of many shapes: nested, conditional, grouped, aliased, among strings and remarks that look alike."""
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        module = draw(st.sampled_from(MODULES))
        form = draw(st.integers(0, 7))
        lines += {
            0: [f"import {module}"],
            1: [f"import {module} as m, {draw(st.sampled_from(MODULES))}"],
            2: [f"from {module} import (a,", "    b)"],
            3: ["def f():", f"    import {module}", "    return 1"],
            4: ["try:", f"    from {module} import x", "except ImportError:", "    x = None"],
            5: ['text = """', f"import {module}", '"""'],
            6: [f"# import {module}", f"y = 'import {module}'"],
            7: [f"from .{module} import z", f"x = 1; import {module}"],
        }[form]
    return "\n".join(lines) + "\n"


@given(sources())
def test_tokens_tell_the_same_imports_as_the_syntax_tree(source):
    by_tree = {item.module for item in imported_modules(source, names_of(rules()))}
    by_tokens = {item.module for item in imported_modules("print 'old'\n" + source, names_of(rules()))}
    assert by_tokens == by_tree


def test_prose_is_no_python():
    with pytest.raises(NotPython):
        imported_modules('"unclosed\nnot a line of code at all ((( \n', names_of(rules()))
