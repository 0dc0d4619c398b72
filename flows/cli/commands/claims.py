"""`observatory claims`: what articles say about the frameworks, and how it comes out."""

from flows.cli.terminal import say, show_table
from pipeline.settings import Settings


def claims(claim_id: str = "", /, *, family: str | None = None, verdict: str | None = None, search: str = "") -> None:
    """Count the verdicts of the claims ledger, list claims, or show one in full.

    Args:
        claim_id: The claim, such as C016: all that is known of it.
        family: List the claims of one topic, such as adoption or performance.
        verdict: List those with one verdict, such as reproduced.
        search: List those in whose words, article or named source all these words stand.
    """
    from pipeline.claims import ledger
    from pipeline.metrics.read import read_view

    file = Settings().published_file
    if claim_id:
        say(*ledger.in_full(file, claim_id))
        return
    frame = read_view(file, "claims")
    if family or verdict or search:
        found = ledger.chosen(frame, family, verdict, search)
        show_table(ledger.COLUMNS, ledger.lines_of(found))
        say(ledger.in_words(found))
        return
    columns, rows = ledger.tally_table(read_view(file, "claim_tally"))
    show_table(columns, rows, columns[1:])
    say(ledger.in_words(frame))
