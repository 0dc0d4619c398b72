"""What it takes to ship a network: whether it leaves its framework, how large it is, how it answers from its file.

One child exports; another, fresh one loads the file, asks it and times the answers.

Serving: the second child puts the file behind HTTP instead, and a third one asks it on loopback at fixed rates,
whatever was answered before. All stand behind the same small server of Python's own library: one thread, one connection
that is kept, arrays as they lie in memory. A latency counts from the moment a request is due, so that waiting is in it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from itertools import product, takewhile
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from time import sleep
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.bench import isolation, system_load
from pipeline.bench.array_framework import ArrayFramework
from pipeline.bench.cases.image_networks import CNN_INFERENCE
from pipeline.bench.cases.token_networks import TRANSFORMER_INFERENCE
from pipeline.bench.contract import Laid, Problem
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Unsupported
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools, Values

_Answer = Callable[[NDArray[np.generic]], object]
_Part = Callable[[SpecialTools, str, str], Values]
"""What one child does, given its tools, the network and the format."""
_NETWORKS = {"CNN": CNN_INFERENCE, "transformer": TRANSFORMER_INFERENCE}
_SIZE = "small"
_ASKED = "; ".join(f"{network}: {case.workload(_SIZE)}" for network, case in _NETWORKS.items())
_QUESTIONS, _ANSWERS, _PERCENTILES = 32, 1000, (50, 95, 99)
_FILE = "model.pt2"  # one of the exporters insists on this ending
_RATES, _SECONDS, _TRIES, _WITHIN_SECONDS = (100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400), 1, 2, 0.05
_FIXED_RATE, _FIXED_SECONDS = _RATES[0], 4
_LOOK_SECONDS, _PATIENCE_SECONDS = 0.05, 60
_CLOSE = 1e-6
"""How far an answer may be from the same model's without HTTP, over the largest: memory may lie otherwise."""
_INSTALL = "; `pip install 'framework-observatory[deploy]'` brings it"


def _onnx(runtime: Any, path: str) -> _Answer:  # noqa: ANN401 — a module
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda asked: session.run(None, {name: asked})[0]


def _litert(runtime: Any, path: str) -> _Answer:  # noqa: ANN401 — a module
    interpreter = runtime.Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()
    (entering,), (leaving,) = interpreter.get_input_details(), interpreter.get_output_details()

    def answer(asked: NDArray[np.generic]) -> object:
        interpreter.set_tensor(entering["index"], asked)
        interpreter.invoke()
        return interpreter.get_tensor(leaving["index"])

    return answer


def _openvino(runtime: Any, path: str) -> _Answer:  # noqa: ANN401 — a module
    # In one stream; by itself it would compute in bfloat16 where the processor can.
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    request = runtime.Core().compile_model(f"{path}/model.xml", "CPU", settings).create_infer_request()
    return lambda asked: request.infer([asked])[0]


_RUNTIMES = {
    "ONNX": ("onnxruntime", _onnx),
    "LiteRT": ("ai_edge_litert.interpreter", _litert),
    "OpenVINO": ("openvino", _openvino),
}
"""By the first word of a format: what answers without the framework."""
_NOT_SERVED = ("TorchScript", "ExecuTorch")
"""One is deprecated, the other made for devices: neither is what somebody would put behind HTTP now."""


def _prepare(folder: Path, seed: int) -> None:
    """Write inputs of each network, and the results that the reference gives for them."""
    from pipeline.bench.reference import expected  # noqa: PLC0415 — its libraries are not to burden every worker

    for network, case in _NETWORKS.items():
        problems = [case.problem(_SIZE, "float32", seed + place) for place in range(_QUESTIONS)]
        ((name, laid),) = problems[0].inputs.items()
        asked = np.concatenate([problem.inputs[name].values for problem in problems])
        whole = Problem(inputs={name: Laid(asked, laid.layout)}, parameters=problems[0].parameters)
        np.savez(folder / f"{network}.npz", asked=asked, wanted=expected(case, whole)["output"])


def _measured_by(*parts: _Part) -> Callable[[SpecialTools], Sequence[Values]]:
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


