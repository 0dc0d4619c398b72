"""Stack Overflow: questions of a month under each framework’s tag."""

from pipeline.charts.chart import Chart, CountsOverTime

CHART = Chart(
    title="Questions on Stack Overflow by framework tag, monthly",
    section="questions",
    where={"series_id": "questions.stackoverflow"},
    draw=CountsOverTime(gap_days=40),
    caption=(
        "Questions of a month that are still there and carry the framework’s tag. The dashed rule marks when people "
        "began to ask assistants instead; lines stop there."
    ),
    caveats=("A question shows trouble or novelty, not use.",),
)
