"""Papers that name a framework, as each service or list of papers shows them."""

from pipeline.charts.chart import Chart, CountsOverTime, SharesOverTime
from pipeline.reference import COMPARED

PAPERS_CONFERENCE_MENTIONS = Chart(
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
"""Conference papers: the first framework's share of the papers that name exactly one of the two compared."""

PAPERS_OPENALEX_MENTIONS = Chart(
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
"""OpenAlex: the share of works with full text in which a framework is named, by year."""

PAPERS_ARXIV_MENTIONS = Chart(
    title="arXiv papers that name a framework up front, monthly",
    section="papers",
    where={"series_id": "papers.arxiv_mentions"},
    draw=CountsOverTime(gap_days=40),
    caption=(
        "Papers of a month whose title, abstract or comment names the framework as used, by the month of their first "
        "version. Most papers name theirs in the body or nowhere: read the shape, not the level."
    ),
    caveats=("Papers about software name it up front; papers that merely use it seldom do.",),
)
"""arXiv: papers of a month whose title, abstract or comment names a framework."""

PAPERS_PROCEEDINGS_MENTIONS = Chart(
    title="Papers of proceedings that name a framework up front, by venue",
    section="papers",
    where={"series_id": "papers.proceedings_mentions"},
    draw=SharesOverTime(height=180),
    panel=("population",),
    caption=(
        "Share of the papers that an edition lists whose title, or title and abstract, names the framework as used. "
        "Most papers name theirs in the body or nowhere: read the shape, not the level."
    ),
    caveats=("Titles alone, and titles with abstracts, are two measures that do not compare.",),
)
"""Proceedings: papers of an edition whose title or abstract names a framework."""

PAPERS_SEMANTIC_SCHOLAR_MENTIONS = Chart(
    title="Papers of all sciences whose title or abstract names a framework",
    section="papers",
    where={"series_id": "papers.semantic_scholar_mentions"},
    draw=CountsOverTime(gap_days=370),
    caption=(
        "Papers of a year that Semantic Scholar finds for the framework’s name. Names that are ordinary words "
        "are left out. The service announces no total to divide by: read the shape, not the level."
    ),
    caveats=("The service’s own stemming decides what matches.", "The newest year is not over."),
)
"""Semantic Scholar: papers of a year whose title or abstract names a framework."""

PAPERS_OPENREVIEW_SEARCH = Chart(
    title="Notes on OpenReview that its search finds for a framework",
    section="papers",
    where={"series_id": "papers.openreview_search"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    caption=(
        "Submissions, reviews and comments that match the name, on each day of asking. The axis is logarithmic: equal "
        "steps are equal factors."
    ),
    caveats=("What the search reads is not documented, and several notes belong to one paper.",),
)
"""OpenReview: notes that its search finds for a framework's name."""
