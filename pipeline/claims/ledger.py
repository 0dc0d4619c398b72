"""The claims ledger for readers: verdicts counted by the side that claims favour, claims chosen, and one in full."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipeline.claims.wording import Row, is_known, period, short_day
from pipeline.errors import BadInput
from pipeline.metrics.read import read_view

COLUMNS = ("claim", "verdict", "what is said", "our figure", "of whom", "when")


def tally_table(tally: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of `claim_tally`: a verdict per row, a side per column; the most frequent first."""
    if tally.empty:
        return [], []
    counts = tally.pivot_table(index="verdict", columns="favours", values="claims_count", aggfunc="sum", fill_value=0)
    counts = counts.reindex(columns=counts.sum().sort_values(ascending=False, kind="stable").index)
    counts["all"] = counts.sum(axis=1)
    counts = counts.sort_values("all", ascending=False, kind="stable")
    counts.loc["all"] = counts.sum()
    rows = [[str(verdict), *(str(int(number)) for number in row)] for verdict, *row in counts.itertuples()]
    return ["verdict", *map(str, counts.columns)], rows


def in_words(claims: pd.DataFrame) -> str:
    """Return how many claims there are, of how many articles, and how many verdicts were computed."""
    computed = int(claims["is_computed"].sum())
    return (
        f"{_numbered(len(claims), 'claim')} of {_numbered(claims['article'].nunique(), 'article')}; verdicts computed: "
        f"{computed}; not testable here or a recorded reading: {len(claims) - computed}."
    )


def _numbered(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def chosen(claims: pd.DataFrame, family: str | None, verdict: str | None, search: str | None) -> pd.DataFrame:
    """Return the claims of a family and verdict in whose words, article or source all words of `search` stand.

    Raises:
        BadInput: there is no such family or verdict.
    """
    for column, wanted in (("family", family), ("verdict", verdict)):
        if wanted is not None:
            known = sorted(set(claims[column]))
            if wanted not in known:
                raise BadInput(f"no claim has the {column} {wanted}; there are {', '.join(known)}.")
            claims = claims[claims[column] == wanted]
    words = claims[["claim_id", "claim", "article", "source_named"]].fillna("").agg(" ".join, axis=1).str.casefold()
    for word in (search or "").casefold().split():
        claims = claims[words.loc[claims.index].str.contains(word, regex=False)]
    return claims


def lines_of(claims: pd.DataFrame) -> Iterator[list[str]]:
    """Yield one line per claim."""
    row: Row
    for row in claims.itertuples():
        when = period(row.period_start, row.period_end) if is_known(row.period_start) else None
        cells = (row.our_figure, row.population, when)
        yield [row.claim_id, row.verdict, row.claim, *(str(cell) if is_known(cell) else "" for cell in cells)]


def in_full(published_file: Path, claim_id: str) -> Iterator[str]:
    """Yield all that the ledger holds of one claim, a line for each part.

    Raises:
        BadInput: there is no such claim.
    """
    row: Row = next(read_view(published_file, "claims", {"claim_id": claim_id.upper()}).itertuples(), None)
    if row is None:
        raise BadInput(f"there is no claim {claim_id}; `observatory claims --search WORDS` finds one by its words.")
    for column, value in zip(row._fields[1:], row[1:], strict=True):
        if is_known(value):
            said = f"{value:,.6g}" if isinstance(value, float) else str(value).removesuffix(" 00:00:00")
            yield f"{column.replace('_', ' ')}: {said}"
    for past in read_view(published_file, "claim_history", {"claim_id": row.claim_id}, ("decided_on",)).itertuples():
        before = f" (before: {past.verdict_before})" if is_known(past.verdict_before) else ""
        yield f"since {short_day(past.decided_on)}: {past.verdict}{before}"
    yield f"All evidence: observatory query \"from claim_evidence where claim_id = '{row.claim_id}'\""


def reviews(claims: pd.DataFrame, history: pd.DataFrame) -> dict[str, object]:
    """Return the computed verdicts as ClaimReview of schema.org, for machines; recorded readings are no reviews."""
    dated = history.loc[history["is_current"].astype(bool), ["claim_id", "decided_on"]]
    found = claims[claims["is_computed"].astype(bool)].merge(dated, "left", "claim_id")
    return {"@context": "https://schema.org", "@graph": [*map(_review, found.itertuples(), lines_of(found))]}


def _review(row: Row, line: list[str]) -> dict[str, object]:
    found_at = {"url": row.address} if row.address.startswith("http") else {}
    dated = {"datePublished": f"{row.decided_on:%Y-%m-%d}"} if is_known(row.decided_on) else {}
    return {
        "@type": "ClaimReview",
        "url": f"#{row.claim_id}",
        "author": {"@type": "Organization", "name": "Framework Observatory"},
        "claimReviewed": row.claim,
        "itemReviewed": {"@type": "Claim", "appearance": {"@type": "CreativeWork", "name": row.article, **found_at}},
        "reviewRating": {"@type": "Rating", "alternateName": row.verdict},
        "reviewBody": "; ".join(part for part in line[3:] if part),
        **dated,
    }
