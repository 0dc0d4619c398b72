"""The cases themselves: the same data everywhere, references that are right, and a comparison that notices."""

import math
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from pipeline.bench import cases
from pipeline.bench.cases.token_networks import TokenNetwork
from pipeline.bench.contract import Case, Laid, moves_from_step, problem_digest
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Operations, Unsupported
from pipeline.bench.plan import registered_frameworks
from pipeline.bench.reference import OPERATIONS, expected, trained
from pipeline.bench.registry import CASES, _in_order, adapter_class, case_named
from pipeline.bench.worker_slot import compare, reference
from pipeline.errors import ContractBroken

EVERY_SIZE = [(case.name, size) for case in CASES for size in case.sizes if not case.is_deep]
RANDOM = np.random.default_rng(3)
IMAGES = RANDOM.standard_normal((2, 6, 8, 3))
KERNELS = RANDOM.standard_normal((3, 3, 3, 4))
ROWS, SCALE, SHIFT = RANDOM.standard_normal((5, 7)), RANDOM.standard_normal(7), RANDOM.standard_normal(7)
HEADS = RANDOM.standard_normal((3, 2, 4, 5, 6))
LABELS = np.array([0, 6, 3, 3, 1])
TOKENS = np.array([[1, 4], [0, 1]])


def naive_convolution(images, kernels, stride):
    """Every window times every kernel, then every stride-th pixel."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.einsum("bhwcij,ijco->bhwo", windows, kernels)[:, ::stride, ::stride]


def naive_pool(images, side):
    edge = side - 2
    padded = np.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0)), constant_values=-1e9)
    return sliding_window_view(padded, (side, side), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2))


def naive_norm(values, axes, scale, shift):
    mean, variance = values.mean(axis=axes, keepdims=True), values.var(axis=axes, keepdims=True)
    return (values - mean) / np.sqrt(variance + 1e-5) * scale + shift


def naive_attention(query, key, value, *, is_causal=False):
    exponents = np.exp(np.einsum("bhqd,bhkd->bhqk", query, key) / math.sqrt(query.shape[-1]))
    if is_causal:
        exponents = np.array([[[row[: i + 1].tolist() + [0] * (len(row) - i - 1) for i, row in enumerate(head)]
                               for head in heads] for heads in exponents])  # fmt: skip
    return np.einsum("bhqk,bhkd->bhqd", exponents / exponents.sum(axis=-1, keepdims=True), value)


def naive_lstm(sequences, input_weights, recurrent_weights, bias):
    units = len(recurrent_weights)

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    found = np.zeros((*sequences.shape[:2], units))
    for row, sequence in enumerate(sequences):
        hidden, cell = np.zeros(units), np.zeros(units)
        for time, now in enumerate(sequence):
            gates = (now @ input_weights + hidden @ recurrent_weights + bias).reshape(4, units)
            cell = sigmoid(gates[1]) * cell + sigmoid(gates[0]) * np.tanh(gates[2])
            hidden = found[row, time] = sigmoid(gates[3]) * np.tanh(cell)
    return found


def naive_cross_entropy(logits, labels):
    exponents = np.exp(logits)
    shares = exponents / exponents.sum(axis=1, keepdims=True)
    return -np.log(shares[np.arange(len(labels)), labels]).mean()


SMALL_LSTM = [RANDOM.standard_normal(shape) for shape in ((2, 4, 3), (3, 8), (2, 8), (8,))]
CHANNELS = [RANDOM.standard_normal(3) for _ in range(3)] + [1 + RANDOM.random(3)]
WORDS = {
    "matmul": ((HEADS[0], HEADS[1].swapaxes(-1, -2)), np.einsum("bhqd,bhkd->bhqk", HEADS[0], HEADS[1])),
    "dense": ((ROWS, SCALE[:, None] * SHIFT, SHIFT), ROWS @ (SCALE[:, None] * SHIFT) + SHIFT),
    "convolution": ((IMAGES, KERNELS, 1), naive_convolution(IMAGES, KERNELS, 1)),
    "convolution by 2": ((IMAGES, KERNELS, 2), naive_convolution(IMAGES, KERNELS, 2)),
    "max_pool": ((IMAGES, 2), naive_pool(IMAGES, 2)),
    "max_pool of 3": ((IMAGES, 3), naive_pool(IMAGES, 3)),
    "mean_pool": ((IMAGES,), IMAGES.reshape(2, 48, 3).mean(axis=1)),
    "batch_norm": ((IMAGES, *CHANNELS[:2]), naive_norm(IMAGES, (0, 1, 2), *CHANNELS[:2])),
    "fixed_norm": (
        (IMAGES, *CHANNELS),
        (IMAGES - CHANNELS[2]) / np.sqrt(CHANNELS[3] + 1e-5) * CHANNELS[0] + CHANNELS[1],
    ),
    "layer_norm": ((ROWS, SCALE, SHIFT), naive_norm(ROWS, -1, SCALE, SHIFT)),
    "relu": ((ROWS,), ROWS * (ROWS > 0)),
    "gelu": ((ROWS,), np.vectorize(lambda each: each * (1 + math.erf(each / math.sqrt(2))) / 2)(ROWS)),
    "tanh": ((ROWS,), np.vectorize(math.tanh)(ROWS)),
    "softmax": ((ROWS,), np.exp(ROWS) / np.exp(ROWS).sum(axis=1, keepdims=True)),
    "attention": (tuple(HEADS), naive_attention(*HEADS)),
    "concatenate": ((HEADS[0], HEADS[1][:, :, :2]), np.concatenate([HEADS[0], HEADS[1][:, :, :2]], axis=2)),
    "highest": ((ROWS,), np.array([[max(range(7), key=row.__getitem__)] for row in ROWS])),
    "rows": ((HEADS[0, 0],), np.concatenate(list(HEADS[0, 0]))),
    "split_heads": ((HEADS[0, 0], 3), np.stack([HEADS[0, 0][..., :2], HEADS[0, 0][..., 2:4], HEADS[0, 0][..., 4:]], 1)),
    "merge_heads": ((HEADS[0],), np.concatenate([HEADS[0][:, head] for head in range(4)], axis=-1)),
    "embedding": ((ROWS, TOKENS), np.stack([[ROWS[1], ROWS[4]], [ROWS[0], ROWS[1]]])),
    "lstm": (tuple(SMALL_LSTM), naive_lstm(*SMALL_LSTM)),
    "recomputed": ((np.tanh, ROWS), np.vectorize(math.tanh)(ROWS)),
    "cross_entropy": ((ROWS, LABELS), naive_cross_entropy(ROWS, LABELS)),
}


def test_every_word_has_a_definition_of_its_own_here():
    assert {name.split()[0] for name in WORDS} == set(vars(OPERATIONS))


def test_words_are_taken_by_their_names_and_one_that_is_left_out_is_unsupported():
    found = Operations(tanh=math.tanh, relu=abs)
    assert (found.tanh(0.5), found.relu(-2)) == (math.tanh(0.5), 2)
    with pytest.raises(Unsupported, match="has no operation gelu"):
        found.gelu(1.0)


@pytest.mark.parametrize("name", WORDS)
def test_the_reference_computes_what_the_word_means(name):
    arguments, right = WORDS[name]
    found = getattr(OPERATIONS, name.split()[0])(*arguments)
    assert found == pytest.approx(right, abs=1e-12)


def test_causal_attention_sees_no_place_behind_its_own():
    assert OPERATIONS.attention(*HEADS, is_causal=True) == pytest.approx(naive_attention(*HEADS, is_causal=True))


# A place and a function have no slope.
@pytest.mark.parametrize("name", sorted(WORDS.keys() - {"highest", "recomputed"}))
def test_the_reference_gradient_is_the_slope(name):
    """Of the result's product with random numbers, along a random direction of all arguments that are weights."""
    arguments, right = WORDS[name]
    word, generator = getattr(OPERATIONS, name.split()[0]), np.random.default_rng(5)
    # Statistics that are given, and whole numbers, have no gradient.
    moved = [place for place, value in enumerate(arguments[:3]) if getattr(value, "dtype", None) == np.float64]
    directions = {place: generator.standard_normal(arguments[place].shape) for place in moved}
    onto = generator.standard_normal(right.shape)

    def total(*values):
        moved_to = dict(zip(moved, values, strict=True))
        return (word(*(moved_to.get(place, value) for place, value in enumerate(arguments))) * onto).sum()

    def along(step):
        return total(*(arguments[place] + step * directions[place] for place in moved))

    gradients = [grad(total, place)(*(arguments[place] for place in moved)) for place in range(len(moved))]
    found = sum((gradient * directions[place]).sum() for place, gradient in zip(moved, gradients, strict=True))
    assert found == pytest.approx((along(1e-6) - along(-1e-6)) / 2e-6, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    "name", ["mlp_training", "cnn_training", pytest.param("transformer_training", marks=pytest.mark.slow)]
)
def test_the_reference_gradients_of_a_whole_network_are_the_slope_of_its_loss(name):
    case = case_named(name)
    problem = case.problem("small", "float64", 7)
    wanted = expected(case, problem)
    generator = np.random.default_rng(1)
    weights = {name: laid.values for name, laid in problem.parameters.items()}
    directions = {name: generator.standard_normal(values.shape) for name, values in weights.items()}

    def loss(step):
        moved = {name: values + step * directions[name] for name, values in weights.items()}
        inputs = {name: laid.values for name, laid in problem.inputs.items()}
        return case.forward(OPERATIONS, {**inputs, **moved})

    assert wanted["loss"] == pytest.approx(loss(0), abs=1e-12)
    slope = sum((wanted[f"gradient of {name}"] * direction).sum() for name, direction in directions.items())
    assert slope == pytest.approx((loss(1e-7) - loss(-1e-7)) / 2e-7, rel=1e-4)


