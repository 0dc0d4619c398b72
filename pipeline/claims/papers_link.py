"""Which framework the code behind papers uses."""

import pandas as pd

from pipeline.claims.base import Finding, Statement, nothing_known
from pipeline.claims.leading import all_grounds, clause_of, verdict_of
from pipeline.claims.wording import listed

CALLED = {"all": "all linked repositories", "official": "the authors’ own repositories"}


def say(frame: pd.DataFrame) -> Finding:
    """Word who leads among the repositories that papers link to."""
    if frame.empty:
        return nothing_known("No linked repository has a known framework: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    clauses = [clause_of(row, CALLED.get(str(row.population))) for row in frame.itertuples()]
    sentence = f"In the code that papers link to, {listed(clauses)}."
    return Finding(verdict=verdict, leader=leader, sentence=sentence, grounds=all_grounds(frame))


STATEMENT = Statement(
    name="papers_link",
    topic="What paper code uses",
    view="two_way_newest",
    where={"series_id": "papers.code_links"},
    order_by=("population_rank",),
    say=say,
)
