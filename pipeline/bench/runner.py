"""The course of one run: workers started, every variant built and checked, samples taken in random rounds, in time.

No framework is imported here. Whatever goes wrong with a variant becomes its recorded outcome; the others go on.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from pipeline.bench.compare import reference
from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchEvent, EventKind, OnEvent, Plan, RunContext, Variant, chosen_frameworks
from pipeline.bench.process import Lost, Stopped
from pipeline.bench.worker_slot import VariantState, WorkerSlot
from pipeline.clock import perf_counter
from pipeline.records.benchmarks import BenchSample, BenchVariant, BenchWorker, Outcome

_WARM_UP_SECONDS = 0.12
"""What a warm-up usually takes: a few blocks of 20 ms. Only used to leave time for it."""
_SAMPLE_BLOCKS = 1.4
"""What a sample takes with all around it, in blocks."""


class Runner:
    """One run of a plan. After `run` the rows tell everything."""

    def __init__(self, context: RunContext, plan: Plan, on_event: OnEvent) -> None:
        """Begin to count the time budget; no process is started yet."""
        self.is_interrupted = False
        self._context, self._plan, self._on_event = context, plan, on_event
        self._protocol = protocol = context.protocol
        self._over_at = self._ends_at = perf_counter() + protocol.budget_seconds
        launches = range(protocol.launches_count)
        self._seats = [
            WorkerSlot(entry, launch, context, device)
            for launch in launches
            for entry in chosen_frameworks(context.options)
            for device in context.options.devices or (CPU,)
        ]
        self._standings = {
            (launch, variant): VariantState(variant=variant, launch_index=launch)
            for launch in launches
            for variant in plan.variants
        }
        self._out: set[Variant] = set()
        self._longest_build: dict[tuple[str, str], float] = defaultdict(float)
        self._event_lock = threading.Lock()
        self._done_count = 0
        self._total_count = plan.steps_count(protocol)
        self._first_rounds_count = plan.first_rounds_count(protocol)
        self._present: list[WorkerSlot] = self._seats
        """Those of the launches that are measured now."""

    def run(self) -> None:
        """Measure the plan; afterwards no worker is left, however it ended."""
        try:
            self._tell("started", f"{len(self._plan.variants)} variants, {self._protocol.threads_count} threads each")
            turns = self._turns()
            for place, seats in enumerate(turns):
                now = perf_counter()
                self._ends_at = now + (self._over_at - now) / (len(turns) - place)
                self._measure(seats)
        except (KeyboardInterrupt, Stopped):
            self.is_interrupted = True
        finally:
            for seat in self._seats:
                seat.close()
            reference.cache_clear()  # the next part needs others; those of a large network are gigabytes
        self._tell("finished", "interrupted" if self.is_interrupted else "all rounds are done")

    def _turns(self) -> list[list[WorkerSlot]]:
        """Return what is measured together: all launches, or one after the other."""
        if not self._protocol.are_launches_apart:
            return [self._seats]
        launches = range(self._protocol.launches_count)
        return [[seat for seat in self._seats if seat.launch_index == launch] for launch in launches]

    def _measure(self, seats: list[WorkerSlot]) -> None:
        """Build, race and repeat in these seats, and close them."""
        self._present = seats
        self._open_seats()
        for stage in self._plan.stages:
            self._build_stage(stage)
            self._race(stage, range(self._first_rounds_count))
        self._race(self._plan.variants, range(self._first_rounds_count, self._protocol.rounds_count))
        self._repeat_disturbed()
        for seat in seats:
            seat.close()

    def worker_rows(self) -> tuple[BenchWorker, ...]:
        """Return a row for each worker that could be started."""
        return tuple(seat.worker_row for seat in self._seats if seat.worker_row)

    def sample_rows(self) -> tuple[BenchSample, ...]:
        """Return every sample."""
        return tuple(sample for standing in self._standings.values() for sample in standing.samples)

    def variant_rows(self) -> tuple[BenchVariant, ...]:
        """Return what became of every variant in every launch; a reason that is the same in all stands once."""
        run_id = self._context.options.run_id
        unfinished: Outcome = "not run: interrupted" if self.is_interrupted else "not run: time budget"
        told = [
            standing.row(run_id, unfinished=unfinished)
            for standing in self._standings.values()
            if standing.outcome or standing.samples or not self._reason(standing.variant)
        ]
        left_out = (self._left_out(variant) for variant in self._plan.left_out)
        return (*told, *(standing.row(run_id, unfinished="not run: quick") for standing in left_out))

    def _left_out(self, variant: Variant) -> VariantState:
        """Return the standing of a variant that was not to be measured, or could not have been."""
        standing = VariantState(variant=variant, launch_index=0)
        for seat in self._seats:
            if seat.takes(variant) and seat.refusal:
                standing.lose(seat.refusal.outcome, seat.refusal.message)
        return standing

    def _open_seats(self) -> None:
        jobs = [self._opening(seat) for seat in self._present]
        self._in_parallel([*jobs, self._work_out_references])
        for seat in self._present:
            if seat.refusal:
                self._refuse(seat, seat.refusal)

    def _opening(self, seat: WorkerSlot) -> Callable[[], None]:
        needed = {variant.mode for variant in self._plan.variants if seat.takes(variant)}

        def opening() -> None:
            try:
                seat.open()
                for mode in sorted(needed):
                    seat.prepare(mode)
            except Lost as lost:
                # A mode that cannot be prepared says so again at its first variant, which then records it.
                self._tell("worker", f"{seat.entry.title}: {lost.outcome}: {lost.message}")
            else:
                self._tell("worker", f"{seat.entry.title} is ready")

        return opening

    def _work_out_references(self) -> None:
        for variant in self._plan.variants:
            if self._context.stop.is_set():
                raise Stopped
            reference(variant.case_name, variant.size, variant.dtype, self._protocol.seed)

    def _build_stage(self, stage: Sequence[Variant]) -> None:
        build_until = self._ends_at - self._sampling_seconds(stage)

        def building(framework: str) -> Callable[[], None]:
            def build_all() -> None:
                for variant in stage:
                    # The first launch compiles; those after it find the compiler's cache warm.
                    for seat in self._present:
                        if variant.framework == framework and seat.takes(variant):
                            self._build(seat, variant, build_until)

            return build_all

        self._in_parallel([building(name) for name in {variant.framework: None for variant in stage}])

    def _build(self, seat: WorkerSlot, variant: Variant, build_until: float) -> None:
        standing = self._standings[seat.launch_index, variant]
        kind = (variant.framework, variant.mode)
        started = perf_counter()
        is_late = started + self._longest_build[kind] > build_until
        if not (self._is_out(seat, standing) or is_late):
            limit = seat.limits.build_seconds
            left = max(self._ends_at - started, 1)
            try:
                seat.build(standing, min(limit, left))
            except Lost as lost:
                was_cut = lost.outcome == "timed out" and left < limit
                self._lose(seat, standing, _out_of_time(lost) if was_cut else lost)
            if seat.launch_index == 0:
                self._longest_build[kind] = max(self._longest_build[kind], perf_counter() - started)
        became = "is built" if seat.has_built(variant) else "is left out"
        self._step(f"{_name(seat, variant)} {became}")

    def _race(self, variants: Sequence[Variant], rounds: range) -> None:
        """Warm up what was built of these variants and is cold, then take rounds until they or the time are over."""
        racers = self._racers(variants)
        for place, (seat, standing) in enumerate(racers):
            allowance = self._warm_up_allowance(len(racers) - place, len(racers))
            self._attempt(seat, standing, partial(seat.warm_up, standing, allowance))
        round_seconds = 0.0
        for round_index in rounds:
            started = perf_counter()
            # The first round is always run, so that what was built is also measured.
            if round_index and started + round_seconds > self._ends_at:
                break
            self._round(round_index, racers)
            round_seconds = perf_counter() - started
            self._step(f"round {round_index + 1} of at most {self._protocol.rounds_count}", kind="round")

    def _racers(self, variants: Sequence[Variant]) -> list[tuple[WorkerSlot, VariantState]]:
        return [
            (seat, standing)
            for seat in self._present
            for variant in variants
            if seat.has_built(variant)
            and not self._is_out(seat, standing := self._standings[seat.launch_index, variant])
        ]

    def _round(self, round_index: int, racers: Sequence[tuple[WorkerSlot, VariantState]]) -> None:
        generator = self._generator(round_index, len(racers))
        for order_index, (seat, standing) in enumerate(_random_order(racers, generator)):
            # Under other load a sample can take many times what it was sized for.
            if round_index and perf_counter() > self._ends_at:
                return
            self._attempt(seat, standing, partial(seat.sample, standing, round_index, order_index))

    def _repeat_disturbed(self) -> None:
        """Take again what was disturbed in every attempt so far, in random order, while there is time.

        The earlier attempts stay. All repeats come at the end, when what disturbed has had time to pass.
        """
        for attempt_index in range(1, self._protocol.repeats_count + 1):
            due = [
                (seat, standing, round_index)
                for seat, standing in self._racers(self._plan.variants)
                for round_index in standing.disturbed_rounds
            ]
            if due:
                self._tell("round", f"{len(due)} disturbed samples are taken again as far as there is time")
            generator = self._generator(attempt_index, len(due))
            for order_index, place in enumerate(generator.permutation(len(due))):
                if perf_counter() + self._protocol.pace.block_seconds > self._ends_at:
                    return
                seat, standing, round_index = due[place]
                self._attempt(seat, standing, partial(seat.sample, standing, round_index, order_index, attempt_index))

    def _generator(self, *place: int) -> np.random.Generator:
        """Return the randomness of one place in the run; launches that are apart have orders of their own."""
        launches = {seat.launch_index for seat in self._present}
        return np.random.default_rng([self._protocol.seed, min(launches, default=0), *place])

    def _attempt(self, seat: WorkerSlot, standing: VariantState, action: Callable[[], None]) -> None:
        has_time = seat.is_open or perf_counter() < self._ends_at
        if self._is_out(seat, standing) or not has_time:
            return
        try:
            action()
        except Lost as lost:
            self._lose(seat, standing, lost)

    def _lose(self, seat: WorkerSlot, standing: VariantState, lost: Lost) -> None:
        if seat.refusal:
            self._refuse(seat, seat.refusal)
            return
        standing.lose(lost.outcome, lost.message)
        self._out.add(standing.variant)
        self._tell("outcome", f"{_name(seat, standing.variant)}: {lost.outcome}: {lost.message}")

    def _refuse(self, seat: WorkerSlot, lost: Lost) -> None:
        """Take everything of a framework that cannot be started out of its launch; the same reason is told once."""
        for (launch, variant), standing in self._standings.items():
            is_its_own = launch == seat.launch_index and seat.takes(variant)
            if is_its_own and self._reason(variant) != lost.outcome:
                standing.lose(lost.outcome, lost.message)

    def _reason(self, variant: Variant) -> Outcome | None:
        outcomes = (self._standings[launch, variant].outcome for launch in range(self._protocol.launches_count))
        return next((outcome for outcome in outcomes if outcome), None)

    def _is_out(self, seat: WorkerSlot, standing: VariantState) -> bool:
        return seat.refusal is not None or standing.outcome is not None or standing.variant in self._out

    def _warm_up_allowance(self, left_count: int, all_count: int) -> float:
        """Share what the time budget leaves after one round among those that are still cold."""
        one_round = all_count * _SAMPLE_BLOCKS * self._protocol.pace.block_seconds
        return max(0.0, self._ends_at - perf_counter() - one_round) / left_count

    def _sampling_seconds(self, stage: Sequence[Variant]) -> float:
        one = _WARM_UP_SECONDS + _SAMPLE_BLOCKS * self._protocol.pace.block_seconds
        return len(stage) * len({seat.launch_index for seat in self._present}) * one

    def _in_parallel(self, jobs: Sequence[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
            futures = [pool.submit(job) for job in jobs]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._context.stop.set()  # else leaving this block waits for the others' answers
                raise

    def _step(self, sentence: str, kind: EventKind = "built") -> None:
        with self._event_lock:
            self._done_count += 1
        self._tell(kind, sentence)

    def _tell(self, kind: EventKind, sentence: str) -> None:
        with self._event_lock:
            self._on_event(
                BenchEvent(kind=kind, sentence=sentence, done_count=self._done_count, total_count=self._total_count)
            )


def _name(seat: WorkerSlot, variant: Variant) -> str:
    where = "" if variant.device == CPU else f" on {variant.device}"
    return f"{seat.entry.title}{where}, {variant.case_name} {variant.size}, {variant.mode}"


def _out_of_time(lost: Lost) -> Lost:
    message = "it was still being built when the run's time was over; a longer time budget lets it finish"
    return Lost("not run: time budget", message, is_worker_gone=lost.is_worker_gone)


def _random_order(
    racers: Iterable[tuple[WorkerSlot, VariantState]], generator: np.random.Generator
) -> list[tuple[WorkerSlot, VariantState]]:
    """Shuffle the groups, and within each group its variants, so that what is compared is measured close together."""
    groups: dict[object, list[tuple[WorkerSlot, VariantState]]] = defaultdict(list)
    for seat, standing in racers:
        groups[seat.launch_index, standing.variant.group].append((seat, standing))
    names = list(groups)
    return [
        groups[names[group]][place]
        for group in generator.permutation(len(names))
        for place in generator.permutation(len(groups[names[group]]))
    ]
