"""The two lists of the benchmarks: what is computed, and which frameworks compute it."""

from dataclasses import dataclass
from importlib import import_module

from pipeline.bench.cases.attention import Attention
from pipeline.bench.cases.cnn_inference import CnnInference
from pipeline.bench.cases.cnn_training import CnnTraining
from pipeline.bench.cases.convolution import Convolution
from pipeline.bench.cases.copy import Copy
from pipeline.bench.cases.elementwise import Elementwise
from pipeline.bench.cases.embedding import Embedding
from pipeline.bench.cases.layer_norm import LayerNorm
from pipeline.bench.cases.lstm import Lstm
from pipeline.bench.cases.matmul import Matmul
from pipeline.bench.cases.mlp_inference import MlpInference
from pipeline.bench.cases.mlp_training import MlpTraining
from pipeline.bench.cases.resnet50_inference import ResnetInference
from pipeline.bench.cases.resnet50_training import ResnetTraining
from pipeline.bench.cases.softmax import Softmax
from pipeline.bench.cases.transformer_inference import TransformerInference
from pipeline.bench.cases.transformer_training import TransformerTraining
from pipeline.bench.contract import Case, Framework, Tier
from pipeline.errors import ContractBroken

CASES: tuple[Case, ...] = (
    Matmul(),
    Convolution(),
    Copy(),
    Elementwise(),
    Softmax(),
    LayerNorm(),
    Attention(),
    Embedding(),
    Lstm(),
    MlpInference(),
    MlpTraining(),
    CnnInference(),
    CnnTraining(),
    TransformerInference(),
    TransformerTraining(),
    ResnetInference(),
    ResnetTraining(),
)


@dataclass(frozen=True, kw_only=True)
class FrameworkEntry:
    """A framework and where its adapter is; the adapter's module imports no framework by itself."""

    name: str
    title: str
    adapter: str
    """`module:class`."""
    tier: Tier = "default"
    """The shortest kind of run that measures it unasked."""


FRAMEWORKS: tuple[FrameworkEntry, ...] = (
    FrameworkEntry(name="pytorch", title="PyTorch", adapter="pipeline.bench.frameworks.pytorch:PyTorch"),
    FrameworkEntry(name="tensorflow", title="TensorFlow", adapter="pipeline.bench.frameworks.tensorflow:TensorFlow"),
    FrameworkEntry(name="jax", title="JAX", adapter="pipeline.bench.frameworks.jax:Jax"),
    FrameworkEntry(
        name="keras_tensorflow",
        title="Keras on TensorFlow",
        adapter="pipeline.bench.frameworks.keras:KerasOnTensorFlow",
        tier="full",
    ),
    FrameworkEntry(
        name="keras_pytorch",
        title="Keras on PyTorch",
        adapter="pipeline.bench.frameworks.keras:KerasOnPyTorch",
        tier="full",
    ),
    FrameworkEntry(
        name="keras_jax", title="Keras on JAX", adapter="pipeline.bench.frameworks.keras:KerasOnJax", tier="full"
    ),
)
REFERENCE_FRAMEWORK = "pytorch"


def case_named(name: str) -> Case:
    """Return the registered case.

    Raises:
        ContractBroken: there is none of that name.
    """
    for case in CASES:
        if case.name == name:
            return case
    raise ContractBroken(f"there is no benchmark case {name}; register it in pipeline/bench/registry.py.")


def adapter_class(address: str) -> type[Framework]:
    """Return the adapter at `module:class`.

    Raises:
        ContractBroken: there is none.
    """
    module, _, name = address.partition(":")
    found = getattr(import_module(module), name, None)
    if not (isinstance(found, type) and issubclass(found, Framework)):
        raise ContractBroken(f"{address} is no framework adapter; mend its entry in pipeline/bench/registry.py.")
    return found
