"""The list of the cases, and the adapters by their addresses."""

from importlib import import_module

from pipeline.bench.cases.attention import Attention
from pipeline.bench.cases.cnn import CnnInference, CnnTraining
from pipeline.bench.cases.convolution import Convolution
from pipeline.bench.cases.copy import Copy
from pipeline.bench.cases.elementwise import Elementwise
from pipeline.bench.cases.embedding import Embedding
from pipeline.bench.cases.layer_norm import LayerNorm
from pipeline.bench.cases.lstm import Lstm
from pipeline.bench.cases.matmul import Matmul
from pipeline.bench.cases.mlp import MlpInference, MlpTraining
from pipeline.bench.cases.resnet50 import ResnetInference, ResnetTraining
from pipeline.bench.cases.softmax import Softmax
from pipeline.bench.cases.transformer import TransformerInference, TransformerTraining
from pipeline.bench.contract import Case, Framework
from pipeline.errors import ContractBroken

CASES: tuple[Case, ...] = (
    Matmul(),
    MlpInference(),
    Convolution(),
    MlpTraining(),
    Copy(),
    Elementwise(),
    Softmax(),
    LayerNorm(),
    Attention(),
    Embedding(),
    Lstm(),
    CnnInference(),
    CnnTraining(),
    TransformerInference(),
    TransformerTraining(),
    ResnetInference(),
    ResnetTraining(),
)
"""From the cheapest to compile to the dearest, so that what does not fit into a run's time is the dearest."""


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
        raise ContractBroken(f"{address} is no framework adapter; mend its entry in data/reference/frameworks.")
    return found
