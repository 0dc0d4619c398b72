"""OpenAlex: the share of works with full text in which a framework is named, by year."""

from pipeline.charts import marks
from pipeline.charts.chart import Chart

CHART = Chart(
    name="papers_openalex_mentions",
    title="Works of all sciences whose full text names a framework",
    section="papers",
    where={"series_id": "papers.openalex_mentions"},
    draw=lambda frame: marks.shares_over_time(frame, height=250),
    caption=(
        "Share of the works whose full text OpenAlex holds, by year of publication. Names that are ordinary words "
        "(JAX, Caffe, Torch) cannot be searched and are left out. Hollow marks: the year was not over."
    ),
    caveats=("A name in the reference list counts like one in the text.",),
)
