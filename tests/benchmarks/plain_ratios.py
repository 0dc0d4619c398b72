"""Ratios of step times by plain scripts that use no project code, against the project's own of the same run.

    python tests/benchmarks/plain_ratios.py [--device cuda] [CASE ...]

Eight cases (or those named) are written once more for each framework alone, as a user would write them, each in a
process of its own that imports nothing of this project; before and after `observatory bench` measures the same
cases at the same sizes, modes and number of threads. Told are both tables and the deviation of each ratio. Ends with 1
where one that the project calls comparable deviates by more than 15 %, or nothing could be compared.

All of it is kept to as many cores as there are threads. JAX hands each larger step to another thread, and where the
system puts that one would else decide whether a step of 13 µs takes 50 (see `rests_on_handovers` of `step_costs`).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

MOST_DEVIATION = 0.15
PACKAGES = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}
FRAMEWORKS = tuple(name for name, package in PACKAGES.items() if find_spec(package))
SIZES = {
    "matmul": "large",
    "convolution": "large",
    "elementwise": "small",
    "attention": "large",
    "mlp_inference": "large",
    "mlp_training": "small",
    "transformer_inference": "small",
    "cnn_inference": "large",
}
START_SECONDS, CASE_SECONDS = 60, 20
"""Of the project's run: until the frameworks are imported, and for each case."""
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
"""What glibc adjusts itself to once large arrays come and go, for the plain scripts and the project's run alike."""
RATE, EPSILON, HEADS, LAYERS = 0.01, 1e-5, 4, 2
WARM_UP_SECONDS, BLOCK_SECONDS, BLOCKS_COUNT, ROUNDS_COUNT = 0.3, 0.04, 11, 4


# What all three compute with


def arrays(case):  # noqa: C901, PLR0911 — a line or two for each case
    """Return inputs and weights by name, images as batch, height, width, channels and weights as in, out."""
    rng = np.random.default_rng(7)

    def normal(*shape, scale=1.0):
        return (scale * rng.standard_normal(shape)).astype("float32")

    if case == "matmul":
        return {"left": normal(768, 768), "right": normal(768, 768)}, {}
    if case == "convolution":
        return {"images": normal(8, 56, 56, 64)}, {"kernels": normal(3, 3, 64, 64, scale=1 / 24)}
    if case == "elementwise":
        return {name: normal(1000) for name in "abc"}, {}
    if case == "attention":
        return {name: normal(4, 8, 256, 64) for name in ("query", "key", "value")}, {}
    if case.startswith("mlp"):
        rows = 32 if case == "mlp_training" else 512
        weights = {"w1": normal(784, 256, scale=0.05), "b1": normal(256, scale=0.1)}
        weights |= {"w2": normal(256, 10, scale=0.09), "b2": normal(10, scale=0.1)}
        return {"rows": normal(rows, 784), "labels": rng.integers(0, 10, size=rows).astype("int32")}, weights
    if case == "cnn_inference":
        weights = {"w": normal(128, 10, scale=0.1), "b": normal(10, scale=0.1)}
        for block, (entering, leaving) in enumerate(((3, 32), (32, 64), (64, 128))):
            weights[f"k{block}"] = normal(3, 3, entering, leaving, scale=(2 / (9 * entering)) ** 0.5)
            weights |= {f"s{block}": 1 + normal(leaving, scale=0.1), f"t{block}": normal(leaving, scale=0.1)}
            weights |= {f"m{block}": normal(leaving, scale=0.1), f"v{block}": 1 + abs(normal(leaving, scale=0.1))}
        return {"images": normal(64, 32, 32, 3)}, weights
    return {"tokens": rng.integers(0, 1000, size=(1, 64)).astype("int32")}, transformer_weights(normal)


def transformer_weights(normal):
    weights = {"words": normal(1000, 128), "places": normal(64, 128), "w": normal(128, 1000, scale=0.09)}
    weights |= {"b": normal(1000, scale=0.1), "s": 1 + normal(128, scale=0.1), "t": normal(128, scale=0.1)}
    for layer in range(LAYERS):
        shapes = {**dict.fromkeys("qkvo", (128, 128)), "up": (128, 512), "down": (512, 128)}
        for name, shape in shapes.items():
            weights[f"{name}{layer}"] = normal(*shape, scale=shape[0] ** -0.5)
            weights[f"{name}{layer} b"] = normal(shape[1], scale=0.1)
        for name in ("n1", "n2"):
            weights[f"{name}{layer} s"] = 1 + normal(128, scale=0.1)
            weights[f"{name}{layer} t"] = normal(128, scale=0.1)
    return weights