def _questions(tools: SpecialTools) -> list[NDArray[np.generic]]:
    """Return what is asked, one input each, as the framework lays it out."""
    asked = np.load(tools.folder / "asked.npy")
    return [np.ascontiguousarray(asked[place : place + 1]) for place in range(len(asked))]


def _opened(tools: SpecialTools, form: str) -> _Answer:
    """Load what was exported, and return what answers a question by one thread."""
    path = tools.folder / _FILE
    if runtime := _RUNTIMES.get(form.split(maxsplit=1)[0]):
        isolation.hide(tools.framework.packages())
        return runtime[1](import_module(runtime[0]), str(path))
    tools.framework.start(1, "cpu")
    return tools.framework.opened(form, path)


def _held_to_reference(tools: SpecialTools, network: str, form: str, given: NDArray[np.generic]) -> Values:
    """Return how far all answers are from the reference's.

    Raises:
        OutputsDiffer: too far, and not since the format rounds.
    """
    wanted, tolerance = np.load(tools.folder / f"{network}.npz")["wanted"], _NETWORKS[network].tolerances["float32"]
    error = float(np.abs(given - wanted).max() / np.abs(wanted).max())
    if "int8" not in form and not error <= tolerance:
        raise OutputsDiffer(f"answers are off by {error:.2g} of the largest; {tolerance:g} is allowed")
    return {"error": error, "answers changed": float((given.argmax(axis=1) != wanted.argmax(axis=1)).mean())}


def _answered(tools: SpecialTools, network: str, form: str) -> Values:
    """Load what was exported, compare each answer with the reference's, and time many answers."""
    wall_seconds, asked, seconds = tools.clock.wall_seconds, _questions(tools), []
    moments = [wall_seconds()]
    answer = _opened(tools, form)
    moments.append(wall_seconds())
    first = np.asarray(answer(asked[0]))
    moments.append(wall_seconds())
    given = np.concatenate([first, *(np.asarray(answer(question)) for question in asked[1:])])
    cpu_seconds = tools.clock.cpu_seconds()
    for place in range(_ANSWERS):
        started = wall_seconds()
        np.asarray(answer(asked[place % _QUESTIONS]))
        seconds.append(wall_seconds() - started)
    return {
        "processors": (tools.clock.cpu_seconds() - cpu_seconds) / sum(seconds),
        **dict(zip(("load", "first answer"), np.diff(moments).tolist(), strict=True)),
        **{f"latency p{each}": float(np.percentile(seconds, each)) for each in _PERCENTILES},
        **({"peak memory": memory} if (memory := system_load.peak_resident_bytes()) else {}),
        **_held_to_reference(tools, network, form, given),
    }


DEPLOYMENT = SpecialMeasurement(
    **entry_of("special", "deployment"),
    workload=f"{_ANSWERS} answers one after the other, by one thread, from NumPy array to NumPy array; {_ASKED}",
    measure=_measured_by(_exported, _answered),
    modes=lambda adapter: [", ".join(mode) for mode in product(_NETWORKS, adapter.exports)],
    threads=lambda _usual_count, _cores_count: (1,),
    prepare=_prepare,
)


def _left_for_serving(tools: SpecialTools, network: str, form: str) -> Values:
    _exported(tools, network, form)
    return {}


def _serving(tools: SpecialTools, network: str, form: str) -> Values:
    """Load the file, write what it answers without HTTP, and serve one client until it leaves."""
    asked, answer = _questions(tools), _opened(tools, form)
    given = np.concatenate([np.asarray(answer(question)) for question in asked])
    _held_to_reference(tools, network, form, given)
    np.save(tools.folder / "given.npy", given)
    serve_one(answer, asked[0], tools.folder / "address")
    return {}


