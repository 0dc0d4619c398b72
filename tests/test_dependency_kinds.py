"""Kinds of dependency files, one small file each, and the tier that each is kept in."""

import json
from io import BytesIO

import pytest
from detector import inspector

DECLARED, LOCKED, WORKFLOW, DOCUMENTED = "dependency", "locked", "workflow", "documented"
CONDA_ADDRESS = "https://conda.anaconda.org/pytorch/linux-64/pytorch-1.0.1-py3.7_cuda10.0_0.tar.bz2"


@pytest.mark.parametrize(
    ("path", "content", "tier", "expected"),
    [
        ("pixi.toml", "[dependencies]\npytorch = '*'\n[feature.a.dependencies]\njax = 1\n", DECLARED, "pytorch jax"),
        ("pyproject.toml", "[tool.pixi.pypi-dependencies]\ntorch = '*'\n", DECLARED, "pytorch"),
        ("pyproject.toml", "[tool.hatch.envs.gpu]\nextra-dependencies = ['torch>=2']\n", DECLARED, "pytorch"),
        ("pyproject.toml", "[tool.flit.metadata]\nrequires = ['torch']\n", DECLARED, "pytorch"),
        ("pyproject.toml", "[build-system]\nrequires = ['setuptools', 'torch']\n", DECLARED, "pytorch"),
        ("needs/base.txt", "numpy==1.26.0\ntorch==2.1.0\n", DECLARED, "pytorch"),
        ("requirements/gpu.in", "torch\n", DECLARED, "pytorch"),
        ("environments.txt", "tensorflow\nnumpy\n", DECLARED, "tensorflow"),
        ("packages.txt", "torch\n", DECLARED, "pytorch"),
        ("environment.yml", "dependencies: [python, conda-forge::pytorch, {pip: [jax]}]\n", DECLARED, "pytorch jax"),
        ("recipe/meta.yaml", "requirements:\n  host:\n    - pip\n  run:\n    - pytorch >=1.8\n", DECLARED, "pytorch"),
        ("conda_list.txt", f"# platform\n@EXPLICIT\n{CONDA_ADDRESS}\n", DECLARED, "pytorch"),
        ("poetry.lock", '[[package]]\nname = "torch"\nversion = "2.0"\n', LOCKED, "pytorch"),
        ("uv.lock", '[[package]]\nname = "jax"\n', LOCKED, "jax"),
        ("Pipfile.lock", json.dumps({"default": {"torch": {}}}), LOCKED, "pytorch"),
        ("conda-lock.yml", "package:\n- name: pytorch\n  version: 1.0\n", LOCKED, "pytorch"),
        ("Dockerfile", "FROM pytorch/pytorch:2.1-cuda\n", DECLARED, "pytorch"),
        ("Dockerfile", 'FROM ubuntu\nRUN ["pip", "install", "jax"]\n', DECLARED, "jax"),
        ("Dockerfile", "RUN pip install \"torch; python_version>'3'\" jax\n", DECLARED, "pytorch jax"),
        ("a.def", "From: tensorflow/tensorflow:2\n%post\n  pip install torch\n", DECLARED, "tensorflow pytorch"),
        (".github/workflows/test.yml", "steps:\n  - run: pip install torch\n", WORKFLOW, "pytorch"),
        ("tox.ini", "[testenv]\ndeps =\n    numpy\n    py39: torch\n", DECLARED, "pytorch"),
        ("noxfile.py", "def tests(session):\n    session.install('torch', 'pytest')\n", DECLARED, "pytorch"),
        ("Pipfile", "[packages]\nnumpy = '*'\n[gpu]\ntorch = '*'\n", DECLARED, "pytorch"),
        ("run.py", "# /// script\n# dependencies = ['torch', 'rich']\n# ///\nprint(1)\n", DECLARED, "pytorch"),
        ("README.md", "# A\n```\n$ pip install torch numpy\n```\n", DOCUMENTED, "pytorch"),
        ("requirements.gpu.lock", "torch==2.1 --hash=sha256:0\n", LOCKED, "pytorch"),
        ("need/requirements", "torch\n", DECLARED, "pytorch"),
        ("a.R", "py_install(c('numpy',\n 'torch'), envname = 'jax')\n# py_install('jax')\n", DECLARED, "pytorch"),
        ("a.qmd", "---\ntitle: torch\n---\n```{r}\npy_require('jax')\n```\npip install torch\n", DECLARED, "jax"),
        ("a.qmd", "```{bash}\npip install torch\n```\n```\npip install jax\n```\n", DECLARED, "pytorch"),
        ("DESCRIPTION", "Package: a\nImports:\n    torch (>= 0.1),\n    stats\n", DECLARED, "pytorch"),
        ("Project.toml", '[deps]\nTorch = "6a2ea274"\n', DECLARED, "pytorch"),
        ("CMakeLists.txt", "cmake_minimum_required(VERSION 3.0)\nfind_package(Torch REQUIRED)\n", DECLARED, "pytorch"),
        ("package.json", json.dumps({"dependencies": {"@tensorflow/tfjs": "^4"}}), DECLARED, "tensorflow-js"),
        ("Cargo.toml", '[dependencies]\ntch = "0.13"\n', DECLARED, "pytorch"),
        ("setup.py", "R = []\nR += ['torch']\nR.append('jax')\nsetup(install_requires=R)\n", DECLARED, "pytorch jax"),
        ("setup.py", "V = '1.0'\nsetup(install_requires=['torch=={}'.format(V)])\n", DECLARED, "pytorch"),
        ("setup.py", "print 'a'\nsetup(install_requires=['torch>=1', 'six'])\n", DECLARED, "pytorch"),
        ("install.sh", "conda install --channel pytorch faiss-gpu\n", DECLARED, ""),
        ("requirements.txt", "tensorflow-estimator\ntensorflow-datasets\nKeras-Applications==1.0\n", DECLARED, ""),
        ("notes.txt", "We used torch.\nIt went well, and then we stopped.\n", DECLARED, ""),
    ],
)  # fmt: skip
def test_a_kind_of_file_declares_what_it_holds(path, content, tier, expected):
    assert found_in(path, content, tier) == set(expected.split())


