"""Which framework the code behind papers uses."""

import pandas as pd

from pipeline.claims.claim import Finding, Statement, nothing_known
from pipeline.claims.leading import grounds, standing_of, verdict_of
from pipeline.claims.wording import listed, percent, period

CALLED = {"all": "all linked repositories", "official": "the authors’ own"}


def say(frame: pd.DataFrame) -> Finding:
    """Word who leads among the repositories that papers link to, for each population."""
    if frame.empty:
        return nothing_known("No linked repository has a known framework: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    clauses = [
        f"{standing_of(row)} among {CALLED.get(str(row.population), str(row.population))} "
        f"({percent(row.pytorch_share)} PyTorch of the two)"
        for row in frame.itertuples()
    ]
    when = period(frame["period_start"].iloc[0], frame["period_end"].iloc[0])
    sentence = f"In the code of papers of {when}, {listed(clauses)}."
    return Finding(verdict=verdict, leader=leader, sentence=sentence, grounds=grounds(frame))


STATEMENT = Statement(
    name="papers_link",
    topic="What paper code uses",
    view="two_way_newest",
    where={"series_id": "papers.code_links"},
    order_by=("population_rank",),
    say=say,
)
