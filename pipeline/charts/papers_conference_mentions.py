"""Conference papers: the first framework's share of the papers that name exactly one of the two compared."""

from pipeline.charts.chart import Chart, SharesOverTime
from pipeline.reference import COMPARED

CHART = Chart(
    title="{first}’s share of papers that name one of the two, by venue",
    section="papers",
    where={"series_id": "papers.conference_mentions", "framework": COMPARED[0]},
    frameworks="all",
    draw=SharesOverTime(height=150, has_bounds=True, has_tie=True),
    panel=("population",),
    caption=(
        "Each point is one year of a venue: among papers whose PDF names {first} or {second} but not both, the share "
        "naming {first}, with its 95 % interval. The line at 50 % is a tie. The pale bar behind spans what would be "
        "true of all papers if every silent paper used one framework or the other."
    ),
    caveats=("A paper that names a framework need not use it, and most papers name none: read the pale bar.",),
)