@pytest.mark.parametrize(("name", "size"), EVERY_SIZE)
def test_the_data_is_the_same_at_every_call_and_float32(name, size):
    first, again = (case_named(name).problem(size, "float32", 7) for _ in range(2))
    other = case_named(name).problem(size, "float32", 8)
    assert problem_digest(first) == problem_digest(again) != problem_digest(other)
    kinds = {laid.values.dtype.name for laid in {**first.inputs, **first.parameters}.values()}
    assert kinds <= {"float32", "int64"}
    assert "float32" in kinds


def test_a_language_model_sees_nothing_ahead_and_its_next_token_is_what_reading_all_of_them_gives():
    small, generator = TokenNetwork(vocabulary=11, length=6, width=8, heads=2, layers=2, is_causal=True), RANDOM
    tensors = {name: laid.values for name, laid in small.parameters(generator).items()}
    tensors["tokens"] = generator.integers(0, 11, size=(3, 6))
    kept = []

    def attention(query, key, value, *, is_causal):
        kept.append((key, value))
        return OPERATIONS.attention(query, key, value, is_causal=is_causal)

    whole = small.next_scores(Operations(**vars(OPERATIONS) | {"attention": attention}), tensors)
    past = {
        f"layer {layer} past {kind}": both[place][:, :, :-1]
        for layer, both in enumerate(kept)
        for place, kind in enumerate(("keys", "values"))
    }
    one = replace(small, is_causal=False).next_scores(
        OPERATIONS, {**tensors, **past, "tokens": tensors["tokens"][:, -1:]}
    )
    np.testing.assert_allclose(one, whole, rtol=1e-10)
    later = replace(small, is_causal=True).next_scores(
        OPERATIONS, {**tensors, **past, "tokens": tensors["tokens"][:, -1:]}
    )
    np.testing.assert_allclose(later, whole, rtol=1e-10)
    changed = tensors["tokens"].copy()
    changed[:, -1] = (changed[:, -1] + 1) % 11
    seen, seen_changed = (
        small.all_scores(OPERATIONS, {**tensors, "tokens": tokens}).reshape(3, 6, 11)
        for tokens in (tensors["tokens"], changed)
    )
    np.testing.assert_allclose(seen[:, :-1], seen_changed[:, :-1], rtol=1e-12)
    assert np.abs(seen[:, -1] - seen_changed[:, -1]).max() > 1e-3


