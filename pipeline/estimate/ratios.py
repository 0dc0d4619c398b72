"""From samples to medians, their ratio to a reference framework, intervals, and what may be said about them.

Variance lives between processes as much as within one, so the bootstrap draws launches first and rounds within them.
Two frameworks are compared by the samples that they have of the same launch and round, drawn together: what disturbed
both at that time cancels. No interval is narrower than what the run's launches, taken together, say of their own
differences (see `moderated_variance.py`).

A disturbance only ever makes a step slower, on one side or on both. It takes no verdict away: where some rounds were
disturbed, the interval reaches over what all rounds say and over what the undisturbed ones say by themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.estimate.moderated_variance import Floats, Key, least_half_widths
from pipeline.records import benchmarks
from pipeline.records.benchmarks import BenchSample, BenchSelfSample, DerivedPerformance, DerivedSelfComparison
from pipeline.reference import COMPARED

REFERENCE_FRAMEWORK = COMPARED[0]
MARGIN_VIRTUAL, MARGIN_OWN = 0.15, 0.05
"""On a shared host two runs of one thing differ by more than 5 %. Both hold until a certificate says what it is."""
_COMPARED_WITH = {"xla": "compiled"}
"""Modes that the reference framework lacks, and its own that they are compared with."""
_SEED = 2024
_DRAWS_COUNT = 2000
QUANTILES = (0.025, 0.975)
_FEWEST_SAMPLES = 4
"""Of a variant that is called stable or not, and of the rounds that two sides share for a verdict."""
_FEWEST_SHARED = 2
"""A single pair of samples would have an interval without any width."""
_WIDEST_SPREAD = 0.25
_MOST_DISTURBED = 0.3
NORMAL_MAD = 1.4826  # makes the median absolute deviation of normal numbers their standard deviation


class _Key(NamedTuple):
    """A variant of one run."""

    run_id: str
    case_name: str
    size: str
    dtype: str
    device: str
    framework: str
    mode: str

    @property
    def reference(self) -> "_Key":
        """The same thing in the reference framework; what XLA compiles is set against what that one compiles.

        A mode with a further setting is set against the same framework's without it.
        """
        if (usual := benchmarks.usual_mode(self.mode)) != self.mode:
            return self._replace(mode=usual)
        return self._replace(framework=REFERENCE_FRAMEWORK, mode=_COMPARED_WITH.get(self.mode, self.mode))


_Place = tuple[int, int]
"""A launch and a round."""
Series = Mapping[_Place, BenchSample]
"""The samples of one variant by launch and round."""
_Sample = TypeVar("_Sample", bound=BenchSample)


class Ratio(NamedTuple):
    """A ratio of medians with its 95 % interval."""

    value: float
    low: float
    high: float


def margin_for(machine: benchmarks.Machine, certified_fraction: float | None = None) -> float:
    """Return by how much two frameworks must differ on this machine to be called different, as a fraction.

    Where the machine has a certificate it is what that supports (`machine_certificate.supported_margin_fraction`).
    """
    if certified_fraction is not None:
        return certified_fraction
    return MARGIN_VIRTUAL if machine.is_virtual else MARGIN_OWN


def derive_performance(
    samples: Iterable[BenchSample], margin_fraction: float, most_busy_cpus: float = inf
) -> list[DerivedPerformance]:
    """Return one row for each variant that has samples, in the order of their keys; the same rows at every call.

    Disturbed samples count like the others and widen the intervals; that a variant with many is called unstable
    describes it, and takes no verdict away. What kept more processors busy than it may, in the median, is not
    comparable.
    """
    series: dict[_Key, dict[_Place, BenchSample]] = defaultdict(dict)
    for sample in samples:
        series[_key_of(sample)][sample.launch_index, sample.round_index] = sample
    # Two modes of one process differ less from launch to launch than two frameworks: neither learns from the other.
    pairs: dict[tuple[str, bool], dict[_Key, tuple[Series, Series]]] = defaultdict(dict)
    for key, own in series.items():
        if key.reference != key and key.reference in series:
            pairs[key.run_id, key.framework == key.reference.framework][key] = own, series[key.reference]
    ratios = {key: ratio for alike in pairs.values() for key, ratio in compared(alike).items()}
    busy = {key: np.median([s.cpu_seconds / s.step_seconds for s in own.values()]) for key, own in series.items()}
    over = {key for key, cpus in busy.items() if key.device == "cpu" and cpus > most_busy_cpus}
    return [
        _row(key, series, ratios.get(key), margin_fraction, is_over=not over.isdisjoint({key, key.reference}))
        for key in sorted(series)
    ]


def derive_self_comparisons(samples: Iterable[BenchSelfSample]) -> list[DerivedSelfComparison]:
    """Return one row for each comparison of a framework with itself, in order, with the interval any comparison gets.

    Each repetition is taken as a run of its own, since that is what it stands for. What has too few samples to be
    judged between two frameworks is no comparison here either.
    """
    series: dict[tuple[int, _Key], dict[benchmarks.Side, dict[_Place, BenchSample]]] = defaultdict(
        lambda: {"one": {}, "other": {}}
    )
    for sample in counted(samples):
        place = sample.launch_index, sample.round_index
        series[sample.repetition, _key_of(sample)][sample.side][place] = sample
    rows: list[DerivedSelfComparison] = []
    for repetition in sorted({repetition for repetition, _ in series}):
        pairs = {key: (sides["one"], sides["other"]) for (each, key), sides in series.items() if each == repetition}
        ratios = compared(pairs)
        rows += [
            _self_row(key, repetition, pairs[key], ratios[key])
            for key in sorted(ratios)
            if len(pairs[key][0].keys() & pairs[key][1].keys()) >= _FEWEST_SAMPLES
        ]
    return rows


def compared(pairs: Mapping[Key, tuple[Series, Series]]) -> dict[Key, Ratio]:
    """Return each pair's ratio of medians, first over second, with its interval; it takes two shared rounds at least.

    The pairs are those of one run: of how much launches differ, each comparison learns from the others.
    """
    shared = {key: sorted(series.keys() & reference.keys()) for key, (series, reference) in pairs.items()}
    calm = {
        key: [place for place in shared[key] if not any(series[place].is_disturbed for series in pair)]
        for key, pair in pairs.items()
    }
    every = _ratios(pairs, shared)
    undisturbed = _ratios(pairs, {key: places for key, places in calm.items() if len(places) < len(shared[key])})
    return {key: _spanning(ratio, undisturbed.get(key), len(calm[key])) for key, ratio in every.items()}


def ratio_of_medians(launches: Sequence[Floats], reference: Sequence[Floats]) -> Ratio:
    """Return median(launches) / median(reference) with its bootstrap interval.

    Both have one array per launch, and at each place in it the samples of the same round.
    """
    paired = [np.stack(pair, axis=1) for pair in zip(launches, reference, strict=True)]
    value, other = np.median(np.concatenate(paired), axis=0)
    drawn = resampled_medians(paired)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], QUANTILES)
    return Ratio(float(value / other), float(low), float(high))


def resampled_medians(launches: Sequence[Floats], draws_count: int = _DRAWS_COUNT) -> Floats:
    """Return the medians of the hierarchical bootstrap, draws x columns.

    A launch is an array rounds x columns; its rounds are drawn whole. As many launches are drawn as there are, and from
    each as many rounds as it has, both with replacement.
    """
    generator = np.random.default_rng(_SEED)
    counts = np.array([len(rounds) for rounds in launches])
    longest = counts.max()
    padded = np.stack([np.pad(rounds, ((0, longest - len(rounds)), (0, 0))) for rounds in launches])
    picked = generator.integers(len(launches), size=(draws_count, len(launches)))
    places = (generator.random((draws_count, len(launches), longest)) * counts[picked][..., None]).astype(int)
    drawn = padded[picked[..., None], places]
    drawn[np.arange(longest) >= counts[picked][..., None]] = np.nan
    ordered = np.sort(drawn.reshape(draws_count, -1, padded.shape[2]), axis=1)  # what is not there comes last
    rows, numbers = np.arange(draws_count), counts[picked].sum(axis=1)
    medians: Floats = (ordered[rows, (numbers - 1) // 2] + ordered[rows, numbers // 2]) / 2
    return medians


def spread_of(step_seconds: Floats) -> float:
    """Return the robust coefficient of variation: 1.4826 times the median absolute deviation, over the median."""
    middle = np.median(step_seconds)
    return float(NORMAL_MAD * np.median(np.abs(step_seconds - middle)) / middle)


def verdict_on(ratio: Ratio | None, margin_fraction: float) -> benchmarks.Verdict:
    """Return what the ratio of step times allows to say: only an interval beyond the margin is a difference.

    Only one that lies wholly within it is "same"; any other shows neither.
    """
    if ratio is None:
        return "not comparable"
    if ratio.high < 1 / (1 + margin_fraction):
        return "faster"
    if ratio.low > 1 + margin_fraction:
        return "slower"
    if ratio.low >= 1 / (1 + margin_fraction) and ratio.high <= 1 + margin_fraction:
        return "same"
    return "no difference shown"


def _key_of(sample: BenchSample) -> _Key:
    return _Key(*(getattr(sample, name) for name in _Key._fields))


def _ratios(pairs: Mapping[Key, tuple[Series, Series]], places: Mapping[Key, list[_Place]]) -> dict[Key, Ratio]:
    """Return the ratios by the samples at these places of each pair; of a single place there is none."""
    launches = {
        key: tuple(_by_launch(series, places[key]) for series in pairs[key])
        for key in places
        if len(places[key]) >= _FEWEST_SHARED
    }
    least = least_half_widths(
        {key: [np.log(a / b) for a, b in zip(own, other, strict=True)] for key, (own, other) in launches.items()}
    )
    return {key: _at_least(ratio_of_medians(own, other), least.get(key, 0.0)) for key, (own, other) in launches.items()}


def _spanning(every: Ratio, undisturbed: Ratio | None, undisturbed_count: int) -> Ratio:
    """Return the interval over both; the ratio is that of the undisturbed rounds where these are enough."""
    if undisturbed is None:
        return every
    value = undisturbed.value if undisturbed_count >= _FEWEST_SAMPLES else every.value
    return Ratio(value, min(every.low, undisturbed.low), max(every.high, undisturbed.high))


def _median_interval(series: Series) -> tuple[float, float]:
    """Return the interval of the median, over all samples and over the undisturbed ones."""
    calm = {place: sample for place, sample in series.items() if not sample.is_disturbed}
    drawn = [
        resampled_medians([values[:, None] for values in _by_launch(each, sorted(each))])[:, 0]
        for each in ((series, calm) if 0 < len(calm) < len(series) else (series,))
    ]
    ends = np.quantile(drawn, QUANTILES, axis=1)
    return float(ends[0].min()), float(ends[1].max())


def _at_least(ratio: Ratio, half_width: float) -> Ratio:
    """Widen the interval so that it reaches as far as the half width, in logarithms, to both sides."""
    factor = float(np.exp(half_width))
    return Ratio(ratio.value, min(ratio.low, ratio.value / factor), max(ratio.high, ratio.value * factor))


def _self_row(key: _Key, repetition: int, pair: tuple[Series, Series], ratio: Ratio) -> DerivedSelfComparison:
    stabilities = {_stability(series) for series in pair}
    return DerivedSelfComparison(
        **key._asdict(),
        repetition=repetition,
        launches_count=len({launch for launch, _ in pair[0].keys() & pair[1].keys()}),
        samples_count=sum(map(len, pair)),
        disturbed_count=sum(map(_disturbed_count, pair)),
        ratio=ratio.value,
        ratio_low=ratio.low,
        ratio_high=ratio.high,
        spread=max(spread_of(np.array([sample.step_seconds for sample in series.values()])) for series in pair),
        stability=stabilities.pop() if len(stabilities) == 1 else max(stabilities - {"stable"}),
    )


def _row(
    key: _Key, every: Mapping[_Key, Series], ratio: Ratio | None, margin_fraction: float, *, is_over: bool
) -> DerivedPerformance:
    series, reference = every[key], every.get(key.reference)
    launches = _by_launch(series, sorted(series))
    seconds = np.concatenate(launches)
    low, high = _median_interval(series)
    q25, median, q75 = np.quantile(seconds, (0.25, 0.5, 0.75))
    shared_count = len(series.keys() & reference.keys()) if reference and not is_over else 0
    shown = ratio if shared_count >= _FEWEST_SAMPLES else None
    return DerivedPerformance(
        **key._asdict(),
        samples_count=len(series),
        launches_count=len(launches),
        disturbed_count=_disturbed_count(series),
        step_seconds_median=float(median),
        step_seconds_q25=float(q25),
        step_seconds_q75=float(q75),
        step_seconds_low=low,
        step_seconds_high=high,
        reference_framework=key.reference.framework,
        ratio=ratio.value if ratio else None,
        ratio_low=ratio.low if ratio else None,
        ratio_high=ratio.high if ratio else None,
        margin_fraction=margin_fraction,
        spread=spread_of(seconds),
        stability=_stability(series),
        verdict="reference" if key.reference == key else verdict_on(shown, margin_fraction),
    )


def _by_launch(series: Series, places: Iterable[_Place]) -> list[Floats]:
    launches: dict[int, list[float]] = defaultdict(list)
    for launch, round_index in places:
        launches[launch].append(series[launch, round_index].step_seconds)
    return [np.array(values) for values in launches.values()]


def _stability(series: Series) -> benchmarks.Stability:
    if len(series) < _FEWEST_SAMPLES:
        return "too few samples"
    seconds = np.array([sample.step_seconds for sample in series.values()])
    is_wide = spread_of(seconds) > _WIDEST_SPREAD
    return "unstable" if is_wide or _disturbed_count(series) > _MOST_DISTURBED * len(series) else "stable"


def _disturbed_count(series: Series) -> int:
    return sum(sample.is_disturbed for sample in series.values())


def counted(samples: Iterable[_Sample]) -> list[_Sample]:
    """Return one sample per variant, launch and round: the first that nothing disturbed, else the first of all.

    None is chosen for how long it took. The view `benchmark_samples` marks the same samples by `is_counted`.
    """
    found: dict[tuple[object, ...], _Sample] = {}
    for sample in sorted(samples, key=lambda each: (each.is_disturbed, each.attempt_index)):
        found.setdefault(tuple(getattr(sample, name) for name in sample.key if name != "attempt_index"), sample)
    return list(found.values())
