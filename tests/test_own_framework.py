"""What a repository's own code is written in: imports that are no use, copied code, conversions, two at once, none."""

import csv
import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest
from detector import REFERENCE, inspector, rules

from pipeline.detect.code.own_framework import FileUse, own_frameworks, uses_of_file
from pipeline.jobs.scan import local_scanner, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings

GOLDEN = Path(__file__).parent / "golden"
SCANNER = local_scanner(1, 30.0)
MODEL = "from torch import nn\nclass Net(nn.Module):\n    pass\n"
TRAIN = "import torch\nfrom model import Net\noptimizer = torch.optim.SGD(Net().parameters(), lr=0.1)\n"
WRITER = "import tensorflow as tf\nwriter = tf.summary.FileWriter('logs')\n"
RECORDS = "import tensorflow as tf\nfor item in tf.data.TFRecordDataset(paths):\n    frame = tf.train.Example()\n"
GRAPH = (
    "import tensorflow as tf\nx = tf.layers.dense(x, 10)\nstep = tf.train.AdamOptimizer(0.1).minimize(x)\nprint 'a'\n"
)
FLAX = (
    "import jax\nfrom flax import linen as nn\nimport optax\nclass Net(nn.Module):\n    pass\n"
    "step = jax.jit(jax.grad(loss))\ntx = optax.adam(0.1)\n"
)
PIPELINE = (
    "import tensorflow as tf\ndef load(x):\n    return tf.data.Dataset.from_tensor_slices(tf.cast(x, tf.float32))\n"
)
LOSS = "import tensorflow as tf\nloss = tf.nn.sigmoid_cross_entropy_with_logits(a, b)\n"
CELLS = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "source": "import jax\nfrom flax import linen as nn\nfrom torch.utils import data"},
            {"cell_type": "markdown", "source": "The *model*\nand its loss"},
            {"cell_type": "code", "source": ["%%time\n", "class Net(nn.Module):\n", "    pass\n"]},
            {"cell_type": "code", "source": "step = jax.grad(loss)\nloader = data.DataLoader(items)"},
        ],
        "metadata": {},
    }
)
KERAS = "from keras.models import Sequential\nfrom keras.layers import Dense\nmodel = Sequential([Dense(2)])\n"
MANY_MODELS = {f"nets/m{n}.py": MODEL + TRAIN for n in range(9)}
COPIED_FLAX = {f"src/transformers/models/m{n}/modeling_flax_m{n}.py": FLAX for n in range(6)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"model.py": MODEL, "train.py": TRAIN}, {"pytorch"}),
        ({"model.py": MODEL, "train.py": TRAIN, "logs/writer.py": WRITER}, {"pytorch"}),
        ({"model.py": MODEL, "data/waymo_reader.py": RECORDS, "records.py": RECORDS}, {"pytorch"}),
        ({"model.py": MODEL, **COPIED_FLAX}, {"pytorch"}),
        ({"model.py": MODEL, "convert_tf_checkpoint_to_pytorch.py": GRAPH}, {"pytorch"}),
        ({"model.py": MODEL, "third_party/net.py": GRAPH, "external/b/net.py": GRAPH}, {"pytorch"}),
        ({"model.py": FLAX, "input_pipeline.py": PIPELINE}, {"jax", "flax"}),
        ({"old.py": GRAPH}, {"tensorflow"}),
        ({"net.py": KERAS}, {"keras"}),
        (
            {"net.py": GRAPH, "net_b.py": GRAPH, "torch/model.py": MODEL, "torch/train.py": TRAIN},
            {"tensorflow", "pytorch"},
        ),
        ({"src/fairseq/model.py": MODEL}, {"pytorch"}),
        ({"agent.py": "import openai\n", "src/langchain/loaders/audio.py": "import torch\ntorch.ones(2)\n"}, set()),
        ({"model.py": MODEL, "train.py": TRAIN, "util/tensorflow/loss.py": LOSS}, {"pytorch"}),
        (
            {**{f"nets/m{n}.py": MODEL + TRAIN for n in range(9)}, "tf_baseline/net.py": GRAPH},
            {"pytorch", "tensorflow"},
        ),
        ({**MANY_MODELS, "nets/net.py": GRAPH}, {"pytorch"}),
        ({"run.ipynb": CELLS}, {"jax", "flax"}),
        ({"net.lua": "require 'nn'\n"}, {"torch7"}),
        ({"a.py": "import numpy\n"}, set()),
        ({"a.py": "from sklearn.svm import SVC\nmodel = SVC()\n"}, set()),
        ({"write.py": WRITER}, {"tensorflow"}),
    ],
)
def test_the_own_framework_is_what_models_are_defined_and_trained_in(files, expected):
    answer = answered(files)
    assert {item.framework for item in answer.frameworks} == expected
    assert answer.state == ("none" if not expected else "one" if len(expected) == 1 else "several")


