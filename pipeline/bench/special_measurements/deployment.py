"""What it takes to ship a network: whether it leaves its framework, how large it is, how it answers from its file.

One child exports; another, fresh one loads the file, asks it and times the answers. `serving.py` puts it behind HTTP.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.bench import system_load
from pipeline.bench.array_framework import ArrayFramework
from pipeline.bench.cases.image_networks import CNN_INFERENCE
from pipeline.bench.cases.token_networks import TRANSFORMER_INFERENCE
from pipeline.bench.contract import Laid, Problem
from pipeline.bench.operations import Unsupported
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools, Values

Answer = Callable[[NDArray[np.generic]], object]
Part = Callable[[SpecialTools, str, str], Values]
"""What one child does, given its tools, the network and the format."""
NETWORKS = {"CNN": CNN_INFERENCE, "transformer": TRANSFORMER_INFERENCE}
_SIZE = "small"
ASKED = "; ".join(f"{network}: {case.workload(_SIZE)}" for network, case in NETWORKS.items())
_QUESTIONS, _ANSWERS, _PERCENTILES = 32, 1000, (50, 95, 99)
_FILE = "model.pt2"  # one of the exporters insists on this ending
_INSTALL = "; `pip install 'framework-observatory[deploy]'` brings it"


def _onnx(runtime: Any, path: str) -> Answer:  # noqa: ANN401 — a module
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda asked: session.run(None, {name: asked})[0]


def _litert(runtime: Any, path: str) -> Answer:  # noqa: ANN401 — a module
    interpreter = runtime.Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()
    (entering,), (leaving,) = interpreter.get_input_details(), interpreter.get_output_details()

    def answer(asked: NDArray[np.generic]) -> object:
        interpreter.set_tensor(entering["index"], asked)
        interpreter.invoke()
        return interpreter.get_tensor(leaving["index"])

    return answer


_RUNTIMES = {"ONNX": ("onnxruntime", _onnx), "LiteRT": ("ai_edge_litert.interpreter", _litert)}
"""By the first word of a format: what answers without the framework."""


def prepare(folder: Path, seed: int) -> None:
    """Write inputs of each network, and the results that the reference gives for them."""
    from pipeline.bench.reference import expected  # noqa: PLC0415 — its libraries are not to burden every worker

    for network, case in NETWORKS.items():
        problems = [case.problem(_SIZE, "float32", seed + place) for place in range(_QUESTIONS)]
        ((name, laid),) = problems[0].inputs.items()
        asked = np.concatenate([problem.inputs[name].values for problem in problems])
        whole = Problem(inputs={name: Laid(asked, laid.layout)}, parameters=problems[0].parameters)
        np.savez(folder / f"{network}.npz", asked=asked, wanted=expected(case, whole)["output"])


def shipped(*parts: Part) -> Callable[[SpecialTools], Sequence[Values]]:
    """Return what measures by these parts: the first exports, the second runs the file, each in a child of its own."""

    def measure(tools: SpecialTools) -> Sequence[Values]:
        network, form = tools.mode.split(", ")
        try:
            return [parts[tools.place](tools, network, form)]
        except (MemoryError, OutputsDiffer):
            raise
        except Exception as error:  # an exporter may raise anything, and its refusal is a result
            if tools.place > 1:
                raise
            said = str(error).strip().replace(f"{tools.folder / _FILE}", "it")
            said += _INSTALL if isinstance(error, ModuleNotFoundError) else ""
            raise Unsupported(f"{'the file is not run' if tools.place else 'not exported'}: {said}") from error

    return measure


def exported(tools: SpecialTools, network: str, form: str) -> Values:
    """Export, and leave the questions as the framework lays them out."""
    path, framework, case = tools.folder / _FILE, cast("ArrayFramework", tools.framework), NETWORKS[network]
    problem = case.problem(_SIZE, "float32", tools.seed)
    started = tools.clock.wall_seconds()
    framework.export(case, problem, form, path)
    if form == "ONNX int8":
        quantization = import_module("onnxruntime.quantization")
        quantization.quantize_dynamic(str(path), str(path), weight_type=quantization.QuantType.QInt8)
    seconds = tools.clock.wall_seconds() - started
    (laid,) = problem.inputs.values()
    asked = framework.put(Laid(np.load(tools.folder / f"{network}.npz")["asked"], laid.layout), "float32")
    np.save(tools.folder / "asked.npy", np.asarray(asked))
    return {"export": seconds, "size": sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())}


def questions(tools: SpecialTools) -> list[NDArray[np.generic]]:
    """Return what is asked, one input each, as the framework lays it out."""
    asked = np.load(tools.folder / "asked.npy")
    return [np.ascontiguousarray(asked[place : place + 1]) for place in range(len(asked))]


def opened(tools: SpecialTools, form: str) -> Answer:
    """Load what was exported, and return what answers a question by one thread."""
    path = tools.folder / _FILE
    if runtime := _RUNTIMES.get(form.split(maxsplit=1)[0]):
        return runtime[1](import_module(runtime[0]), str(path))
    tools.framework.start(1, "cpu")
    return tools.framework.opened(form, path)


def held_to_reference(tools: SpecialTools, network: str, form: str, given: NDArray[np.generic]) -> Values:
    """Return how far all answers are from the reference's.

    Raises:
        OutputsDiffer: too far, and not since the format rounds.
    """
    wanted, tolerance = np.load(tools.folder / f"{network}.npz")["wanted"], NETWORKS[network].tolerances["float32"]
    error = float(np.abs(given - wanted).max() / np.abs(wanted).max())
    if "int8" not in form and not error <= tolerance:
        raise OutputsDiffer(f"answers are off by {error:.2g} of the largest; {tolerance:g} is allowed")
    return {"error": error, "answers changed": float((given.argmax(axis=1) != wanted.argmax(axis=1)).mean())}


def _answered(tools: SpecialTools, network: str, form: str) -> Values:
    """Load what was exported, compare each answer with the reference's, and time many answers."""
    wall_seconds, asked, seconds = tools.clock.wall_seconds, questions(tools), []
    moments = [wall_seconds()]
    answer = opened(tools, form)
    moments.append(wall_seconds())
    first = np.asarray(answer(asked[0]))
    moments.append(wall_seconds())
    given = np.concatenate([first, *(np.asarray(answer(question)) for question in asked[1:])])
    for place in range(_ANSWERS):
        started = wall_seconds()
        np.asarray(answer(asked[place % _QUESTIONS]))
        seconds.append(wall_seconds() - started)
    return {
        **dict(zip(("load", "first answer"), np.diff(moments).tolist(), strict=True)),
        **{f"latency p{each}": float(np.percentile(seconds, each)) for each in _PERCENTILES},
        **({"peak memory": memory} if (memory := system_load.peak_resident_bytes()) else {}),
        **held_to_reference(tools, network, form, given),
    }


SPECIAL = SpecialMeasurement(
    name="deployment",
    title="Deployment",
    workload=(f"{_ANSWERS} answers one after the other, by one thread, from NumPy array to NumPy array; {ASKED}"),
    measures={
        **dict.fromkeys(("export", "load", "first answer", *(f"latency p{each}" for each in _PERCENTILES)), "s"),
        **dict.fromkeys(("size", "peak memory"), "byte"),
        **dict.fromkeys(("error", "answers changed"), "fraction"),
    },
    measure=shipped(exported, _answered),
    rounds_count=2,
    further_count=1,
    is_host_only=True,
    modes=lambda adapter: [", ".join(mode) for mode in product(NETWORKS, adapter.exports)],
    threads=lambda _usual_count, _cores_count: (1,),
    prepare=prepare,
)
