"""Whether labelled subjects are like the others in what is known of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from pipeline.estimate.detector import Flags
from pipeline.estimate.drawn import Stratum


@dataclass(frozen=True, slots=True)
class Balance:
    """The share of a trait among the labelled and what it is compared with, and how surely the two differ."""

    trait: str
    labelled_share: float
    compared_share: float
    p_value: float
    adjusted_p_value: float
    """Adjusted for the number of traits (Holm)."""


def balances(traits: Mapping[str, Flags], is_labelled: Flags, strata: Sequence[Stratum] = ()) -> list[Balance]:
    """Return one comparison for each trait.

    Without strata the labelled are compared with the unlabelled by Fisher's exact test; with them, each weighted by its
    stratum, with all subjects: the draw within the strata is then the only chance. Nothing is compared where all or
    none are labelled.
    """
    if not traits or is_labelled.all() or not is_labelled.any():
        return []
    compared = [
        _against_all(has, is_labelled, strata) if strata else _against_others(has, is_labelled)
        for has in traits.values()
    ]
    adjusted = multipletests([p_value for *_, p_value in compared], method="holm")[1]
    return [
        Balance(trait, *each, adjusted_p_value=min(1.0, float(value)))
        for trait, each, value in zip(traits, compared, adjusted, strict=True)
    ]


def _against_others(has: Flags, is_labelled: Flags) -> tuple[float, float, float]:
    labelled, others = has[is_labelled], has[~is_labelled]
    table = [[int(group.sum()), int((~group).sum())] for group in (labelled, others)]
    return float(labelled.mean()), float(others.mean()), min(1.0, float(fisher_exact(table)[1]))


def _against_all(has: Flags, is_labelled: Flags, strata: Sequence[Stratum]) -> tuple[float, float, float]:
    flags, overall, share, variance = has[is_labelled], float(has.mean()), 0.0, 0.0
    for stratum in strata:
        count, mean = stratum.members.size, float(flags[stratum.members].mean())
        share += stratum.part * mean
        # A handful of labels without a rare trait, or all with a common one, does not show that it never varies.
        held = min(max(mean, min(overall, 1 / (count + 2))), max(overall, 1 - 1 / (count + 2)))
        variance += stratum.part**2 * held * (1 - held) / count
    if variance == 0:
        return share, overall, 1.0
    return share, overall, 2 * NormalDist().cdf(-abs(share - overall) / variance**0.5)
