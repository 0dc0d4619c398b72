"""Surveys of developers and data scientists."""

from pipeline.charts.chart import Chart, SharesOverTime

POPULATIONS = ("all respondents", "professional developers")

SURVEY_STACKOVERFLOW = Chart(
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
"""Stack Overflow's survey: respondents who had worked with each framework."""

SURVEY_STACKOVERFLOW_OPINIONS = Chart(
    title="Stack Overflow Developer Survey: loved and wanted, 2018–2020",
    section="surveys",
    where={"series_id": "survey.stackoverflow_opinions"},
    draw=SharesOverTime(height=220),
    panel=("population",),
    panels_first=("loved", "wanted"),
    caption=(
        "Loved: of those who work with a framework, the share who want to go on. Wanted: of those who do not, the "
        "share who want to begin. Only percentages were published, so there is no interval."
    ),
    caveats=("Each framework has a base of its own: the shares of two frameworks are no parts of one whole.",),
)
"""Stack Overflow's survey: who wants to go on with a framework, and who wants to begin with it."""

SURVEY_KAGGLE = Chart(
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
"""Kaggle's survey: respondents using each framework."""
