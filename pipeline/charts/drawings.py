"""The lists of forms and drawings, by the name that a chart's entry gives in `draw`.

Adding one: a function of the chart's rows, or a `Form` where entries set parameters of it, in a file of this folder;
and its line here.
"""

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd
from pydantic import ValidationError

from pipeline.charts import bars, firmness, marks, over_time, performance, rows
from pipeline.records.record import field_at_fault

Draw = Callable[[pd.DataFrame], marks.Drawing]
FORMS: Final[Mapping[str, type[over_time.Form]]] = {
    "counts_over_time": over_time.CountsOverTime,
    "shares_over_time": over_time.SharesOverTime,
    "linked_frameworks": bars.LinkedFrameworks,
    "newest_shares": performance.NewestShares,
}
DRAWINGS: Final[Mapping[str, Draw]] = {
    "agreement": firmness.agreement,
    "cases": performance.cases,
    "code_states": bars.code_states,
    "crossings": firmness.crossings,
    "economies": rows.economies,
    "packages": rows.packages,
    "step_time_ratios": performance.step_time_ratios,
    "ways_to_count": firmness.ways_to_count,
}


def drawing_of(told: object) -> Draw:
    """Return the drawing that an entry names: by its name alone, or a table of its `form` and the form's parameters.

    Raises:
        ValueError: there is no such drawing, or its parameters are others.
    """
    parameters = dict(told) if isinstance(told, Mapping) else {"form": told}
    name = str(parameters.pop("form", None))
    if name in DRAWINGS and not parameters:
        return DRAWINGS[name]
    if name not in FORMS:
        raise ValueError(f"{told} is no drawing; forms are {', '.join(FORMS)}, and by name alone {', '.join(DRAWINGS)}")
    try:
        return FORMS[name].model_validate(parameters)
    except ValidationError as error:
        raise ValueError(f"{name}, {field_at_fault(error)}") from error
