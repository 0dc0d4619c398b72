"""OpenAlex: the share of works with full text in which a framework is named, by year."""

from pipeline.charts.chart import Chart, SharesOverTime

CHART = Chart(
    title="Works of all sciences whose full text names a framework",
    section="papers",
    where={"series_id": "papers.openalex_mentions"},
    draw=SharesOverTime(height=250),
    caption=(
        "Share of the works whose full text OpenAlex holds, by year of publication. Names that are ordinary words "
        "(JAX, Caffe, Torch) cannot be searched and are left out. Hollow marks: the year was not over."
    ),
    caveats=("A name in the reference list counts like one in the text.",),
)