def test_generated_text_is_what_reading_all_of_it_anew_for_each_token_gives():
    small, generator = TokenNetwork(vocabulary=11, length=8, width=8, heads=2, layers=2, is_causal=True), RANDOM
    tensors = {name: laid.values for name, laid in small.parameters(generator).items()}
    prompt = generator.integers(0, 11, size=(3, 8))
    made = small.generated(OPERATIONS, {**tensors, "tokens": prompt})
    text = prompt[:, :4]
    for _ in range(4):
        scores = small.next_scores(OPERATIONS, {**tensors, "tokens": text})
        text = np.concatenate([text, scores.argmax(axis=1)[:, None]], axis=1)
    assert made.shape == (3, 1, 4, 1)
    assert made[:, 0, :, 0].tolist() == text[:, 4:].tolist()


def test_the_language_model_has_the_size_that_it_says():
    training = case_named("language_model_training")
    parameters = training.problem("small", "float32", 7).parameters
    assert round(sum(laid.values.size for laid in parameters.values()) / 1e6) == 17  # million
    assert "17 million" in training.workload("small")


def test_sizes_and_cases_do_not_share_data():
    digests = {problem_digest(case_named(name).problem(size, "float32", 7)) for name, size in EVERY_SIZE}
    assert len(digests) == len(EVERY_SIZE)


