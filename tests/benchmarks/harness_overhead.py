"""How much longer the project's own step takes than the plain script's, both in one process, in turns.

    python tests/benchmarks/harness_overhead.py FRAMEWORK [CASE ...]

`plain_ratios.py` compares ratios over processes, and needs a quiet machine. This needs none: the steps of its plain
scripts and those of the project's adapter run on one thread in blocks that alternate, and what is told is processor
time, of which other work takes nothing. So what differs is what the harness adds. Ends with 1 where that is more than
15 % either way.
"""

import gc
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[2]))

import plain_ratios

from pipeline.bench.registry import adapter_class, case_named
from pipeline.reference import known_frameworks

MOST_OVERHEAD = 0.15
BLOCK_SECONDS, WARM_UP_SECONDS, BLOCKS_COUNT = 0.03, 0.5, 15


def timed(step, wait, count):
    """Return the processor seconds of a step, each waited for before the next."""
    started = process_time()
    for _ in range(count):
        wait(step())
    return (process_time() - started) / count


def warmed(step, wait):
    """Warm up and return how many steps make a block."""
    ends_at, each = process_time() + WARM_UP_SECONDS, timed(step, wait, 3)
    while process_time() < ends_at:
        each = timed(step, wait, 3)
    return max(1, round(BLOCK_SECONDS / max(each, 1e-9)))


def keep_threads(framework):
    """Let the plain script not set the pools that are set already, which PyTorch and TensorFlow refuse."""
    if framework == "pytorch":
        import torch

        torch.set_num_interop_threads = lambda _: None
    if framework == "tensorflow":
        from tensorflow.config import threading

        threading.set_intra_op_parallelism_threads = threading.set_inter_op_parallelism_threads = lambda _: None


def main(framework, *cases):
    """Tell for each case and mode both times and the median of the blocks' ratios."""
    (entry,) = (entry for _, entry in known_frameworks().bench() if entry.id == framework)
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    os.environ |= adapter_class(entry.adapter).environment(1, tempfile.gettempdir(), is_quick=False)
    adapter = adapter_class(entry.adapter)()
    adapter.start(1, "cpu")
    keep_threads(framework)
    is_far = False
    for case, mode, step, wait in plain_ratios.STEPS[framework](cases or list(plain_ratios.SIZES), 1, "cpu"):
        bound = case_named(case)
        own = adapter.setup(bound, bound.problem(plain_ratios.SIZES[case], "float32", 7), mode).step
        count = min(warmed(step, wait), warmed(own, adapter.sync))
        gc.collect()
        gc.disable()
        blocks = [(timed(step, wait, count), timed(own, adapter.sync, count)) for _ in range(BLOCKS_COUNT)]
        gc.enable()
        plain, ours = (median(each) * 1e6 for each in zip(*blocks, strict=True))
        ratio = median(ours / plain for plain, ours in blocks)
        is_far |= abs(ratio - 1) > MOST_OVERHEAD
        plain_ratios.tell(f"{f'{case} {mode}':36}{plain:12.1f} us plain{ours:12.1f} us by the project{ratio:8.2f}")
    return int(is_far)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