@pytest.mark.parametrize("lot", ["tuned on", "unseen"])
def test_the_answers_for_real_repositories_are_those_of_people_who_read_them(lot):
    # What the detector saw in each file, by path, is kept; what follows from it is told anew.
    uses: dict[str, list[FileUse]] = {name: [] for name in read_by_hand(lot)}
    with gzip.open(GOLDEN / "own_framework_uses.csv.gz", "rt") as stream:
        for row in csv.DictReader(stream):
            if row["repository"] in uses:
                uses[row["repository"]].append(FileUse(row["path"], row["framework"], row["role"], "?", "line 1"))
    assert len(uses) >= 60
    wrong = [name for name, known in read_by_hand(lot).items() if known != families_of(uses[name])]
    assert 1 - len(wrong) / len(uses) >= 0.95, wrong


def read_by_hand(lot):
    with (REFERENCE / "own_framework_truth.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["lot"].startswith(lot)]
    return {row["repository"]: set(row["own_framework"].split(";")) - {"none"} for row in rows}


def families_of(uses):
    """The frameworks of a decided answer, front ends and libraries counted as what they are built on."""
    answer = own_frameworks(uses, rules())
    built_on = {"keras": "tensorflow", "flax": "jax", "pytorch-lightning": "pytorch", "transformers": "pytorch"}
    return {built_on.get(each.framework, each.framework) for each in answer.frameworks if answer.state != "undecided"}


def test_two_that_only_compute_are_undecided():
    answer = answered(
        {"a.py": "import torch\nx = torch.ones(2)\n", "b.py": "import jax.numpy as jnp\nx = jnp.ones(2)\n"}
    )
    assert answer.state == "undecided"
    assert {item.framework for item in answer.frameworks} == {"pytorch", "jax"}


def test_the_evidence_is_the_heaviest_use_first():
    (item,) = answered({"train.py": TRAIN, "nets/model.py": MODEL}).frameworks
    assert (item.share_fraction, item.files_count) == (1, 2)
    assert [(use.path, use.span, use.place) for use in item.uses][:2] == [
        ("train.py", "torch.optim.SGD", "line 3"),
        ("nets/model.py", "torch.nn.Module", "line 2"),
    ]


def test_the_scan_stores_answers_and_replaces_them(warehouse, tmp_path):
    for number in range(3):
        folder = tmp_path / "corpus" / f"repository{number}"
        folder.mkdir(parents=True)
        # What many repositories hold alike is nobody's own.
        (folder / "helper.py").write_text(GRAPH * 3)
        (folder / "model.py").write_text(MODEL + f"# {number}\n")
    (tmp_path / "corpus" / "repository2" / "helper.py").write_text("import numpy\n")
    (tmp_path / "corpus" / "repository2" / "model.py").write_text("import numpy as np\n")
    assert scanned(warehouse, tmp_path) == [
        ("corpus/repository0", "several", "pytorch", "model.py", "torch.nn.Module", True),
        ("corpus/repository0", "several", "tensorflow", "helper.py", "tensorflow.layers.dense", True),
        ("corpus/repository1", "several", "pytorch", "model.py", "torch.nn.Module", True),
        ("corpus/repository1", "several", "tensorflow", "helper.py", "tensorflow.layers.dense", True),
        ("corpus/repository2", "none", "none", "helper.py", "none", True),
    ]
    source = tmp_path / "corpus" / "repository0" / "helper.py"
    (tmp_path / "corpus" / "repository2" / "helper.py").write_bytes(source.read_bytes())
    (tmp_path / "corpus" / "repository2" / "model.py").write_text(MODEL)
    assert [row[:3] for row in scanned(warehouse, tmp_path)] == [
        (f"corpus/repository{number}", "one", "pytorch") for number in range(3)
    ]


def scanned(warehouse, tmp_path):
    settings = Settings(home=tmp_path / "home")
    scan_into(warehouse, lambda: WhatToScan(paths=(tmp_path / "corpus",)).units(settings), [rules()], SCANNER)
    return warehouse.execute(
        "select subject_id, state, framework, path, evidence.span, is_counted from evidence "
        "join core.own_framework using (subject_id, framework, path) where tier = 'own' order by all"
    ).fetchall()


def answered(files):
    uses = []
    for path, content in files.items():
        result = inspector().inspect(path, len(content), lambda text=content: BytesIO(text.encode()), is_asked=False)
        uses += uses_of_file(path, result.detections)
    return own_frameworks(uses, rules())
