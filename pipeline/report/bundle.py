"""The drawing library of the page and the charts compiled for it, made in a process beside everything else."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pipeline.charts.chart import Spec
from pipeline.errors import ContractBroken

_PROGRAM: Final = """
import json, sys, vl_convert
library = vl_convert.javascript_bundle()
json.dump((library, [vl_convert.vegalite_to_vega(spec) for spec in json.load(sys.stdin)]), sys.stdout)
"""
Bundle = tuple[str, list[dict[str, Any]]]
"""Vega and Vega-Embed as one piece of JavaScript, and the Vega spec of each chart, in the order they were given."""


@contextmanager
def bundling() -> Iterator[Callable[[Sequence[Spec]], Bundle]]:
    """Start bundling the library; the function given compiles Vega-Lite specs and waits for both.

    Bundling takes longer than all the rest of the page and holds the interpreter's lock meanwhile, hence a process.

    Raises:
        ContractBroken: the library or a chart could not be made.
    """
    with subprocess.Popen(  # noqa: S603 — our own interpreter and our own constant
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:

        def finished(specs: Sequence[Spec]) -> Bundle:
            answer, complaint = process.communicate(json.dumps(list(specs)).encode())
            if process.returncode:
                raise ContractBroken(
                    f"the charts could not be compiled ({complaint.decode(errors='replace').strip()[-300:]}); "
                    "mend the chart, or reinstall vl-convert-python."
                )
            library, charts = json.loads(answer)
            return library, charts

        try:
            yield finished
        finally:
            process.kill()
