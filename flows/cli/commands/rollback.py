"""`observatory rollback`: an earlier release again."""

from flows.cli.terminal import say
from pipeline.settings import Settings


def rollback(release: str | None = None, /, *, rebuild: bool = False) -> None:
    """Show an earlier release again, and write its page, until the next run publishes.

    Args:
        release: Its name, as `observatory releases` lists it; without one, the release before the one that is shown.
        rebuild: Fill a new warehouse from the release, by default the one shown, where it is lost or damaged.
    """
    from pipeline.jobs.releases import roll_back

    say(roll_back(Settings(), release, is_rebuilt=rebuild))
