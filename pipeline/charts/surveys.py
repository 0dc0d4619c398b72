"""Surveys of developers and data scientists, and what job posts ask for."""

from pipeline.charts.chart import Chart, SharesOverTime

POPULATIONS = ("all respondents", "professional developers")


CHARTS = (
    Chart(
        title="Stack Overflow Developer Survey: worked with it in the past year",
        section="surveys",
        series="survey.stackoverflow",
        where={"population": POPULATIONS},
        draw=SharesOverTime(height=250),
        frameworks="first six",
        panel=("population",),
        panels_first=POPULATIONS,
        caption="""Share of respondents to the question, by year. Dashed rules mark where the question or its
            denominator changed; lines stop there and the years either side do not compare. Hollow marks are
            preliminary.""",
        caveats=(
            "Two smaller groups, asked since 2023, are in the view and not drawn.",
            "Torch and PyTorch are one answer option in this survey.",
            "Respondents choose to take part: intervals show sampling error only, not who did not answer.",
        ),
    ),
    Chart(
        title="Stack Overflow Developer Survey: loved and wanted, 2018–2020",
        section="surveys",
        series="survey.stackoverflow_opinions",
        draw=SharesOverTime(height=220),
        panel=("population",),
        panels_first=("loved", "wanted"),
        caption="""Loved: of those who work with a framework, the share who want to go on. Wanted: of those who do not,
            the share who want to begin. Only percentages were published, so there is no interval.""",
        caveats=("Each framework has a base of its own: the shares of two frameworks are no parts of one whole.",),
    ),
    Chart(
        title="Kaggle survey: uses it on a regular basis",
        section="surveys",
        series="survey.kaggle",
        draw=SharesOverTime(height=250),
        frameworks="first six",
        panel=("population",),
        panels_first=("all respondents", "data scientists", "ML engineers"),
        caption="""Share of those who answered the question, by year; people tick as many as they use, so shares add to
            more than one. scikit-learn, in grey, is a yardstick and no deep-learning framework.""",
        caveats=("Respondents choose to take part: intervals show sampling error only, not who did not answer.",),
    ),
    Chart(
        name="hiring_posts",
        title="Job posts that name the framework",
        section="jobs",
        series="jobs.hiring_posts",
        draw=SharesOverTime(height=250),
        panel=("population",),
        panels_first=("posts as our detector reads them", "all posts"),
        caption="""Among the posts in the monthly threads “Ask HN: Who is hiring?”, the share that names each framework;
            a post may name several, most name none. By month as our detector reads them; by year as a publisher counted
            them.""",
        caveats=("The two were counted by other words: compare within one of them, never across.",),
    ),
)