# PyTorch alone


def pytorch_steps(cases, threads_count, device):  # noqa: C901 — a plain script, whole
    import torch
    from torch.nn import functional as f

    torch.set_num_threads(threads_count)
    torch.set_num_interop_threads(1)
    wait = (lambda _: None) if device == "cpu" else (lambda _: torch.cuda.synchronize())

    # On the device one by one: a default device puts a call in Python before each of PyTorch's.
    def stored(name, values):
        turned = None
        if values.ndim == 4 and (name == "images" or (name[0] == "k" and name != "key")):
            turned = (0, 3, 1, 2) if name == "images" else (3, 2, 0, 1)
        elif values.ndim == 2 and name not in {"left", "right", "words", "places", "rows", "tokens"}:
            turned = (1, 0)
        held = torch.tensor(np.ascontiguousarray(values.transpose(turned)) if turned else values).to(device)
        return held.long() if name in {"labels", "tokens"} else held

    def mlp(x):
        return f.linear(f.relu(f.linear(x["rows"], x["w1"], x["b1"])), x["w2"], x["b2"])

    def cnn(x):
        images = x["images"]
        for n in range(3):
            images = f.conv2d(images, x[f"k{n}"], padding=1)
            images = f.batch_norm(images, x[f"m{n}"], x[f"v{n}"], x[f"s{n}"], x[f"t{n}"])
            images = f.max_pool2d(f.relu(images), 2)
        return f.linear(images.mean((2, 3)), x["w"], x["b"])

    def transformer(x):
        h = f.embedding(x["tokens"], x["words"]) + x["places"]
        for n in range(LAYERS):
            a = f.layer_norm(h, (128,), x[f"n1{n} s"], x[f"n1{n} t"])
            parts = (f.linear(a, x[f"{p}{n}"], x[f"{p}{n} b"]) for p in "qkv")
            a = f.scaled_dot_product_attention(*(p.unflatten(-1, (HEADS, -1)).transpose(1, 2) for p in parts))
            a = a.transpose(1, 2).flatten(2)
            h = h + f.linear(a, x[f"o{n}"], x[f"o{n} b"])
            a = f.layer_norm(h, (128,), x[f"n2{n} s"], x[f"n2{n} t"])
            a = f.gelu(f.linear(a, x[f"up{n}"], x[f"up{n} b"]))
            h = h + f.linear(a, x[f"down{n}"], x[f"down{n} b"])
        return f.linear(f.layer_norm(h, (128,), x["s"], x["t"])[:, -1], x["w"], x["b"])

    forwards = {
        "matmul": lambda x: torch.matmul(x["left"], x["right"]),
        "convolution": lambda x: f.conv2d(x["images"], x["kernels"], padding=1),
        "elementwise": lambda x: torch.tanh(x["a"] * x["b"] + x["c"]) * x["a"] - x["b"],
        "attention": lambda x: f.scaled_dot_product_attention(x["query"], x["key"], x["value"]),
        "mlp_inference": mlp,
        "mlp_training": lambda x: f.cross_entropy(mlp(x), x["labels"]),
        "transformer_inference": transformer,
        "cnn_inference": cnn,
    }

    def trained(loss_of, tensors, weights):
        followed = [tensors[name].requires_grad_() for name in weights]

        def step():
            loss = loss_of(tensors)
            gradients = torch.autograd.grad(loss, followed)
            with torch.no_grad():
                for weight, gradient in zip(followed, gradients, strict=True):
                    weight.sub_(gradient, alpha=RATE)

        return step

    for case in cases:
        for mode in ("eager", "compiled"):
            inputs, weights = arrays(case)
            tensors = {name: stored(name, values) for name, values in (inputs | weights).items()}
            forward = forwards[case] if mode == "eager" else torch.compile(forwards[case], dynamic=False)
            if case == "mlp_training":
                step = trained(forward, tensors, weights)
            else:
                step = lambda forward=forward, tensors=tensors: forward(tensors)  # noqa: E731
            yield case, mode, step, wait


# TensorFlow alone