@given(st.floats(-(2.0**100), 2.0**100, width=32))
def test_sixteen_bits_are_the_nearest_of_their_kind(value):
    from pipeline.bench.contract import _rounded

    given_value = np.array([value], dtype=np.float32)
    found = _rounded(given_value, "bfloat16")
    assert found.view(np.uint32)[0] & 0xFFFF == 0
    assert abs(found[0] - given_value[0]) <= abs(given_value[0]) * 2**-8 + 1e-40


def test_low_precision_is_only_offered_where_a_step_can_be_checked_in_it():
    assert all(case.dtypes == ("float32",) for case in CASES if case.is_training)
    assert all(case.tier(size, "bfloat16") == "full" for case in CASES for size in case.sizes)


def test_every_tier_has_its_cases():
    tiers = [case.tier(size) for case in CASES for size in case.sizes]
    assert {"quick", "default", "full"} == set(tiers)
    assert all(set(case.tiers) <= set(case.sizes) for case in CASES)


def test_the_reference_of_a_training_step_names_every_weight():
    case = case_named("mlp_training")
    wanted, digest = reference("mlp_training", "small", "float32", 7)
    problem = case.problem("small", "float32", 7)
    assert digest == problem_digest(problem)
    assert set(wanted) == {"loss", *(f"gradient of {name}" for name in problem.parameters)}
    assert all(wanted[f"gradient of {name}"].shape == laid.values.shape for name, laid in problem.parameters.items())


@given(off=st.floats(1e-6, 1), place=st.integers(0, 11), rate=st.floats(1e-3, 1))
def test_a_gradient_is_found_again_from_the_weights_before_and_after(off, place, rate):
    before = np.linspace(-1, 1, 12)
    gradient = np.zeros(12)
    gradient[place] = off
    case = replace(case_named("mlp_training"), learning_rate=rate)
    found = moves_from_step(case, {"w": before}, {"w": before - rate * gradient})
    assert found["gradient of w"] == pytest.approx(gradient, abs=1e-9)


def naive_adam(case, problem, steps_count):
    """By Kingma and Ba's Algorithm 1, whose small number is in their other order larger at the start."""
    weights = {name: laid.values.astype("f8") for name, laid in problem.parameters.items()}
    means, squares = (dict.fromkeys(weights, 0.0) for _ in range(2))
    for step in range(1, steps_count + 1):
        moved = replace(problem, parameters={name: Laid(values) for name, values in weights.items()})
        gradients = expected(replace(case, optimiser="gradient descent"), moved)
        for name, weight in weights.items():
            gradient = gradients[f"gradient of {name}"]
            means[name] = 0.9 * means[name] + 0.1 * gradient
            squares[name] = 0.999 * squares[name] + 0.001 * gradient**2
            mean, square = means[name] / (1 - 0.9**step), squares[name] / (1 - 0.999**step)
            weights[name] = weight - 0.001 * mean / (np.sqrt(square) + 1e-7 / np.sqrt(1 - 0.999**step))
    return weights


