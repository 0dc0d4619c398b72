"""`observatory bench`: measure the frameworks on this machine."""


def bench(*, quick: bool = False, quiet: bool = False) -> None:
    """Measure the installed frameworks on this machine and publish the results; `observatory report` shows them.

    Args:
        quick: Measure for a shorter time, with wider intervals.
        quiet: Show no progress.
    """
    from flows.single import measure_here
    from flows.terminal import say, shown_progress
    from pipeline.settings import Settings

    settings = Settings()
    with shown_progress(is_quiet=quiet):
        sentence = measure_here(settings, quick=quick)
    say(sentence)
