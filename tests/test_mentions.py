"""Mentions in a stream: the same wherever it is cut, at their right places, in bounded memory."""

import tracemalloc
from itertools import pairwise

import pytest
from detector import finder
from hypothesis import given
from hypothesis import strategies as st

from pipeline.detect.text import mentions

SENTENCES = [
    "We use PyTorch 1.9 for training. ",
    "Unlike TensorFlow, our engine is lazy. ",
    "Der Brenner (torch) brennt. Ünïcödé — 日本語のテキスト。 ",
    "the Tensor-\nFlow library\n",
    "\nReferences\n[1] A. Paszke. Nothing of note. 2019.\n[2] Keras, a book. 2017.\n",
    "\nAppendix A\nAll runs used JAX on TPUs.\n",
    "A paragraph without any name at all, " * 6 + "\n\n",
    "我们使用飞桨 PaddlePaddle 实现。",
]


def test_positions_count_characters_and_lines():
    text = "Ünï\nWe use PyTorch\r\nand the Tensor-\nFlow library; 日本 JAX is next."
    found = finder().find(text)
    assert [(item.framework, text[item.start : item.end], item.line) for item in found] == [
        ("pytorch", "PyTorch", 2),
        ("tensorflow", "Tensor-\nFlow", 3),
        ("jax", "JAX", 4),
    ]
    assert all(text[item.start : item.end] == item.span for item in found)


@given(st.lists(st.sampled_from(SENTENCES), max_size=60), st.integers(1, 700))
def test_a_text_may_be_cut_anywhere(parts, piece_bytes):
    text = "".join(parts)
    data = text.encode()
    pieces = [data[start : start + piece_bytes] for start in range(0, len(data), piece_bytes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mentions, "PIECE_BYTES", 900)
        assert list(finder().stream(pieces)) == finder().find(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_read_without_error(text):
    found = finder().find(text)
    assert all(text[item.start : item.end] == item.span for item in found)
    assert all(first.start <= second.start for first, second in pairwise(found))


def test_memory_does_not_grow_with_a_line(monkeypatch):
    monkeypatch.setattr(mentions, "PIECE_BYTES", 1 << 20)

    def pieces(count):
        for _ in range(count):
            yield b"x " * 50_000 + b" We use PyTorch here. "

    def peak(count):
        tracemalloc.start()
        found = sum(1 for _ in finder().stream(pieces(count)))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, used

    few, used_by_few = peak(60)
    many, used_by_many = peak(600)
    assert (few, many) == (60, 600)
    assert used_by_many < used_by_few * 1.5


def test_the_list_of_references_starts_and_ends():
    text = (
        "We use PyTorch.\n\n7 References\n\n[1] TensorFlow is cited.\n\nA Appendix\n\nJAX ran on TPUs.\n"
        "The references of Theano are counted in code.\n"
    )
    assert [(item.framework, item.section) for item in finder().find(text)] == [
        ("pytorch", "body"),
        ("tensorflow", "bibliography"),
        ("jax", "body"),
        ("theano", "body"),
    ]


def test_one_name_may_stand_for_several_frameworks():
    found = {item.framework: item.rule_id for item in finder().find("Training uses PyTorch Lightning.")}
    assert set(found) == {"pytorch", "pytorch-lightning"}


def test_what_implies_a_framework_says_so():
    (mention,) = finder().find("We extend fairseq.")
    assert mention.rule_id == "pytorch/implied/fairseq"


@pytest.mark.parametrize(
    ("text", "stances"),
    [
        ("TensorFlow and Keras are not required.", {"tensorflow": "negated", "keras": "negated"}),
        ("No framework (TensorFlow, PyTorch) was used.", {"tensorflow": "negated", "pytorch": "negated"}),
        ("We use PyTorch and TensorFlow is not required.", {"pytorch": "plain", "tensorflow": "negated"}),
        ("It was not written in Keras, because at the time Keras had no such layer.", {"keras": "negated"}),
        ("A base class in the spirit of PyTorch's nn.Module is given.", {"pytorch": "likeness"}),
        ("Our code is inspired by the PyTorch implementation of [3].", {"pytorch": "plain"}),
        ("Without PyTorch, this would not have been possible.", {"pytorch": "plain"}),
    ],
)
def test_names_in_one_sentence_share_what_is_said_of_them(text, stances):
    mentions_found = finder().find(text)
    assert {item.framework: item.negation for item in mentions_found} == stances
    assert all(item.negation == stances[item.framework] for item in mentions_found)


def test_a_mail_address_names_no_framework_but_a_pinned_source_does():
    assert finder().find("Write to pytorch-help@uni.example or jax.keras@uni.example.") == []
    assert {item.framework for item in finder().find("pip install mxnet@git+https://example.org/x")} == {"mxnet"}


@pytest.mark.parametrize(
    "entry",
    [
        "F. Chollet et al., Keras, https://github.com/fchollet/keras (2015).",
        "François Chollet. 2015. Keras. https://github.com/fchollet/keras.",
        "12. Chollet F. Keras. 2015. Available from: https://keras.io",
        "@misc{chollet2015keras,\n  title={Keras},\n  howpublished={\\url{https://keras.io}},\n}",
    ],
)
def test_an_entry_of_the_references_is_known_without_their_heading(entry):
    assert {item.section for item in finder().find(f"We cite this.\n{entry}\nAnd go on.")} == {"bibliography"}
