"""Stack Overflow's survey: who wants to go on with a framework, and who wants to begin with it."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
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
