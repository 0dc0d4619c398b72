"""What workers wrote is read while others are built side by side."""

import ast
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from pipeline.bench.worker_slot import read_outputs


def test_one_thread_at_a_time_has_a_header_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once ended a run of Python 3.11.7 with "AST constructor recursion depth mismatch"."""
    file, parsing, together = tmp_path / "outputs.npz", threading.Semaphore(1), []
    np.savez(file, output=np.arange(6.0).reshape(2, 3), loss=np.float32(0.5))
    parse = ast.literal_eval

    def watched(header: str) -> object:
        if not parsing.acquire(blocking=False):
            together.append(header)
            return parse(header)
        sleep(0.005)
        try:
            return parse(header)
        finally:
            parsing.release()

    monkeypatch.setattr(ast, "literal_eval", watched)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read_outputs, [file] * 8))
    assert not together
    assert {(each["output"].sum(), float(each["loss"])) for each in found} == {(15.0, 0.5)}
