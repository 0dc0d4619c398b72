"""Scanned papers and repositories: the share of each framework by year, by what the count rests on."""

from pipeline.charts.chart import Chart, SharesOverTime

CHARTS = (
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
