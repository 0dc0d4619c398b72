"""Kaggle's survey: respondents using each framework."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="Kaggle survey: uses it on a regular basis",
    section="surveys",
    where={"series_id": "survey.kaggle"},
    draw=SharesOverTime(height=250),
    frameworks="first six",
    panel=("population",),
    panels_first=("all respondents", "data scientists", "ML engineers"),
    caption=(
        "Share of those who answered the question, by year; people tick as many as they use, so shares add to more "
        "than one. scikit-learn, in grey, is a yardstick and no deep-learning framework."
    ),
    caveats=("Respondents choose to take part: intervals show sampling error only, not who did not answer.",),
)
