"""Grounds for trusting the measured ratios: certificate, fairness passport, and the product libraries' paths."""

from collections.abc import Iterator, Mapping

import pandas as pd

from pipeline.claims.claim import View
from pipeline.claims.wording import Row, count, is_known, listed, percent, short_day, tallied
from pipeline.report.footnotes import Footnote


def trust_footnotes(view: View, frame: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[Footnote]:
    """Yield the lines for each machine of `frame`, rows of the view performance; `view` gives the views on trust."""
    for machine_id in frame["machine_id"].drop_duplicates():
        certificates, gaps, paths = (
            found[found["machine_id"] == machine_id]
            for found in map(view, ("machine_certificate", "fairness_gaps", "blas_paths"))
        )
        yield Footnote("A/A certificate", _certificate(certificates, titles))
        if len(gaps):
            yield Footnote("Fairness passport", _passport(gaps, titles))
        ordered = paths.sort_values(["framework", "framework_version"], kind="stable")
        if said := listed([_path(row, titles) for row in ordered.itertuples()]):
            yield Footnote("BLAS path", f"{said}.")


def path_remarks(paths: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """Return a sentence for each framework whose product library took its code for other makers’ processors."""
    return [f"{_path(row, titles)}." for row in paths.itertuples() if is_known(row.remark)]


def _certificate(found: pd.DataFrame, titles: Mapping[str, str]) -> str:
    row: Row = next(found.itertuples(), None)
    if row is None:
        return "Not measured on this machine yet: run `observatory bench certify`, or `observatory bench --full`."
    margin = (
        f"Frameworks are called different here beyond {percent(row.supported_margin_fraction)}"
        if is_known(row.supported_margin_fraction)
        else f"Only {count(row.stable_count)} were stable, too few to set the margin by"
    )
    return (
        f"{titles.get(row.framework, row.framework)} against itself: {count(row.containing_count)} of "
        f"{count(row.comparisons_count)} intervals hold the true ratio 1.00 ({percent(row.containing_share)}; 95 % is "
        f"what they promise). The ratios stray by {percent(row.median_deviation_fraction)} in the median and "
        f"{percent(row.widest_deviation_fraction)} at most; other load disturbed {percent(row.disturbed_share)} of the "
        f"samples. {margin}. {count(row.threads_count)} threads, "
        f"{short_day(row.measured_at)}."
    )


def _passport(gaps: pd.DataFrame, titles: Mapping[str, str]) -> str:
    first: Row = next(gaps.itertuples())
    whole = (
        f"{count(first.complete_count)} of {count(first.comparisons_count)} comparisons meet all {len(gaps)} "
        "requirements."
    )
    lacking = gaps[gaps["met_count"] < gaps["comparisons_count"]].sort_values("requirement", kind="stable")
    parts = "; ".join(_gap(row, titles) for row in lacking.itertuples())
    return f"{whole} Missing: {parts}." if parts else whole


def _gap(row: Row, titles: Mapping[str, str]) -> str:
    lacking = tallied({"missing": row.unmet_count, "not recorded": row.unknown_count})
    return f"{row.requirement}, {lacking} ({listed([titles.get(name, name) for name in row.frameworks])})"


def _path(row: Row, titles: Mapping[str, str]) -> str:
    said = str(row.blas_path) if is_known(row.blas_path) else "not reported by its library"
    remark = f" ({row.remark})" if is_known(row.remark) else ""
    return f"{titles.get(row.framework, row.framework)} {row.framework_version}: {said}{remark}"
