"""Paper code: every link that was drawn, by what its code is written in, imports and declares."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart

_SPAN = "utcFormat(toDate(datum.period_start), '%Y') + '–' + utcFormat(toDate(datum.period_end), '%y')"


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one bar per span of years, stacked by state: what could not be read is a part of it, not left out."""
    bar = marks.encoded(
        marks.rows().transform_calculate(span=_SPAN).mark_bar(width={"band": 0.7}),
        x=alt.X("span:O", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("n:Q", stack="zero", axis=alt.Axis(tickCount=5)),
        color=marks.colour(frame),
        order=alt.Order("color_framework_sort_index:Q"),
        tooltip=[marks.FRAMEWORK_TIP, alt.Tooltip("among:N", title="Share of"), *marks.SHARE_TIPS],
    )
    return marks.picture(bar, height=240)


CHART = Chart(
    title="Every sampled link: what its code is written in, imports and declares",
    section="papers",
    view="paper_code_states",
    where={
        "series_id": ("papers.code_own_framework", "papers.code_imports", "papers.code_dependencies"),
        "population": "all",
        "is_pooled": True,
    },
    frameworks="all",
    order_by=("reading", "period_start", "framework"),
    draw=draw,
    is_over_time=False,
    panel=("reading",),
    panels_first=("what it is written in", "what it imports", "what it declares"),
    caption=(
        "Each bar is a span of years, cut by the state of the links that were drawn: {first} or {second} without the "
        "other (front-ends count as what they run on first), both, another framework, none, no code released, or not "
        "obtained. What is imported beyond what code is written in is incidental: data conversion, logging, copies."
    ),
    caveats=("Bars count links and are not weighted; the shares in the table are.",),
)
