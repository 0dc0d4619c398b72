"""`observatory collect`: ask the services."""

from flows.cli.terminal import say, shown_progress
from pipeline.settings import Settings


def collect(*source: str, accept: bool = False, replay: bool = False, quiet: bool = False) -> int:
    """Bring the figures of services up to today and publish them; the page is written by `observatory report`.

    Args:
        source: Names of sources; none means all but those that take hours (proceedings) or many nights
            (arxiv_code, arxiv_full_text, paper_code). `observatory sources` lists them.
        accept: Load what an earlier run set aside because it looked wrong: you have looked at it.
        replay: Ask nobody; read the answers that were kept again, e.g. after an update of this project.
        quiet: Show no progress.
    """
    from pipeline.jobs.collect import collect_and_publish
    from pipeline.sources.registry import USUAL_SOURCES, source_named

    chosen = tuple(source_named(name) for name in dict.fromkeys(source)) or USUAL_SOURCES
    settings = Settings()
    with shown_progress(is_quiet=quiet):
        sentences, failures = collect_and_publish(settings, chosen, accept=accept, replayed=replay)
    say(*sentences, *failures)
    return int(bool(failures))
