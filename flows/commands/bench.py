"""`observatory bench`: measure the frameworks on this machine."""


def bench(
    *,
    quick: bool = False,
    full: bool = False,
    case: tuple[str, ...] = (),
    framework: tuple[str, ...] = (),
    special: tuple[str, ...] = (),
    threads: int | None = None,
    budget: float | None = None,
    quiet: bool = False,
) -> None:
    """Measure the installed frameworks on this machine and publish the results; `observatory report` shows them.

    Args:
        quick: Measure for a shorter time, with wider intervals.
        full: Measure every case, mode, framework and special measurement, for as long as that needs.
        case: Measure this case only, with all its sizes and modes; may be given several times.
        framework: Measure this framework only, such as `pytorch` or `keras_jax`; may be given several times.
        special: Take this special measurement too, such as `accuracy` or `loader`; may be given several times.
        threads: Threads of each framework; the usable cores less one unless given.
        budget: Seconds after which no new sample is begun.
        quiet: Show no progress.
    """
    from flows.single import measure_here
    from flows.steps import BenchChoices
    from flows.terminal import say, shown_progress
    from pipeline.settings import Settings

    choices = BenchChoices(
        full=full, cases=case, frameworks=framework, probes=special, threads_count=threads, budget_seconds=budget
    )
    settings = Settings()
    with shown_progress(is_quiet=quiet):
        sentence = measure_here(settings, quick=quick, choices=choices)
    say(sentence)