@pytest.mark.parametrize("steps_count", [1, 4])
def test_adam_is_what_its_authors_say_at_the_first_step_and_after_several(steps_count):
    case = case_named("mlp_adam_training")
    problem = case.problem("small", "float64", 7)
    loss, after = trained(case, problem, [problem.inputs] * steps_count)
    right = naive_adam(case, problem, steps_count)
    assert after.keys() == problem.parameters.keys() == right.keys()
    for name, values in right.items():
        moved, wanted = (each - problem.parameters[name].values for each in (after[name], values))
        np.testing.assert_allclose(moved, wanted, rtol=1e-6, atol=1e-12)
    if steps_count == 1:
        wanted, _ = reference("mlp_adam_training", "small", "float64", 7)
        assert set(wanted) == {"loss", *(f"update of {name}" for name in problem.parameters)}
        assert wanted["loss"] == loss
        assert compare({"loss": loss, **moves_from_step(case, weights_of(problem), right)}, wanted, 1e-6).agrees
        assert np.abs(wanted["update of class bias"]).max() == pytest.approx(1, abs=0.01), "a learning rate at most"


def weights_of(problem):
    return {name: laid.values for name, laid in problem.parameters.items()}


def test_plain_descent_is_not_taken_for_adam():
    case = case_named("mlp_adam_training")
    problem = case.problem("small", "float64", 7)
    _, descended = trained(replace(case, optimiser="gradient descent"), problem, [problem.inputs])
    assert not compare(
        {"loss": expected(case, problem)["loss"], **moves_from_step(case, weights_of(problem), descended)},
        expected(case, problem),
        case.tolerances["float32"],
    ).agrees


@given(st.floats(1e-4, 10), st.floats(0, 0.01))
def test_the_error_is_relative_to_the_largest_value(scale, off):
    expected = {"output": scale * np.array([1.0, -4.0, 2.0])}
    found = {"output": expected["output"] + off * 4 * scale * np.array([0, 0, 1])}
    assert compare(found, expected, 1e-3).relative_error == pytest.approx(off, abs=1e-12)


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"output": np.ones((2, 1))},
        {"output": np.array([1.0, np.nan])},
        {"output": np.array([1.0, np.inf])},
    ],
)
def test_what_cannot_be_compared_never_agrees(found):
    agreement = compare(found, {"output": np.ones(2)}, 1.0)
    assert agreement.relative_error == float("inf")
    assert not agreement.agrees


def test_a_gradient_is_compared_as_a_whole():
    gradient = np.array([3.0, 4.0, 0.0])
    found = compare({"gradient of w": gradient + np.array([0, 0, 0.5])}, {"gradient of w": gradient}, 0.01)
    assert found.relative_error == pytest.approx(0.1)
    assert found.sentence == "`gradient of w` is off by 0.1 of the reference's length; 0.01 is allowed"


def test_the_worst_output_is_named():
    agreement = compare(
        {"loss": np.array(1.0), "gradient": np.array([1.2])},
        {
            "loss": np.array(1.0),
            "gradient": np.array([1.0]),
        },
        1e-3,
    )
    assert agreement.sentence == "`gradient` is off by 0.2 of the reference's largest value; 0.001 is allowed"


def test_an_unknown_case_or_adapter_names_the_registry():
    with pytest.raises(ContractBroken, match="no benchmark case sorting; register it"):
        case_named("sorting")
    with pytest.raises(ContractBroken, match="is no framework adapter"):
        adapter_class("pipeline.bench.contract:Case")


def test_every_adapter_can_be_looked_up_without_its_framework(monkeypatch):
    import sys

    for package in ("torch", "tensorflow", "jax", "keras", "tinygrad"):
        monkeypatch.setitem(sys.modules, package, None)  # importing it now fails
    entries = registered_frameworks()
    assert len({adapter_class(entry.adapter) for entry in entries}) == len(entries)


def test_a_case_in_a_file_of_its_own_is_found_by_its_entry(tmp_path, monkeypatch):
    (tmp_path / "own_cases").mkdir()
    (tmp_path / "own_cases" / "__init__.py").touch()
    text = (
        "import dataclasses\nfrom pipeline.bench.registry import CASES\nOWN = dataclasses.replace(CASES[0], name='own')"
    )
    (tmp_path / "own_cases" / "further.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert [case.name for case in _in_order(Case, ["own"], import_module("own_cases"))] == ["own"]


def test_an_entry_without_a_case_and_a_case_without_an_entry_are_named():
    with pytest.raises(ContractBroken, match=r"entries\.toml names made_up, which no file of .*cases holds"):
        _in_order(Case, ["matmul", "made_up"], cases)
    with pytest.raises(ContractBroken, match=r"made_up has no entry in entries\.toml"):
        entry_of("case", "made_up")
