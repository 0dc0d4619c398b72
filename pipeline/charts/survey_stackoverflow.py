"""Stack Overflow's survey: respondents who had worked with each framework."""

from pipeline.charts.chart import Chart, SharesOverTime

POPULATIONS = ("all respondents", "professional developers")

CHART = Chart(
    title="Stack Overflow Developer Survey: worked with it in the past year",
    section="surveys",
    where={"series_id": "survey.stackoverflow", "population": POPULATIONS},
    draw=SharesOverTime(height=250),
    frameworks="first six",
    panel=("population",),
    panels_first=POPULATIONS,
    caption=(
        "Share of respondents to the question, by year. Dashed rules mark where the question or its denominator "
        "changed; lines stop there and the years either side do not compare. Hollow marks are preliminary."
    ),
    caveats=(
        "Two smaller groups, asked since 2023, are in the view and not drawn.",
        "Torch and PyTorch are one answer option in this survey.",
        "Respondents choose to take part: intervals show sampling error only, not who did not answer.",
    ),
)
