"""The drawing library of the page, and the charts compiled for it."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import vl_convert

from pipeline.charts.chart import Spec
from pipeline.errors import ContractBroken
from pipeline.storage import write_whole

_KEPT: Final = Path(sys.prefix, "share", "observatory", f"vega-{version('vl-convert-python')}.js")
"""Where the set-up leaves the library (`python -m pipeline.report.bundle`), which takes seconds to bundle."""


def library() -> str:
    """Return Vega and Vega-Embed as one piece of JavaScript."""
    if _KEPT.exists():
        return _KEPT.read_text("utf-8")
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # the stub does not know that it is optional


def compiled(spec: Spec) -> dict[str, Any]:
    """Return the Vega spec of a chart.

    Raises:
        ContractBroken: it does not compile.
    """
    try:
        return dict(vl_convert.vegalite_to_vega(spec))
    except ValueError as error:
        raise ContractBroken(f"a chart could not be compiled ({str(error)[-300:]}); mend it.") from error


if __name__ == "__main__":
    write_whole(_KEPT, library().encode())
