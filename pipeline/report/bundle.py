"""The drawing library of the page as one piece of JavaScript, put together beside everything else."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.errors import ContractBroken

_PROGRAM: Final = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"


@contextmanager
def vega_source() -> Iterator[Callable[[], str]]:
    """Start bundling Vega and Vega-Embed in a process of its own; the function given waits for the source.

    Bundling takes longer than all the rest of the page and holds the interpreter's lock meanwhile, hence a process.

    Raises:
        ContractBroken: the bundling failed.
    """
    command = [sys.executable, "-c", _PROGRAM]
    # Our own interpreter and our own constant: nothing from outside is run.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        try:
            yield lambda: _source(process)
        finally:
            process.kill()


def _source(process: "subprocess.Popen[bytes]") -> str:
    source, complaint = process.communicate()
    if process.returncode:
        raise ContractBroken(
            f"the drawing library could not be bundled ({complaint.decode(errors='replace').strip()[-200:]}); "
            "reinstall vl-convert-python."
        )
    return source.decode()
