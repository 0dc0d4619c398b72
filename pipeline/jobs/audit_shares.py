"""Every label set in the warehouse: whether its labelled subjects are like the others, and its shares corrected."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from pipeline.estimate import detector
from pipeline.estimate.detector import Correction, Flags
from pipeline.estimate.labelled import Stratum, balances, drawn_share, strata_of
from pipeline.log import logger
from pipeline.records import CorrectedShare, LabelBalance
from pipeline.reference import COMPARED
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_records

_LOG = logger("audit")
_PPI, _STRATIFIED, _ROGAN_GLADEN = "PPI++", "stratified PPI++", "Rogan–Gladen"
_NO_PAGE = "0" * 64

Estimand = Literal["use among subjects", "share of two"]
Split = tuple[Flags, Flags, Flags]
"""Of one framework: truth and detection of the labelled subjects, and detection of the others."""
_Attempt = tuple[str, Estimand, str, Flags, Callable[[], Correction]]


@dataclass(frozen=True, kw_only=True)
class _Population:
    """One label set under one detector."""

    common: Mapping[str, Any]
    """Columns that all its rows have in common."""
    splits: Mapping[str, Split]
    is_labelled: Flags
    detected: "pd.DataFrame"
    """One row per subject, one column per framework."""
    years: "pd.Series[Any]"
    strata: list[Stratum]
    """Empty where every subject was as likely to be labelled."""


def correct_shares(connection: DuckDBPyConnection, now: datetime) -> tuple[int, list[str]]:
    """Compare and correct every label set anew; return how many shares, and what could not be corrected and why."""
    shares, balance, reasons = list[CorrectedShare](), list[LabelBalance](), list[str]()
    for population in _populations(connection, now):
        shares += _corrected(population, reasons)
        balance += _balance(population)
    with transaction(connection):
        for table in (CorrectedShare.table, LabelBalance.table):
            connection.execute(f"delete from {table}")
    load_records(connection, CorrectedShare, shares)
    load_records(connection, LabelBalance, balance)
    return len(shares), reasons


def _populations(connection: DuckDBPyConnection, now: datetime) -> Iterator[_Population]:
    """Yield each label set under one detector that says of every subject whether it was detected.

    Sets of hits alone have no share to correct.
    """
    keys = ["label_set", "tier", "ruleset_id"]
    draws = connection.execute("select source_id, label_set, subject_id, inclusion_fraction from core.label_draw").df()
    for values, rows in connection.execute("from core.detector_label").df().groupby(["source_id", *keys]):
        table = partial(rows.pivot_table, index="subject_id", columns="framework", aggfunc="first", dropna=False)
        truth, detected = table(values="is_true"), table(values="is_detected")
        if len(detected.columns) < len(COMPARED) or detected.isna().any(axis=None):
            continue
        years = rows.groupby("subject_id")["subject_year"].first().reindex(detected.index)
        known = years.unique()
        year = int(known[0]) if len(known) == 1 and pd.notna(known[0]) else None
        fixed = {"source_id": values[0], "page_sha256": _NO_PAGE, "seen_at": now, "subject_year": year}
        mine = draws[(draws["source_id"] == values[0]) & (draws["label_set"] == values[1])]
        is_labelled = truth.notna().all(axis="columns")
        yield _Population(
            common={**fixed, **dict(zip(keys, values[1:], strict=True))},
            splits={framework: _split(truth[framework], detected[framework]) for framework in truth.columns},
            is_labelled=is_labelled.to_numpy(dtype=np.bool_),
            detected=detected.astype(bool),
            years=years,
            strata=_strata(mine.set_index("subject_id")["inclusion_fraction"], is_labelled),
        )


def _split(truth: "pd.Series[Any]", detected: "pd.Series[Any]") -> Split:
    flags, is_known = detected.to_numpy(dtype=np.bool_), truth.notna().to_numpy()
    return truth[is_known].to_numpy(dtype=np.bool_), flags[is_known], flags[~is_known]


def _strata(drawn: "pd.Series[Any]", is_labelled: "pd.Series[Any]") -> list[Stratum]:
    """Return the strata of the labelled, from those of the drawn that are subjects of this population."""
    drawn = drawn[drawn.index.isin(is_labelled.index)]
    if len(set(drawn)) <= 1:
        return []
    return strata_of(drawn.reindex(is_labelled.index[is_labelled]).to_numpy(dtype=float), drawn.to_numpy(dtype=float))


def _attempts(population: _Population) -> Iterator[_Attempt]:
    splits, strata = population.splits, population.strata
    methods = {_PPI: detector.prediction_powered_share, _ROGAN_GLADEN: detector.rogan_gladen_share}
    for framework, split in splits.items():
        if strata:
            everyone = population.detected[framework].to_numpy(dtype=np.bool_)
            correct = partial(drawn_share, split[0], split[1], strata, everyone)
            yield framework, "use among subjects", _STRATIFIED, split[0], correct
            continue
        for method, estimator in methods.items():
            yield framework, "use among subjects", method, split[0], partial(estimator, *split)
    if {*COMPARED} <= splits.keys() and not strata:
        first, second = (splits[framework] for framework in COMPARED)
        correct_two = partial(detector.prediction_powered_share_of_two, *zip(first, second, strict=True))
        yield COMPARED[0], "share of two", _PPI, first[0][first[0] ^ second[0]], correct_two


def _corrected(population: _Population, reasons: list[str]) -> Iterator[CorrectedShare]:
    """Yield the corrected shares that the labels of a set can carry; say why of each that they cannot."""
    common = population.common
    for framework, estimand, method, labelled, correct in _attempts(population):
        try:
            correction = correct()
        except ValueError as reason:
            reasons.append(f"{common['label_set']}, {common['tier']}, {framework}, {method}: not corrected, {reason}.")
            _LOG.info("%s", reasons[-1])
            continue
        estimates = {"raw": correction.raw, "corrected": correction.corrected}
        yield CorrectedShare(
            **common,
            **{f"{kind}_{part}": value for kind, each in estimates.items() for part, value in asdict(each).items()},
            framework=framework,
            estimand=estimand,
            method=method,
            labelled_share=float(labelled.mean()) if labelled.size else 0.0,
            labelled_count=population.splits[framework][0].size,
            unlabelled_count=population.splits[framework][2].size,
        )


def _balance(population: _Population) -> Iterator[LabelBalance]:
    """Yield what the labelled and the others are compared in: what was detected, and the years."""
    detected, years = population.detected, population.years
    traits = {f"{name} detected": detected[name].to_numpy() for name in detected.columns if detected[name].any()}
    traits["nothing detected"] = ~detected.any(axis="columns").to_numpy()
    known = sorted(set(years)) if years.notna().all() else []
    traits |= {f"year {int(year)}": (years == year).to_numpy() for year in known if len(known) > 1}
    common = {key: value for key, value in population.common.items() if key != "subject_year"}
    for each in balances(traits, population.is_labelled, population.strata):
        yield LabelBalance(
            **common,
            **asdict(each),
            labelled_count=int(population.is_labelled.sum()),
            unlabelled_count=int((~population.is_labelled).sum()),
            is_weighted=bool(population.strata),
        )