def serve_one(answer: _Answer, like: NDArray[np.generic], address: Path) -> None:
    """Write a port to the address, and answer all that come by the first connection to it."""
    # Not with the module: a framework's own import brings some of it, and is timed.
    from http.server import BaseHTTPRequestHandler, HTTPServer  # noqa: PLC0415

    class Handler(BaseHTTPRequestHandler):
        protocol_version, timeout = "HTTP/1.1", _PATIENCE_SECONDS
        disable_nagle_algorithm, wbufsize = True, -1  # an answer leaves at once and as a whole

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            body = np.asarray(answer(np.frombuffer(content, like.dtype).reshape(like.shape).copy())).tobytes()
            self.send_response(200)
            self.send_header("Content-Length", f"{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: a line for each request would be measured too."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.timeout = _PATIENCE_SECONDS
        address.with_suffix(".new").write_text(f"{server.server_port}", encoding="ascii")
        address.with_suffix(".new").rename(address)
        server.handle_request()


def _asking(tools: SpecialTools, _network: str, _form: str) -> Values:
    """Ask at the fixed rate, then at one after the other up to the first that is not answered in time."""
    address = tools.folder / "address"
    while not address.exists():  # where the server fails, the controller ends this child
        sleep(_LOOK_SECONDS)
    place = ("127.0.0.1", int(address.read_text(encoding="ascii")))
    with create_connection(place, _PATIENCE_SECONDS) as connection, connection.makefile("rb") as answers:
        client = Client(tools, connection, answers)

        def is_in_time(rate: int) -> bool:
            return any(np.percentile(client.latencies(rate, _SECONDS), 99) <= _WITHIN_SECONDS for _ in range(_TRIES))

        client.latencies(_FIXED_RATE, _SECONDS)  # a warm-up
        waited = system_load.waited_seconds()
        p50, p99 = np.percentile(client.latencies(_FIXED_RATE, _FIXED_SECONDS), (50, 99)).tolist()
        now = system_load.waited_seconds()
        pressure = {} if waited is None or now is None else {"pressure": min(1.0, (now - waited) / _FIXED_SECONDS)}
        return {"p50": p50, "p99": p99, **pressure, "rate": max(takewhile(is_in_time, _RATES), default=0)}


class Client:
    """One that sends each request when it is due, in a thread of its own, and reads the answers in their order."""

    def __init__(self, tools: SpecialTools, connection: socket, answers: IO[bytes]) -> None:
        """Prepare all requests; nothing is sent."""
        self._clock, self._connection, self._answers = tools.clock.wall_seconds, connection, answers
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._given: NDArray[np.generic] = np.load(tools.folder / "given.npy")
        bodies = [question.tobytes() for question in _questions(tools)]
        head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
        self._requests = [head.format(len(body)).encode() + body for body in bodies]

    def latencies(self, rate: int, seconds: float) -> Sequence[float]:
        """Return what each answer took, from the moment its request was due.

        Raises:
            OutputsDiffer: an answer is not the one without HTTP.
        """
        count, found, bodies = int(rate * seconds), [], []
        started = self._clock()
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(self._send, [started + place / rate for place in range(count)])
            for place in range(count):
                bodies.append(self._read())
                found.append(self._clock() - started - place / rate)
            sent.result()
        wanted = self._given[np.arange(count) % len(self._given)]
        given = np.frombuffer(b"".join(bodies), wanted.dtype).reshape(wanted.shape)
        error = np.abs(given - wanted).max() / np.abs(wanted).max()
        if not error <= _CLOSE:
            raise OutputsDiffer(f"an answer over HTTP is off by {error:.2g} of the largest of the same model's own")
        return found

    def _send(self, due: Sequence[float]) -> None:
        for place, moment in enumerate(due):
            if (ahead := moment - self._clock()) > 0:
                sleep(ahead)
            self._connection.sendall(self._requests[place % len(self._requests)])

    def _read(self) -> bytes:
        from http.client import parse_headers  # noqa: PLC0415 — as above

        if not self._answers.readline():
            raise ConnectionError("the server has closed the connection")
        return self._answers.read(int(parse_headers(self._answers)["Content-Length"]))


SERVING = replace(
    DEPLOYMENT,
    **entry_of("special", "serving"),
    workload=(
        f"HTTP on loopback to one thread: {_FIXED_RATE} a second for {_FIXED_SECONDS} s; {_SECONDS} s each of "
        f"{', '.join(map(str, _RATES))} while p99 is within {1000 * _WITHIN_SECONDS:g} ms in one of {_TRIES} tries; "
        + _ASKED
    ),
    measure=_measured_by(_left_for_serving, _serving, _asking),
    modes=lambda adapter: [mode for mode in DEPLOYMENT.modes(adapter) if not mode.endswith(_NOT_SERVED)],
)
