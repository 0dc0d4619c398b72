"""What it takes to ship a network: whether it leaves its framework, how large it is, how it answers from its file.

One child exports; another, fresh one loads the file, asks it and times the answers.
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

_NETWORKS = {"CNN": CNN_INFERENCE, "transformer": TRANSFORMER_INFERENCE}
_SIZE, _QUESTIONS, _ANSWERS, _PERCENTILES = "small", 32, 1000, (50, 95, 99)
_FILE = "model.pt2"  # one of the exporters insists on this ending
_INSTALL = "; `pip install 'framework-observatory[deploy]'` brings it"


def _onnx(runtime: Any, path: str) -> Callable[[NDArray[np.generic]], object]:  # noqa: ANN401 — a module
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda asked: session.run(None, {name: asked})[0]


def _litert(runtime: Any, path: str) -> Callable[[NDArray[np.generic]], object]:  # noqa: ANN401 — a module
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


def _prepare(folder: Path, seed: int) -> None:
    """Write inputs of each network, and the results that the reference gives for them."""
    from pipeline.bench.reference import expected  # noqa: PLC0415 — its libraries are not to burden every worker

    for network, case in _NETWORKS.items():
        problems = [case.problem(_SIZE, "float32", seed + place) for place in range(_QUESTIONS)]
        ((name, laid),) = problems[0].inputs.items()
        asked = np.concatenate([problem.inputs[name].values for problem in problems])
        whole = Problem(inputs={name: Laid(asked, laid.layout)}, parameters=problems[0].parameters)
        np.savez(folder / f"{network}.npz", asked=asked, wanted=expected(case, whole)["output"])


def _measure(tools: SpecialTools) -> Sequence[Values]:
    network, form = tools.mode.split(", ")
    try:
        found = _answered(tools, network, form) if tools.place else _exported(tools, network, form)
    except MemoryError:
        raise
    except Exception as error:  # an exporter may raise anything, and its refusal is a result
        said = str(error).strip().replace(f"{tools.folder / _FILE}", "it")
        said += _INSTALL if isinstance(error, ModuleNotFoundError) else ""
        raise Unsupported(f"{'the file is not run' if tools.place else 'not exported'}: {said}") from error
    tolerance = _NETWORKS[network].tolerances["float32"]
    if "int8" not in form and not found.get("error", 0) <= tolerance:
        raise OutputsDiffer(f"answers are off by {found['error']:.2g} of the largest; {tolerance:g} is allowed")
    return [found]


def _exported(tools: SpecialTools, network: str, form: str) -> Values:
    """Export, and leave the questions as the framework lays them out."""
    path, framework, case = tools.folder / _FILE, cast("ArrayFramework", tools.framework), _NETWORKS[network]
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


def _answered(tools: SpecialTools, network: str, form: str) -> Values:
    """Load what was exported, compare each answer with the reference's, and time many answers."""
    wall_seconds, path = tools.clock.wall_seconds, tools.folder / _FILE
    asked = np.load(tools.folder / "asked.npy")
    questions = [np.ascontiguousarray(asked[place : place + 1]) for place in range(_QUESTIONS)]
    moments = [wall_seconds()]
    if runtime := _RUNTIMES.get(form.split(maxsplit=1)[0]):
        answer = runtime[1](import_module(runtime[0]), str(path))
    else:
        tools.framework.start(1, "cpu")
        answer = tools.framework.opened(form, path)
    moments.append(wall_seconds())
    first = np.asarray(answer(questions[0]))
    moments.append(wall_seconds())
    given = np.concatenate([first, *(np.asarray(answer(question)) for question in questions[1:])])
    wanted = np.load(tools.folder / f"{network}.npz")["wanted"]
    seconds = []
    for place in range(_ANSWERS):
        started = wall_seconds()
        np.asarray(answer(questions[place % _QUESTIONS]))
        seconds.append(wall_seconds() - started)
    return {
        **dict(zip(("load", "first answer"), np.diff(moments).tolist(), strict=True)),
        **{f"latency p{each}": float(np.percentile(seconds, each)) for each in _PERCENTILES},
        **({"peak memory": memory} if (memory := system_load.peak_resident_bytes()) else {}),
        "error": float(np.abs(given - wanted).max() / np.abs(wanted).max()),
        "answers changed": float((given.argmax(axis=1) != wanted.argmax(axis=1)).mean()),
    }


SPECIAL = SpecialMeasurement(
    name="deployment",
    title="Deployment",
    workload=(
        f"{_ANSWERS} answers one after the other, by one thread, from NumPy array to NumPy array; "
        + "; ".join(f"{network}: {case.workload(_SIZE)}" for network, case in _NETWORKS.items())
    ),
    measures={
        **dict.fromkeys(("export", "load", "first answer", *(f"latency p{each}" for each in _PERCENTILES)), "s"),
        **dict.fromkeys(("size", "peak memory"), "byte"),
        **dict.fromkeys(("error", "answers changed"), "fraction"),
    },
    measure=_measure,
    rounds_count=2,
    further_count=1,
    is_host_only=True,
    modes=lambda adapter: [", ".join(mode) for mode in product(_NETWORKS, adapter.exports)],
    threads=lambda _usual_count, _cores_count: (1,),
    prepare=_prepare,
)