def tensorflow_steps(cases, threads_count, device):  # noqa: C901 — a plain script, whole
    del device  # it takes the one that it sees
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads_count)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    def dense(x, weights, bias):
        return tf.nn.bias_add(tf.matmul(x, weights), bias)  # as Keras’s layer does; adding costs another gradient

    def mlp(x):
        return dense(tf.nn.relu(dense(x["rows"], x["w1"], x["b1"])), x["w2"], x["b2"])

    def cnn(x):
        images = x["images"]
        for n in range(3):
            images = tf.nn.conv2d(images, x[f"k{n}"], 1, "SAME")
            numbers = [x[f"{part}{n}"] for part in "stmv"]
            images = tf.compat.v1.nn.fused_batch_norm(images, *numbers, epsilon=EPSILON, is_training=False)[0]
            images = tf.nn.max_pool2d(tf.nn.relu(images), 2, 2, "VALID")
        return dense(tf.reduce_mean(images, (1, 2)), x["w"], x["b"])

    def normed(values, scale, shift):
        mean, variance = tf.nn.moments(values, -1, keepdims=True)
        return tf.nn.batch_normalization(values, mean, variance, shift, scale, EPSILON)

    def attention(q, k, v):
        return tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * q.shape[-1] ** -0.5), v)

    def heads(values):
        return tf.transpose(tf.reshape(values, (1, 64, HEADS, 128 // HEADS)), (0, 2, 1, 3))

    def transformer(x):
        h = tf.gather(x["words"], x["tokens"]) + x["places"]
        for n in range(LAYERS):
            a = normed(h, x[f"n1{n} s"], x[f"n1{n} t"])
            a = attention(*(heads(dense(a, x[f"{p}{n}"], x[f"{p}{n} b"])) for p in "qkv"))
            h = h + dense(tf.reshape(tf.transpose(a, (0, 2, 1, 3)), (1, 64, 128)), x[f"o{n}"], x[f"o{n} b"])
            a = normed(h, x[f"n2{n} s"], x[f"n2{n} t"])
            h = h + dense(tf.nn.gelu(dense(a, x[f"up{n}"], x[f"up{n} b"])), x[f"down{n}"], x[f"down{n} b"])
        return dense(normed(h, x["s"], x["t"])[:, -1], x["w"], x["b"])

    def loss(x):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(x["labels"], mlp(x)))

    forwards = {
        "matmul": lambda x: tf.matmul(x["left"], x["right"]),
        "convolution": lambda x: tf.nn.conv2d(x["images"], x["kernels"], 1, "SAME"),
        "elementwise": lambda x: tf.tanh(x["a"] * x["b"] + x["c"]) * x["a"] - x["b"],
        "attention": lambda x: attention(x["query"], x["key"], x["value"]),
        "mlp_inference": mlp,
        "transformer_inference": transformer,
        "cnn_inference": cnn,
    }

    # Tensors are handed over one by one: a dictionary, or what a default argument holds, is looked through each time.
    def step_of(case, names, variables):
        if case != "mlp_training":
            return lambda *given: forwards[case]({**dict(zip(names, given, strict=True)), **variables})

        def train(*given):
            with tf.GradientTape() as tape:
                value = loss({**dict(zip(names, given, strict=True)), **variables})
            weights = list(variables.values())
            for weight, gradient in zip(weights, tape.gradient(value, weights), strict=True):
                weight.assign_sub(RATE * gradient)
            return value

        return train

    for case in cases:
        for mode in ("eager", "compiled"):
            inputs, weights = arrays(case)
            constants = [tf.constant(values) for values in inputs.values()]
            run = step_of(case, tuple(inputs), {name: tf.Variable(values) for name, values in weights.items()})
            called = run if mode == "eager" else tf.function(run, autograph=False)
            yield case, mode, lambda called=called, given=constants: called(*given), lambda result: result.numpy()


# JAX alone; its eager mode is no usual way to run it


def jax_steps(cases, threads_count, device):  # noqa: C901 — a plain script, whole
    del threads_count  # which only the environment sets
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_platforms", device)

    jax.config.update("jax_default_matmul_precision", "highest")

    def mlp(x):
        return jax.nn.relu(x["rows"] @ x["w1"] + x["b1"]) @ x["w2"] + x["b2"]

    def convolved(images, kernels):
        return jax.lax.conv_general_dilated(images, kernels, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def normed(values, scale, shift):
        return jax.nn.standardize(values, epsilon=EPSILON) * scale + shift

    def cnn(x):
        images = x["images"]
        for n in range(3):
            images = convolved(images, x[f"k{n}"]) - x[f"m{n}"]
            images = jax.nn.relu(images * (x[f"s{n}"] * jax.lax.rsqrt(x[f"v{n}"] + EPSILON)) + x[f"t{n}"])
            images = jax.lax.reduce_window(images, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return images.mean((1, 2)) @ x["w"] + x["b"]

    def attention(q, k, v):
        return jax.nn.softmax(q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5) @ v

    def transformer(x):
        h = x["words"][x["tokens"]] + x["places"]
        for n in range(LAYERS):
            a = normed(h, x[f"n1{n} s"], x[f"n1{n} t"])
            parts = (a @ x[f"{p}{n}"] + x[f"{p}{n} b"] for p in "qkv")
            a = attention(*(part.reshape(1, 64, HEADS, -1).swapaxes(1, 2) for part in parts))
            h = h + a.swapaxes(1, 2).reshape(1, 64, 128) @ x[f"o{n}"] + x[f"o{n} b"]
            a = normed(h, x[f"n2{n} s"], x[f"n2{n} t"])
            a = jax.nn.gelu(a @ x[f"up{n}"] + x[f"up{n} b"], approximate=False)
            h = h + a @ x[f"down{n}"] + x[f"down{n} b"]
        return normed(h, x["s"], x["t"])[:, -1] @ x["w"] + x["b"]

    def loss(weights, inputs):
        shares = jax.nn.log_softmax(mlp({**inputs, **weights}))
        return -jnp.take_along_axis(shares, inputs["labels"][:, None], 1).mean()

    def updated(weights, inputs):
        value, gradients = jax.value_and_grad(loss)(weights, inputs)
        return value, jax.tree.map(lambda weight, gradient: weight - RATE * gradient, weights, gradients)

    forwards = {
        "matmul": lambda x: x["left"] @ x["right"],
        "convolution": lambda x: convolved(x["images"], x["kernels"]),
        "elementwise": lambda x: jnp.tanh(x["a"] * x["b"] + x["c"]) * x["a"] - x["b"],
        "attention": lambda x: attention(x["query"], x["key"], x["value"]),
        "mlp_inference": mlp,
        "transformer_inference": transformer,
        "cnn_inference": cnn,
    }
    for case in cases:
        inputs, weights = ({name: jnp.array(each) for name, each in found.items()} for found in arrays(case))
        if case == "mlp_training":
            train, held = jax.jit(updated, donate_argnums=0), [weights]

            def step(train=train, held=held, inputs=inputs):
                value, held[0] = train(held[0], inputs)
                return value, held[0]

        else:
            run = jax.jit(lambda weights, inputs, forward=forwards[case]: forward({**inputs, **weights}))
            step = lambda run=run, weights=weights, inputs=inputs: run(weights, inputs)  # noqa: E731
        yield case, "compiled", step, jax.block_until_ready


STEPS = {"pytorch": pytorch_steps, "tensorflow": tensorflow_steps, "jax": jax_steps}


def step_seconds(step, wait):
    """Return the median over blocks of a step's time, each step waited for before the next."""

    def timed(count):
        started = perf_counter()
        for _ in range(count):
            wait(step())
        return (perf_counter() - started) / count

    timed(1)
    ends_at, each = perf_counter() + WARM_UP_SECONDS, timed(3)
    while perf_counter() < ends_at:
        each = timed(max(1, int(0.02 / each)))
    return median(timed(max(1, round(BLOCK_SECONDS / each))) for _ in range(BLOCKS_COUNT))


def child(framework, threads_count, device, cases):
    """Time every case and mode of one framework and write the seconds as JSON."""
    found = STEPS[framework](cases, threads_count, device)
    seconds = [[case, mode, step_seconds(step, wait)] for case, mode, step, wait in found]
    sys.stdout.write(json.dumps(seconds))


# Both, side by side


def tell(sentence):
    """Write a line at once."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def plain(threads_count, device, cases):
    """Return the ratios to PyTorch in the same mode, one per round, of each case, framework and mode.

    Each framework has a process for each case and round. What a case leaves of freed memory would else decide how many
    page faults the next one has: a half of PyTorch's eager step of the CNN. So would glibc's thresholds, which follow
    the first arrays that are freed. A ratio is one of neighbouring processes, in turned order: the same step of the
    CNN takes 5.8 ms in one minute on a virtual machine and 7.4 in another, so that ratios of processes that were
    minutes apart told the machine's change.
    """
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"), str(threads_count)) | ALLOCATOR
    environment = {**os.environ, **limits, "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = {}
    for case, number in product(cases, range(ROUNDS_COUNT)):
        seconds = {}
        for framework in FRAMEWORKS[:: -1 if number % 2 else 1]:
            command = [sys.executable, "-P", __file__, "--child", framework, str(threads_count), device, case]
            ran = subprocess.run(
                command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            seconds |= {(framework, mode): value for _, mode, value in json.loads(ran.stdout)}
        for framework, mode in seconds.keys() - {("pytorch", "eager"), ("pytorch", "compiled")}:
            ratio = seconds[framework, mode] / seconds["pytorch", mode]
            found.setdefault((case, framework, mode), []).append(ratio)
    return found


def measured(folder, threads_count, device, cases):
    """Return what the project says of the same: ratio, interval and verdict of each case, framework and mode."""
    import duckdb

    from pipeline.settings import PROJECT_ROOT, Settings

    words = [word for case in cases for word in ("--case", case)]
    words += [word for name in FRAMEWORKS for word in ("--framework", name)]
    words += [
        "--device",
        device,
        "--threads",
        str(threads_count),
        "--budget",
        str(START_SECONDS + CASE_SECONDS * len(cases)),
        "--quiet",
    ]
    command = [sys.executable, "-c", "import sys; from flows.cli.app import main; sys.exit(main())", "bench", *words]
    environment = {**os.environ, **ALLOCATOR, "OBSERVATORY_HOME": folder, "PYTHONPATH": str(PROJECT_ROOT)}
    ran = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    tell(f"Exit code {ran.returncode}. {ran.stdout.strip()}")
    chosen = "select case_name, size, framework, mode, ratio, ratio_low, ratio_high, verdict from performance"
    with duckdb.connect(str(Settings(home=Path(folder)).published_file.resolve()), read_only=True) as connection:
        rows = connection.execute(f"{chosen} where ratio is not null and not is_imported").fetchall()
    return {(case, framework, mode): said for case, size, framework, mode, *said in rows if size == SIZES[case]}


def main():
    """Measure by both, tell both tables, and compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*", default=list(SIZES))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    chosen = parser.parse_args()
    cases, device = chosen.cases, chosen.device
    cores = sorted(os.sched_getaffinity(0))
    threads_count = max(1, len(cores) - 1)
    os.sched_setaffinity(0, cores[-threads_count:])
    started = perf_counter()
    first = plain(threads_count, device, cases)
    with tempfile.TemporaryDirectory() as folder:
        own = measured(folder, threads_count, device, cases)
    second = plain(threads_count, device, cases)
    tell(f"\n{device}, {threads_count} threads, {perf_counter() - started:.0f} s; step times over PyTorch’s, by mode")
    tell(f"{'case, framework, mode':48}{'plain, least to most':>26}{'project':>28}{'deviation':>11}")
    deviations = {}
    for key in sorted(first):
        ratios = first[key] + second[key]
        value = median(ratios)
        told = f"{' '.join(key):48}{f'{value:.2f} ({min(ratios):.2f}, {max(ratios):.2f})':>26}"
        if key not in own:
            tell(f"{told}{'not measured':>28}")
            continue
        ratio, low, high, verdict = own[key]
        deviation = np.expm1(abs(np.log(ratio / value)))
        if verdict != "not comparable":
            deviations[key] = deviation
        remark = "  not comparable" if verdict == "not comparable" else ""
        tell(f"{told}{f'{ratio:.2f} [{low:.2f}, {high:.2f}]':>28}{deviation:>11.1%}{remark}")
    far = [key for key, deviation in deviations.items() if deviation > MOST_DEVIATION]
    tell(f"{len(deviations) - len(far)} of {len(deviations)} ratios agree within {MOST_DEVIATION:.0%}.")
    return int(bool(far) or not deviations)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:])
    else:
        sys.exit(main())
