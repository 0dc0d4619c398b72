"""Papers: which frameworks they name, what their code is written in, who links any; and what was scanned here."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart, CountsOverTime, SharesOverTime
from pipeline.reference import COMPARED

_SPAN = "utcFormat(toDate(datum.period_start), '%Y') + '–' + utcFormat(toDate(datum.period_end), '%y')"


def _draw_states(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one bar per span of years, stacked by state: what could not be read is a part of it, not left out."""
    bar = marks.encoded(
        marks.rows().transform_calculate(span=_SPAN).mark_bar(width={"band": 0.7}),
        x=alt.X("span:O", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("n:Q", stack="zero", axis=alt.Axis(tickCount=5)),
        color=marks.colour(frame),
        order=alt.Order("color_framework_sort_index:Q"),
        tooltip=[marks.FRAMEWORK_TIP, alt.Tooltip("among:N", title="Share of"), *marks.SHARE_TIPS],
    )
    return marks.picture(bar, height=240)


SMALL_BASE = 30


def _draw_links(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one bar per year, stacked by framework; what has no known framework is a grey part of it, not left out."""
    bar = marks.encoded(
        marks.rows().mark_bar(width={"band": 0.78}),
        x=alt.X("year(period_start):O", timeUnit="utcyear", axis=alt.Axis(format="%Y", labelAngle=0)),
        y=alt.Y("share:Q", stack="zero", axis=marks.QUARTERS),
        color=marks.colour(frame),
        opacity=alt.condition(f"datum.base < {SMALL_BASE}", alt.value(0.4), alt.value(1)),
        order=alt.Order("color_framework_sort_index:Q"),
        tooltip=[marks.FRAMEWORK_TIP, *marks.SHARE_TIPS],
    )
    return marks.picture(bar, height=240)


CHARTS = (
    Chart(
        title="{first}’s share of papers that name one of the two, by venue",
        section="papers",
        series="papers.conference_mentions",
        where={"framework": COMPARED[0]},
        frameworks="all",
        draw=SharesOverTime(height=150, has_bounds=True, has_tie=True),
        panel=("population",),
        caption="""Each point is one year of a venue: among papers whose PDF names {first} or {second} but not both, the
            share naming {first}, with its 95 % interval. The line at 50 % is a tie. The pale bar behind spans what
            would be true of all papers if every silent paper used one framework or the other.""",
        caveats=("A paper that names a framework need not use it, and most papers name none: read the pale bar.",),
    ),
    Chart(
        title="What the code of papers is written in",
        section="papers",
        series="papers.code_own_framework",
        where={"population": ("all", "vision", "language", "other", "arXiv, by month")},
        frameworks="first six",
        draw=SharesOverTime(height=230, has_bounds=True),
        panel=("population",),
        panels_first=("arXiv, by month", "all", "vision", "language", "other"),
        caption="""Share of sampled repositories with code that are written in each framework, alone or with another,
            weighted by the size of each year’s list. A point stands at the first year of its span (2019–21, 2022–23,
            2024–25), or at its month where code was drawn from the newest papers on arXiv; pale bars reach as far as
            the repositories that could not be read leave it open.""",
        caveats=(
            "No line joins the spans: the lists hold other venues each year, see the breaks.",
            "From fewer than 60 repositories that name one of the two there is a figure and no verdict.",
            "Intervals take each repository for itself; where papers of one venue are alike they are wider, see below.",
        ),
    ),
    Chart(
        name="papers_code_states",
        title="Every sampled link: what its code is written in, imports and declares",
        section="papers",
        view="paper_code_states",
        where={
            "series_id": ("papers.code_own_framework", "papers.code_imports", "papers.code_dependencies"),
            "population": "all",
            "is_pooled": True,
        },
        frameworks="all",
        order_by=("reading", "period_start", "framework"),
        draw=_draw_states,
        is_over_time=False,
        panel=("reading",),
        panels_first=("what it is written in", "what it imports", "what it declares"),
        caption="""Each bar is a span of years, cut by the state of the links that were drawn: {first} or {second}
            without the other (front-ends count as what they run on first), both, another framework, none, no code
            released, or not obtained. What is imported beyond what code is written in is incidental: data conversion,
            logging, copies.""",
        caveats=("Bars count links and are not weighted; the shares in the table are.",),
    ),
    Chart(
        title="Framework of the repositories that papers link to",
        section="papers",
        series="papers.code_links",
        frameworks="all",
        order_by=("population", "period_start", "framework"),
        draw=_draw_links,
        panel=("population",),
        panels_first=("official", "all"),
        caption=f"""Each bar is a year of papers, cut by the framework of the linked repositories. Grey is code in which
            no deep-learning framework was found: a state of its own, not a zero. Pale bars rest on fewer than
            {SMALL_BASE} links. Official repositories are the authors’ own.""",
        caveats=(
            (
                "The year is the paper’s: re-implementations made years later count under it in “all”, hardly in "
                "“official”."
            ),
        ),
    ),
    Chart(
        title="Papers with a usable code link, by venue",
        section="papers",
        series="papers.code_availability",
        frameworks="all",
        draw=SharesOverTime(height=125, has_bounds=True, is_inked=True),
        panel=("population",),
        caption="""Each point is one year of a venue: the share of its papers whose link parses to a repository.
            Placeholder links are refused and not counted; the pale bar reaches up to where the share were if they
            counted. Hollow marks are preliminary: the newest list could not be read, or was hardly filled in. A year in
            which nobody collected links is absent, not zero.""",
    ),
    Chart(
        title="arXiv papers whose text names a framework, monthly",
        section="papers",
        series="papers.full_text_mentions",
        draw=SharesOverTime(height=230),
        caption="""Share of a random sample of the newest papers on arXiv, read in full, that name the framework as
            used, with its 95 % interval, by the month of their number. Hollow marks: papers of the month are still
            drawn.""",
        caveats=("A paper that names a framework need not use it.",),
    ),
    Chart(
        title="Daily papers on Hugging Face that name a framework up front, monthly",
        section="papers",
        series="papers.hub_daily_mentions",
        draw=SharesOverTime(height=180),
        caption="""Share of the papers that readers hand in whose title or abstract names the framework as used, by the
            month of their number. Most papers name theirs in the body or nowhere: read the shape, not the level.""",
    ),
    Chart(
        title="Papers tagged on the new Papers with Code",
        section="papers",
        series="papers.paperswithcode_tags",
        draw=CountsOverTime(gap_days=40, scale="log"),
        caption="""Papers in the catalogue of paperswithcode.co on each day of asking, by the framework that tags them.
            The axis is logarithmic: equal steps are equal factors.""",
        caveats=("A tag is a library linked to the paper: another thing than the old site’s label of code.",),
    ),
    Chart(
        title="Works of all sciences whose full text names a framework",
        section="papers",
        series="papers.openalex_mentions",
        draw=SharesOverTime(height=250),
        caption="""Share of the works whose full text OpenAlex holds, by year of publication. Names that are ordinary
            words (JAX, Caffe, Torch) cannot be searched and are left out. Hollow marks: the year was not over.""",
        caveats=("A name in the reference list counts like one in the text.",),
    ),
    Chart(
        title="arXiv papers that name a framework up front, monthly",
        section="papers",
        series="papers.arxiv_mentions",
        draw=CountsOverTime(gap_days=40),
        caption="""Papers of a month whose title, abstract or comment names the framework as used, by the month of their
            first version. Most papers name theirs in the body or nowhere: read the shape, not the level.""",
        caveats=("Papers about software name it up front; papers that merely use it seldom do.",),
    ),
    Chart(
        title="Papers of proceedings that name a framework up front, by venue",
        section="papers",
        series="papers.proceedings_mentions",
        draw=SharesOverTime(height=180),
        panel=("population",),
        caption="""Share of the papers that an edition lists whose title, or title and abstract, names the framework as
            used. Most papers name theirs in the body or nowhere: read the shape, not the level.""",
        caveats=("Titles alone, and titles with abstracts, are two measures that do not compare.",),
    ),
    Chart(
        title="Papers of all sciences whose title or abstract names a framework",
        section="papers",
        series="papers.semantic_scholar_mentions",
        draw=CountsOverTime(gap_days=370),
        caption="""Papers of a year that Semantic Scholar finds for the framework’s name. Names that are ordinary words
            are left out. The service announces no total to divide by: read the shape, not the level.""",
        caveats=("The service’s own stemming decides what matches.", "The newest year is not over."),
    ),
    Chart(
        title="Notes on OpenReview that its search finds for a framework",
        section="papers",
        series="papers.openreview_search",
        draw=CountsOverTime(gap_days=40, scale="log"),
        caption="""Submissions, reviews and comments that match the name, on each day of asking. The axis is
            logarithmic: equal steps are equal factors.""",
        caveats=("What the search reads is not documented, and several notes belong to one paper.",),
    ),
    Chart(
        name="scanned_shares",
        title="Frameworks in the papers and repositories scanned here, by year",
        section="scanned",
        view="scanned_shares",
        where={
            "is_dated": True,
            "is_newest_ruleset": True,
            "tier": ("mention", "import", "own"),
            "role": ("any", "used"),
        },
        order_by=("population", "tier", "role", "framework", "period_start"),
        draw=SharesOverTime(height=180, reaches="bound_high", has_bounds=True),
        panel=("population", "tier", "role"),
        panels_first=("papers with code", "papers", "repositories"),
        caption="""Each point is one year: the share of the scanned subjects in which a framework was found, with its 95
            % interval. The pale bar spans what would be true of all of them if every silent one, and every one that
            could not be read, had the framework or had it not. Own is what a repository’s own code is written in; used,
            what a sentence says was used for the work. Hollow marks are of a year that was not over.""",
        caveats=("What was scanned is no random sample of anything, unless whoever scanned it drew one.",),
    ),
)
