"""Stacked bars: the sampled links of papers by the state of their code, and by framework."""

import altair as alt
import pandas as pd
from pydantic import StrictInt

from pipeline.charts import marks
from pipeline.charts.over_time import Form

_SPAN = "utcFormat(toDate(datum.period_start), '%Y') + '–' + utcFormat(toDate(datum.period_end), '%y')"


def code_states(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one bar per span of years, stacked by state: what could not be read is a part of it, not left out."""
    bar = marks.encoded(
        marks.rows().transform_calculate(span=_SPAN).mark_bar(width={"band": 0.7}),
        x=alt.X("span:O", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("n:Q", stack="zero", axis=alt.Axis(tickCount=5)),
        color=marks.colour(frame),
        order=alt.Order("color_framework_sort_index:Q"),
        tooltip=marks.tips("framework", "code_states", "shares"),
    )
    return marks.picture(bar, height=240)


class LinkedFrameworks(Form):
    """Draws one bar per year, stacked by framework; no known framework is a grey part of it, not left out."""

    small_base: StrictInt
    """Bars that rest on fewer links are pale."""

    def __call__(self, frame: pd.DataFrame) -> alt.LayerChart:
        """Return the picture."""
        bar = marks.encoded(
            marks.rows().mark_bar(width={"band": 0.78}),
            x=alt.X("year(period_start):O", timeUnit="utcyear", axis=alt.Axis(format="%Y", labelAngle=0)),
            y=alt.Y("share:Q", stack="zero", axis=marks.QUARTERS),
            color=marks.colour(frame),
            opacity=alt.condition(f"datum.base < {self.small_base}", alt.value(0.4), alt.value(1)),
            order=alt.Order("color_framework_sort_index:Q"),
            tooltip=marks.tips("framework", "shares"),
        )
        return marks.picture(bar, height=240)
