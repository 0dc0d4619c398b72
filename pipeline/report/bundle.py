"""The drawing library of the page and the charts compiled for it, made in a process beside everything else."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pipeline.charts.chart import Spec
from pipeline.errors import ContractBroken
from pipeline.storage import write_whole

_PROGRAM: Final = """
import json, pathlib, sys, vl_convert
kept = pathlib.Path(sys.argv[1])
library = kept.read_text("utf-8") if kept.exists() else vl_convert.javascript_bundle()
json.dump((library, [vl_convert.vegalite_to_vega(spec) for spec in json.load(sys.stdin)]), sys.stdout)
"""
_KEPT: Final = Path(sys.prefix, "share", "observatory", f"vega-{version('vl-convert-python')}.js")
"""Where the set-up leaves the library (`python -m pipeline.report.bundle`), which takes seconds to bundle."""
Bundle = tuple[str, list[dict[str, Any]]]
"""Vega and Vega-Embed as one piece of JavaScript, and the Vega spec of each chart, in the order they were given."""


@contextmanager
def bundling() -> Iterator[Callable[[Sequence[Spec]], Bundle]]:
    """Start bundling the library; the function given compiles Vega-Lite specs and waits for both.

    Bundling takes longer than all the rest of the page and holds the interpreter's lock meanwhile, hence a process.

    Raises:
        ContractBroken: the library or a chart could not be made.
    """
    command, pipe = [sys.executable, "-c", _PROGRAM, str(_KEPT)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:  # noqa: S603 — our own words

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


if __name__ == "__main__":
    with bundling() as bundled:
        write_whole(_KEPT, bundled([])[0].encode())
