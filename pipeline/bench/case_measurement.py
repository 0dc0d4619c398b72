"""The progress of one run: workers started, every variant built and checked, samples taken in random rounds, in time.

No framework is imported here. Whatever goes wrong with a variant becomes its recorded outcome; the others go on.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import fmean, median

import numpy as np

from pipeline.bench.contract import CPU
from pipeline.bench.plan import Group, Plan, RunContext, Variant, chosen_frameworks
from pipeline.bench.process import Lost, Stopped
from pipeline.bench.runner import Measurement, Progress
from pipeline.bench.worker_slot import VariantState, WorkerSlot, reference
from pipeline.clock import perf_counter
from pipeline.records.benchmarks import Outcome, RunRow

_WARM_UP_SECONDS = 0.12
"""What a warm-up usually takes: a few blocks of 20 ms. Only used to leave time for it."""
_SAMPLE_BLOCKS = 1.4
"""What a sample takes with all around it, in blocks."""
_MUCH_DISTURBED = 0.3
_DISTURBED_SECONDS = 270
"""With more of the first samples disturbed, a run that was given no time budget takes up to so long."""
_MOST_TIMES, _ROUNDS_AT_A_TIME = 4, 2
"""What is least sure gets more rounds, so many at a time, up to so many times the usual number."""


class CaseMeasurement(Measurement):
    """A plan of cases: every variant is built and checked, then sampled in random rounds, in time."""

    def __init__(self, context: RunContext, plan: Plan) -> None:
        """Prepare a place for every worker and variant; no process is started yet."""
        self._context, self._plan = context, plan
        self._protocol = protocol = context.protocol
        self._over_at = self._ends_at = perf_counter() + protocol.budget_seconds
        launches = range(protocol.launches_count)
        self._slots = [
            WorkerSlot(entry, launch, context, device)
            for launch in launches
            for entry in chosen_frameworks(context.options)
            for device in context.options.devices or (CPU,)
        ]
        self._states = {
            (launch, variant): VariantState(variant=variant, launch_index=launch)
            for launch in launches
            for variant in plan.variants
        }
        self._out: set[Variant] = set()
        self._longest_build: dict[tuple[str, str], float] = defaultdict(float)
        self.steps_count = plan.steps_count(protocol)
        self._order_from = 0
        """Where a round's order begins: what is measured case by case stands behind the cases before."""
        self._has_own_length = context.options.budget_seconds is None and not protocol.is_full
        self._leaves_half = bool(context.options.special_measurements) and not protocol.is_full
        """Of a budget that is given: special measurements that were named come after the cases."""
        self._present: list[WorkerSlot] = self._slots
        """Those of the launches that are measured now."""

    def take(self, progress: Progress) -> None:
        """Measure the plan within its own time and what is left of the run's."""
        self._progress = progress
        left = progress.left_seconds / (2 if self._leaves_half else 1)
        self._over_at = perf_counter() + min(self._protocol.budget_seconds, left)
        ended = "interrupted"
        try:
            count, threads = len(self._plan.variants), self._protocol.threads_count
            self._progress.tell("started", f"{count} variants, threads of each: {threads}")
            turns = [self._slots]
            if self._protocol.is_full:  # the launches are measured one after the other
                launches = range(self._protocol.launches_count)
                turns = [[slot for slot in self._slots if slot.launch_index == launch] for launch in launches]
            for place, slots in enumerate(turns):
                now = perf_counter()
                self._ends_at = now + (self._over_at - now) / (len(turns) - place)
                self._measure(slots)
            ended = "all rounds are done"
        finally:
            for slot in self._slots:
                slot.close()
            reference.cache_clear()  # the next part needs others; those of a large network are gigabytes
            self._progress.tell("finished", ended)

    def _measure(self, slots: list[WorkerSlot]) -> None:
        """Build, race and repeat in these slots, and close them."""
        self._present = slots
        self._in_parallel([*(partial(self._open, slot) for slot in slots), self._work_out_references])
        for slot in slots:
            if slot.refusal:
                self._refuse(slot, slot.refusal)
        if self._has_own_length:
            self._ends_at = self._over_at = perf_counter() + self._protocol.budget_seconds
        self._order_from = 0
        for stage in self._plan.stages:
            self._build_stage(stage)
            self._race(stage)
            self._order_from += len(stage) * len({slot.launch_index for slot in slots})
            if stage is self._plan.stages[0]:
                self._allow_for_disturbance()
        self._order_from = 0
        self._sharpen()
        self._repeat_disturbed()
        for slot in slots:
            slot.close()

    def rows(self) -> Iterable[RunRow]:
        """Return a row for each worker that was started, for every variant in every launch, and for each sample.

        Why a variant has no sample stands once where it is the same in all launches.
        """
        run_id = self._context.options.run_id
        states = list(self._states.values())
        reported = [
            state.row(run_id, unfinished=self.unfinished)
            for state in states
            if state.outcome or state.samples or not self._reason(state.variant)
        ]
        for variant in self._plan.left_out:
            state = VariantState(variant=variant, launch_index=0)
            for slot in self._slots:
                if slot.takes(variant) and slot.refusal:
                    state.lose(slot.refusal.outcome, slot.refusal.message)
            reported.append(state.row(run_id, unfinished="not run: quick"))
        workers = [slot.worker_row for slot in self._slots if slot.worker_row]
        return (*workers, *reported, *(sample for state in states for sample in state.samples))

    def _open(self, slot: WorkerSlot) -> None:
        try:
            slot.open()
            for mode in sorted({variant.mode for variant in self._plan.variants if slot.takes(variant)}):
                slot.prepare(mode)
        except Lost as lost:
            # A mode that cannot be prepared says so again at its first variant, which then records it.
            self._progress.tell("worker", f"{slot.entry.title}: {lost.outcome}: {lost.message}")
        else:
            self._progress.tell("worker", f"{slot.entry.title} is ready")

    def _work_out_references(self) -> None:
        for variant in self._plan.variants:
            if self._context.stop.is_set():
                raise Stopped
            reference(variant.case_name, variant.size, variant.dtype, self._protocol.seed)

    def _build_stage(self, stage: Sequence[Variant]) -> None:
        one = _WARM_UP_SECONDS + _SAMPLE_BLOCKS * self._protocol.pace.block_seconds
        launches_count = len({slot.launch_index for slot in self._present})
        build_until = self._ends_at - len(stage) * launches_count * one

        def build_all(framework: str) -> None:
            for variant in stage:
                # The first launch compiles; those after it find the compiler's cache warm.
                for slot in self._present:
                    if variant.framework == framework and slot.takes(variant):
                        self._build(slot, variant, build_until)

        self._in_parallel([partial(build_all, name) for name in {variant.framework: None for variant in stage}])

    def _build(self, slot: WorkerSlot, variant: Variant, build_until: float) -> None:
        state = self._states[slot.launch_index, variant]
        kind = (variant.framework, variant.mode)
        started = perf_counter()
        is_late = started + self._longest_build[kind] > build_until
        if not (self._is_out(slot, state) or is_late):
            limit = self._protocol.limits.build_seconds
            if not (self._has_own_length or self._protocol.is_full or self._protocol.is_quick):
                limit = min(limit, self._protocol.budget_seconds / 2)  # what hangs is found out within the budget
            left = max(self._ends_at - started, 1)
            try:
                slot.build(state, min(limit, left))
            except Lost as lost:
                if lost.outcome == "timed out" and left < limit:
                    said = "it was still being built when the run's time was over; a longer time budget lets it finish"
                    lost = Lost("not run: time budget", said, is_worker_gone=lost.is_worker_gone)
                self._lose(slot, state, lost)
            if slot.launch_index == 0:
                self._longest_build[kind] = max(self._longest_build[kind], perf_counter() - started)
        became = "is built" if slot.has_built(variant) else "is left out"
        self._progress.tell("built", f"{_name(slot, variant)} {became}", steps_count=1)

    def _race(self, variants: Sequence[Variant]) -> None:
        """Warm up what was built of these variants and is cold, then take rounds until they or the time are over."""
        racers = self._racers(variants)
        one_round = len(racers) * _SAMPLE_BLOCKS * self._protocol.pace.block_seconds
        for place, (slot, state) in enumerate(racers):
            # What the time budget leaves after one round is shared among those that are still cold.
            allowance = max(0.0, self._ends_at - perf_counter() - one_round) / (len(racers) - place)
            self._attempt(slot, state, partial(slot.warm_up, state, allowance))
        round_seconds = 0.0
        for round_index in range(self._protocol.rounds_count):
            started = perf_counter()
            # The first round is always run, so that what was built is also measured.
            if round_index and started + round_seconds > self._ends_at:
                break
            self._round(round_index, racers)
            round_seconds = perf_counter() - started
            told = f"round {round_index + 1} of at most {self._protocol.rounds_count}"
            self._progress.tell("round", told, steps_count=1)

    def _racers(self, variants: Sequence[Variant]) -> list[tuple[WorkerSlot, VariantState]]:
        return [
            (slot, state)
            for slot in self._present
            for variant in variants
            if slot.has_built(variant) and not self._is_out(slot, state := self._states[slot.launch_index, variant])
        ]

    def _round(self, round_index: int, racers: Sequence[tuple[WorkerSlot, VariantState]]) -> None:
        generator = self._generator(round_index, len(racers))
        for order_index, (slot, state) in enumerate(_random_order(racers, generator), start=self._order_from):
            # Under other load a sample can take many times what it was sized for.
            if round_index and perf_counter() > self._ends_at:
                return
            self._attempt(slot, state, partial(slot.sample, state, round_index, order_index))

    def _allow_for_disturbance(self) -> None:
        """Give a run of its own length more time where much disturbs the machine, and say why."""
        taken = [state.samples for state in self._states.values() if state.samples]
        # By the variant in the middle: a neighbour disturbs all of them, a framework's own threads its own steps alone.
        share = median(fmean(sample.is_disturbed for sample in own) for own in taken) if taken else 0.0
        if self._has_own_length and not self._protocol.is_quick and share > _MUCH_DISTURBED:
            self._ends_at += _DISTURBED_SECONDS - self._protocol.budget_seconds
            signs = Counter(sample.disturbances for own in taken for sample in own if sample.is_disturbed)
            reason = f"{signs.total()} of {sum(map(len, taken))} samples were disturbed ({signs.most_common(1)[0][0]})"
            self._progress.tell("started", f"{reason}: this run may take up to {_DISTURBED_SECONDS} s")

    def _sharpen(self) -> None:
        """Give the time that is left to the comparisons that are least sure, some rounds at a time."""
        usual = self._protocol.rounds_count
        for first in range(usual, _MOST_TIMES * usual, _ROUNDS_AT_A_TIME):
            if not (groups := self._unsure() or ()):
                return
            self._progress.tell(
                "round", f"{len(groups)} cases are not decided and get more rounds as far as there is time"
            )
            for group in groups:
                racers = self._racers([variant for variant in self._plan.variants if variant.group == group])
                round_seconds = len(racers) * _SAMPLE_BLOCKS * self._protocol.pace.block_seconds
                for round_index in range(first, first + _ROUNDS_AT_A_TIME):
                    if perf_counter() + round_seconds > self._ends_at:
                        return
                    self._round(round_index, racers)

    def _unsure(self) -> Sequence[Group] | None:
        """Return what the samples so far leave undecided; None in runs that do not ask."""
        unsure = None if self._protocol.is_full else self._context.options.unsure
        return unsure and unsure([sample for state in self._states.values() for sample in state.samples])

    def _repeat_disturbed(self) -> None:
        """Take again what was disturbed in every attempt so far, in random order, while there is time.

        The earlier attempts stay. All repeats come at the end, when what disturbed has had time to pass; what is
        decided already needs none.
        """
        groups = self._unsure()
        for attempt_index in range(1, self._protocol.repeats_count + 1):
            due = [
                (slot, state, round_index)
                for slot, state in self._racers(self._plan.variants)
                if groups is None or state.variant.group in groups
                for round_index in state.disturbed_rounds
            ]
            if due:
                self._progress.tell("round", f"{len(due)} disturbed samples are taken again as far as there is time")
            generator = self._generator(attempt_index, len(due))
            for order_index, place in enumerate(generator.permutation(len(due))):
                if perf_counter() + self._protocol.pace.block_seconds > self._ends_at:
                    return
                slot, state, round_index = due[place]
                self._attempt(slot, state, partial(slot.sample, state, round_index, order_index, attempt_index))

    def _generator(self, *place: int) -> np.random.Generator:
        """Return the randomness of one place in the run; launches that are apart have orders of their own."""
        launches = {slot.launch_index for slot in self._present}
        return np.random.default_rng([self._protocol.seed, min(launches, default=0), *place])

    def _attempt(self, slot: WorkerSlot, state: VariantState, action: Callable[[], None]) -> None:
        has_time = slot.is_open or perf_counter() < self._ends_at
        if self._is_out(slot, state) or not has_time:
            return
        try:
            action()
        except Lost as lost:
            self._lose(slot, state, lost)

    def _lose(self, slot: WorkerSlot, state: VariantState, lost: Lost) -> None:
        if slot.refusal:
            self._refuse(slot, slot.refusal)
            return
        state.lose(lost.outcome, lost.message)
        self._out.add(state.variant)
        self._progress.tell("outcome", f"{_name(slot, state.variant)}: {lost.outcome}: {lost.message}")

    def _refuse(self, slot: WorkerSlot, lost: Lost) -> None:
        """Take everything of a framework that cannot be started out of its launch; the same reason is told once."""
        for (launch, variant), state in self._states.items():
            is_its_own = launch == slot.launch_index and slot.takes(variant)
            if is_its_own and self._reason(variant) != lost.outcome:
                state.lose(lost.outcome, lost.message)

    def _reason(self, variant: Variant) -> Outcome | None:
        outcomes = (self._states[launch, variant].outcome for launch in range(self._protocol.launches_count))
        return next((outcome for outcome in outcomes if outcome), None)

    def _is_out(self, slot: WorkerSlot, state: VariantState) -> bool:
        return slot.refusal is not None or state.outcome is not None or state.variant in self._out

    def _in_parallel(self, jobs: Sequence[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
            futures = [pool.submit(job) for job in jobs]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._context.stop.set()  # else leaving this block waits for the others' answers
                raise


def _name(slot: WorkerSlot, variant: Variant) -> str:
    where = "" if variant.device == CPU else f" on {variant.device}"
    return f"{slot.entry.title}{where}, {variant.case_name} {variant.size}, {variant.mode}"


def _random_order(
    racers: Iterable[tuple[WorkerSlot, VariantState]], generator: np.random.Generator
) -> list[tuple[WorkerSlot, VariantState]]:
    """Shuffle the groups, and within each group its variants, so that what is compared is measured close together."""
    groups: dict[object, list[tuple[WorkerSlot, VariantState]]] = defaultdict(list)
    for slot, state in racers:
        groups[slot.launch_index, state.variant.group].append((slot, state))
    names = list(groups)
    return [
        groups[names[group]][place]
        for group in generator.permutation(len(names))
        for place in generator.permutation(len(groups[names[group]]))
    ]
