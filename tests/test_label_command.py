"""`observatory label` and `observatory audit --corpus` as people meet them, on papers made on the spot."""

import json
import re
from pathlib import Path

import pytest
from test_cli import assert_told, run

PAPERS_COUNT = 60


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Sixty papers: a third names PyTorch, some only cite it, and every tenth silent one uses JAX without a word."""
    folder = tmp_path_factory.mktemp("corpus") / "papers"
    folder.mkdir()
    for number in range(PAPERS_COUNT):
        text = "We study the convergence of a learning algorithm.\n"
        if number % 3 == 0:
            text += "All models were implemented in PyTorch.\n"
        elif number % 10 == 1:
            text += "\nReferences\n\n[1] Paszke et al. PyTorch: an imperative style library. 2019.\n"
        (folder / f"p{number:02}.txt").write_text(text)
    return folder


def truth_of(subject: str) -> str:
    number = int(re.search(r"p(\d+)", subject)[1])
    return "pytorch" if number % 3 == 0 else "jax" if number % 10 == 5 else "none"


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.slow
def test_draw_label_in_two_sittings_and_audit(corpus, tmp_path):
    home, labels = tmp_path / "home", tmp_path / "labels.jsonl"
    typed = "?\nfluxcapacitor\n\nnone\nPyTorch\nb\nu\nq\n"
    listed = tmp_path / "metadata.csv"
    rows = [f"p{number:02}.txt,{2020 + number % 2}" for number in range(PAPERS_COUNT)]
    listed.write_text("path,year\n" + "\n".join(rows) + "\n")
    corpus_words = (str(corpus), "--subjects", str(listed))
    begun = run("label", *corpus_words, "--to", str(labels), "--sample", "40", home=home, input=typed)
    assert begun.returncode == 0, begun.stderr
    assert "40 of 60 subjects drawn: 19 of 20 found, 4 of 4 in doubt, 17 of 36 silent" in begun.stdout
    assert "fluxcapacitor is no framework" in begun.stdout
    assert "1 labelled, 1 unsure, 38 open" in begun.stdout
    first, second, *rest = lines_of(labels)
    assert (first["uses"], second["is_unsure"], "uses" in second) == ([], True, False)
    assert all(0 < line["probability"] <= 1 and Path(line["at"]).is_file() for line in rest)
    doubtful = [line for line in lines_of(labels) if line["stratum"] == "in doubt"]
    assert any("not counted" in hint for line in doubtful for hint in line["hints"])

    typed = "".join(f"{truth_of(line['subject'])}\n" for line in rest)
    ended = run("label", "--to", str(labels), home=home, input=typed)
    assert "39 labelled, 1 unsure, 0 open" in ended.stdout
    assert f"observatory audit {labels} --corpus" in ended.stdout
    again = run("label", *corpus_words, "--to", str(labels), home=home).stdout
    assert f"Next: observatory audit {labels} --corpus {corpus} --subjects {listed}" in again

    audited = run("audit", str(labels), "--corpus", *corpus_words, home=home)
    assert audited.returncode == 0, audited.stderr
    assert "ICML" not in audited.stdout, "only what the given labels tell"
    assert "labels corpus: 39 labelled of 60 subjects that could be read; 1 unsure, 0 open" in audited.stdout
    assert "labels corpus, mention: labelled and unlabelled alike? no difference shown" in audited.stdout
    traits = run("query", "select trait from label_balance where tier = 'mention' and label_set like 'labels%'",
                 "--format", "csv", home=home).stdout  # fmt: skip
    assert {"year 2020", "year 2021", "nothing detected", "pytorch detected"} <= set(traits.splitlines())
    (line,) = re.findall(r"labels corpus, mention, jax, use among subjects: raw 0.000 .*", audited.stdout)
    share, low, high = map(float, re.search(r"stratified PPI\+\+ ([\d.]+) \[([\d.]+), ([\d.]+)\]", line).groups())
    assert low < 4 / 60 < high
    assert share > 0

    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"subject": "papers/p99.txt", "uses": []}\n')
    assert_told(run("audit", str(labels), home=home), 2, "--corpus")
    assert_told(run("audit", str(strange), "--corpus", str(corpus), home=home), 2, "does not have (papers/p99.txt)")


@pytest.mark.slow
def test_stopping_keeps_what_was_answered_and_draws_the_same_again(corpus, tmp_path):
    drawn = []
    for name in ("one", "two"):
        labels = tmp_path / f"{name}.jsonl"
        ended = run(
            *("label", str(corpus), "--to", str(labels), "--sample", "12"), home=tmp_path / "home", input="none\n"
        )
        assert "1 labelled, 0 unsure" in ended.stdout
        assert "The same command goes on where you stopped." in ended.stdout
        drawn.append([line["subject"] for line in lines_of(labels)])
    assert drawn[0] == drawn[1]


def test_what_cannot_be_labelled_is_one_sentence(tmp_path):
    assert_told(run("label", "--to", str(tmp_path / "x.jsonl"), home=tmp_path), 2, "Give the corpus to draw from")
    (tmp_path / "empty.jsonl").touch()
    assert_told(run("label", "--to", str(tmp_path / "empty.jsonl"), home=tmp_path), 2, "Give the corpus to draw from")
    odd = tmp_path / "odd.jsonl"
    odd.write_text('{"subject": "a", "probability": 2}\n')
    assert_told(run("label", "--to", str(odd), home=tmp_path), 2, "line 1 is no labelled subject", "probability")