@pytest.mark.parametrize(
    "cell",
    [
        "%%time\nimport jax",
        "%%backend torch\nimport jax",
        "%time import jax",
        "%timeit -n 3 import jax",
        "%%a -x\nimport jax",
    ],
)
def test_a_cell_under_a_magic_is_python_where_its_body_is(cell):
    assert found_in("a.ipynb", notebook(cell), "import") == {"jax"}


def test_a_cell_in_another_language_is_no_python():
    assert not found_in("a.ipynb", notebook("%%javascript\nimport jax"), "import")


@pytest.mark.parametrize("name", ["a.qmd", "a.Rmd"])
def test_chunks_of_a_document_are_read_each_in_its_language(name):
    chunks = "```{r setup, echo=FALSE}\nkeras <- import('keras.layers')\n# library(mxnet)\n```\nWe use jax::grad.\n"
    chunks += "```{python}\n#| echo: false\nimport torch\n```\n\n```{python}\nopt = torch.optim.SGD(weights)\n```\n"
    assert found_in(name, chunks, "import") == {"keras", "pytorch"}
    (use,) = [each for each in inspected(name, chunks) if each.rule_id == "pytorch/use/training"]
    assert (use.span, use.place) == ("torch.optim.SGD", "line 12")


def notebook(source):
    return json.dumps({"cells": [{"cell_type": "code", "source": source}], "metadata": {}})


def found_in(path, content, tier):
    return {detection.framework for detection in inspected(path, content) if detection.tier == tier}


def inspected(path, content):
    return inspector().inspect(path, len(content), lambda: BytesIO(content.encode()), is_asked=False).detections
