"""Which framework the code behind papers uses."""

import pandas as pd

from pipeline.claims.claim import Statement
from pipeline.claims.leading import FIRST, share_of_two, standing_of, title_of
from pipeline.claims.wording import listed, period

CALLED = {"all": "all linked repositories", "official": "the authors’ own"}


def sentence(frame: pd.DataFrame) -> str:
    """Word who leads among the repositories that papers link to, for each population."""
    clauses = [
        f"{standing_of(row.leader)} among {CALLED.get(str(row.population), str(row.population))} "
        f"({share_of_two(row)} {title_of(FIRST)} of the two)"
        for row in frame.itertuples()
    ]
    when = period(frame["period_start"].iloc[0], frame["period_end"].iloc[0])
    return f"In the code of papers of {when}, {listed(clauses)}."


STATEMENT = Statement(
    name="papers_link",
    topic="What paper code uses",
    where={"series_id": "papers.code_links"},
    remedy="No linked repository has a known framework: load the archive with `observatory run`.",
    sentence=sentence,
)
