"""`observatory bench`: measure the frameworks on this machine, show that the figures hold, and let results travel."""

from math import inf
from pathlib import Path

from cyclopts import App

from flows.cli.terminal import say, show_table, shown_progress
from pipeline.errors import BadInput
from pipeline.settings import Settings

bench = App(name="bench", help="Measure the frameworks on this machine.")


@bench.default
def measure(
    *,
    quick: bool = False,
    full: bool = False,
    case: tuple[str, ...] = (),
    framework: tuple[str, ...] = (),
    special: tuple[str, ...] = (),
    device: tuple[str, ...] = (),
    threads: int | None = None,
    budget: float | None = None,
    compare: bool = False,
    fail_above: str = "",
    quiet: bool = False,
) -> int:
    """Measure the installed frameworks on this machine and publish the results; `observatory report` shows them.

    Args:
        quick: Measure for a shorter time, with wider intervals.
        full: Measure every case, mode, framework and special measurement, for as long as that needs.
        case: Measure this case only, with all its sizes and usual modes (`--full`: and further ones); may be given
            several times.
        framework: Measure this framework only, such as `pytorch` or `keras_jax`; may be given several times.
        special: Take this special measurement too, such as `accuracy` or `loader`; may be given several times.
        device: Measure on this kind of device only, such as `cpu` or `cuda`; may be given several times. Unasked, on
            the processor and on every other that a framework sees.
        threads: Threads of each framework; the usable cores less one unless given.
        budget: Seconds after which no new sample is begun; with `--special` the cases have half of them.
        compare: Show afterwards what changed since the last run on this machine.
        fail_above: With `--compare`: end with 1 where something is surely slower than before by more, such as `10%`.
        quiet: Show no progress.
    """
    from pipeline.bench.plan import BenchOptions
    from pipeline.jobs.bench import measure_and_publish

    # Written this way round, what is not a number is refused too.
    if budget is not None and not budget > 0:
        raise BadInput(f"--budget {budget:g} leaves no time to measure; give seconds above 0, or leave it out.")
    limit = _limit_of(fail_above)
    settings = Settings()
    choices = BenchOptions(
        cache_folder=settings.data_folder / "bench",
        quick=quick,
        full=full,
        cases=case,
        frameworks=framework,
        special_measurements=special,
        devices=device,
        threads_count=threads,
        budget_seconds=budget,
    )
    with shown_progress(is_quiet=quiet):
        sentence = measure_and_publish(settings, choices)
    say(sentence)
    return _show_comparison(settings, limit) if compare else 0


@bench.command(name="compare")
def compare_(*, fail_above: str = "") -> int:
    """Show what changed between the last two runs on this machine, without measuring anything.

    Args:
        fail_above: End with 1 where something is surely slower than before by more than this, such as `10%`.
    """
    return _show_comparison(Settings(), _limit_of(fail_above))


def _limit_of(text: str) -> float:
    """Return a percentage as a fraction; without one nothing is above it."""
    number = text.removesuffix("%")
    if text and not (number.replace(".", "", 1).isdecimal() and number != text):
        raise BadInput(f"--fail-above {text} is no percentage; give one such as 10%.")
    return float(number) / 100 if text else inf


def _show_comparison(settings: Settings, limit: float) -> int:
    from pipeline.jobs.bench_checks import CHANGE_COLUMNS, STEP_COLUMNS, compare_here

    found = compare_here(settings)
    say(found.heading)
    if found.changes:
        show_table(CHANGE_COLUMNS, found.changes, numeric=("before", "now", "now/before"))
    if found.steps:
        say("Steps in the history of runs:")
        show_table(STEP_COLUMNS, found.steps, numeric=("after/before", "runs"))
    if found.remark:
        say(found.remark)
    if too_slow := [slower for slower in found.sure_slowdowns if slower > limit]:
        say(f"{len(too_slow)} of {len(found.changes)} are surely slower than before by more than {limit:.0%}.")
    return int(bool(too_slow))


@bench.command
def certify(*, comparisons: int = 100, threads: int | None = None, quiet: bool = False) -> int:
    """Compare a framework with itself by the plan that compares frameworks, and publish what margin that supports.

    The next measurement on this machine calls frameworks different beyond that margin only. Ends with 1 where fewer
    than 95 % of the intervals hold 1.00.

    Args:
        comparisons: How many, at least; each is a case and mode in processes of its own.
        threads: Threads of each side; the usable cores less one unless given.
        quiet: Show no progress.
    """
    from pipeline.jobs.bench_checks import certify_here

    with shown_progress(is_quiet=quiet):
        sentence, holds = certify_here(Settings(), comparisons_count=comparisons, threads_count=threads)
    say(sentence)
    return int(not holds)


@bench.command
def export(file: Path, *, figures_only: bool = False) -> None:
    """Write this machine's results to a file, for the page of another machine.

    Args:
        file: Where to; compressed if its name ends in `.gz`.
        figures_only: The newest whole run without its samples, as the project ships other machines' figures.
    """
    from pipeline.jobs.bench import export_here

    say(export_here(Settings(), file, figures_only=figures_only))


@bench.command(name="import")
def import_(file: Path) -> None:
    """Take in another machine's results and publish them, marked as such; this machine's own stay as they are.

    Args:
        file: What `observatory bench export` wrote there.
    """
    from pipeline.jobs.bench import import_here

    say(import_here(Settings(), file))
