"""The cases themselves: the same data everywhere, references that are right, and a comparison that notices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.bench.base import Operations, gradients_from_step, make_problem, problem_digest
from pipeline.bench.compare import compare, reference
from pipeline.bench.registry import CASES, FRAMEWORKS, adapter_class, case_named
from pipeline.errors import ContractBroken

EVERY_SIZE = [(case.name, size) for case in CASES for size in case.sizes]


def shifted(images, row, column):
    """The images moved so that a pixel holds its neighbour at (row, column); zeros come in from outside."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = images.shape[1:3]
    return padded[:, 1 + row : 1 + row + height, 1 + column : 1 + column + width]


def convolution(images, kernels):
    """Sum over the nine places of a kernel, written unlike the reference on purpose."""
    return sum(shifted(images, i - 1, j - 1) @ kernels[i, j] for i in range(3) for j in range(3))


def cross_entropy(logits, labels):
    exponents = np.exp(logits)
    shares = exponents / exponents.sum(axis=1, keepdims=True)
    return -np.log(shares[np.arange(len(labels)), labels]).mean()


FLOAT64 = Operations(
    matmul=lambda left, right: np.einsum("ij,jk->ik", left, right),
    convolution=convolution,
    dense=lambda rows, weights, bias: rows @ weights + bias,
    relu=lambda values: values * (values > 0),
    cross_entropy=cross_entropy,
)


def tensors_of(problem):
    return {name: laid.values for name, laid in {**problem.inputs, **problem.parameters}.items()}


@pytest.mark.parametrize(("name", "size"), EVERY_SIZE)
def test_the_data_is_the_same_at_every_call_and_float32(name, size):
    first, again = (make_problem(case_named(name), size, "float32", 7) for _ in range(2))
    other = make_problem(case_named(name), size, "float32", 8)
    assert problem_digest(first) == problem_digest(again) != problem_digest(other)
    kinds = {values.dtype.name for values in tensors_of(first).values()}
    assert kinds <= {"float32", "int64"}
    assert "float32" in kinds


def test_sizes_and_cases_do_not_share_data():
    digests = {problem_digest(make_problem(case_named(name), size, "float32", 7)) for name, size in EVERY_SIZE}
    assert len(digests) == len(EVERY_SIZE)


@pytest.mark.parametrize("name", [case.name for case in CASES if not case.is_training])
def test_the_reference_is_what_the_case_says_it_computes(name):
    case = case_named(name)
    problem = make_problem(case, "small", "float64", 7)
    assert case.reference(problem)["output"] == pytest.approx(case.forward(FLOAT64, tensors_of(problem)), abs=1e-10)


def test_the_reference_loss_and_gradients_are_those_of_the_loss():
    case = case_named("mlp_training")
    problem = make_problem(case, "small", "float64", 7)
    expected = case.reference(problem)
    tensors = tensors_of(problem)
    assert expected["loss"] == pytest.approx(case.forward(FLOAT64, tensors), abs=1e-12)
    generator = np.random.default_rng(1)
    for name in problem.parameters:
        gradient = expected[f"gradient of {name}"]
        assert gradient.shape == tensors[name].shape
        direction = generator.standard_normal(gradient.shape)
        ahead, behind = (
            case.forward(FLOAT64, {**tensors, name: tensors[name] + step * direction}) for step in (1e-6, -1e-6)
        )
        assert (gradient * direction).sum() == pytest.approx((ahead - behind) / 2e-6, rel=1e-4)


@pytest.mark.parametrize(("name", "size"), [pair for pair in EVERY_SIZE if not case_named(pair[0]).is_training])
def test_float32_arithmetic_is_well_within_the_tolerance(name, size):
    """Else a right framework could be called wrong."""
    case = case_named(name)
    problem = make_problem(case, size, "float32", 7)
    expected, digest = reference(name, size, "float32", 7)
    found = compare({"output": case.forward(FLOAT64, tensors_of(problem))}, expected, case.tolerances["float32"])
    assert digest == problem_digest(problem)
    assert found.relative_error < case.tolerances["float32"] / 10


@given(off=st.floats(1e-6, 1), place=st.integers(0, 11), rate=st.floats(1e-3, 1))
def test_a_gradient_is_found_again_from_the_weights_before_and_after(off, place, rate):
    before = np.linspace(-1, 1, 12)
    gradient = np.zeros(12)
    gradient[place] = off
    found = gradients_from_step({"w": before}, {"w": before - rate * gradient}, rate)
    assert found["gradient of w"] == pytest.approx(gradient, abs=1e-9)


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
        adapter_class("pipeline.bench.base:Case")


def test_every_adapter_can_be_looked_up_without_its_framework(monkeypatch):
    import sys

    for package in ("torch", "tensorflow", "jax"):
        monkeypatch.setitem(sys.modules, package, None)  # importing it now fails
    for entry in FRAMEWORKS:
        assert adapter_class(entry.adapter).name == entry.name
