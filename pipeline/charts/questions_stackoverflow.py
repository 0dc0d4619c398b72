"""Stack Overflow: questions asked a month under each framework’s tag."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS

GAP_DAYS = 40


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework, open at breaks and where periods are missing."""
    return marks.counts_over_time(frame, GAP_DAYS)


CHART = Chart(
    name="questions_stackoverflow",
    title="Questions on Stack Overflow by framework tag, monthly",
    section="questions",
    view="adoption",
    where={"series_id": "questions.stackoverflow", "framework": tuple(MARKS)},
    order_by=("framework", "period_start"),
    draw=draw,
    is_dense=True,
    caption=(
        "Questions of a month that are still there and carry the framework’s tag. The dashed rule marks when people "
        "began to ask assistants instead; lines stop there."
    ),
    caveats=("A question shows trouble or novelty, not use.",),
)
