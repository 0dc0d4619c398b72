"""The lines below a picture: counted things, population, bias, source, age and licence.

Of measured ratios also the grounds for trusting them: certificate, fairness passport, product libraries' paths.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from pipeline.claims.claim import View
from pipeline.claims.wording import Row, age, count, day, is_known, listed, percent, period, short_day
from pipeline.report.template import sentences


class Footnote(NamedTuple):
    """One line below a picture; `address` makes it a link."""

    term: str
    text: str
    address: str = ""
    is_definition: bool = False
    """Whether it says how a figure is made rather than how to take it; the page folds those."""
    series_id: str = ""
    """The only series it holds for; empty: all that the picture shows."""


def series_footnotes(series: pd.DataFrame, health: pd.DataFrame, frame: pd.DataFrame) -> Iterator[Footnote]:
    """Yield the lines for each series in `frame`; `series` and `health` are the views series and source_health."""
    for row in series[series["series_id"].isin(frame["series_id"])].itertuples():
        yield from (line._replace(series_id=str(row.series_id)) for line in _of_series(row, health))
    if "interval_method" in frame:
        methods = sorted({str(method) for method in frame["interval_method"].dropna()})
        yield Footnote("Interval", "; ".join(methods), is_definition=True)


def _of_series(row: Row, health: pd.DataFrame) -> Iterator[Footnote]:
    yield Footnote("Counted", f"{row.title}. Unit: {row.unit}.", is_definition=True)
    yield Footnote("Of whom", f"{row.population}.", is_definition=True)
    yield Footnote("Known bias", f"{row.known_bias} Direction: {row.bias_direction}")
    if is_known(row.why_ended):
        yield Footnote("Nothing newer", str(row.why_ended))
    yield from _source(row, health)


def source_footnotes(series: pd.DataFrame, health: pd.DataFrame, frame: pd.DataFrame) -> Iterator[Footnote]:
    """Yield where the figures of several series come from, folded away: they are explained at their own charts."""
    yield Footnote(
        "Sources", "Each series’ source, licence and known bias stand at its own chart above, and folded below."
    )
    for row in series[series["series_id"].isin(frame["series_id"])].itertuples():
        yield from (each._replace(is_definition=True, series_id=str(row.series_id)) for each in _source(row, health))


def _source(row: Row, health: pd.DataFrame) -> Iterator[Footnote]:
    source: Row = next(health[health["source_id"] == row.source_id].itertuples(), None)
    if source is None:
        yield Footnote("Source", f"{row.source_id}: not recorded yet; run `observatory run`.")
        return
    yield Footnote(
        "Source",
        f"{source.title}. As of {day(source.as_of)}, {age(source.age_days)} at the newest run ({source.state}). ",
        address=str(row.public_address),
    )
    yield Footnote("Licence", f"{row.licence}. Attribution: {row.attribution}")


def machine_footnotes(machines: pd.DataFrame, frame: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[Footnote]:
    """Yield the machine, versions, threads and samples behind rows of the view performance."""
    shown = machines[machines["machine_id"].isin(frame["machine_id"])]
    for machine in shown.itertuples():
        yield Footnote("Machine", f"{_named(machine)}.")
        if is_known(machine.notes):
            yield Footnote("Known artefacts", str(machine.notes))
    if "samples_count" not in frame or frame.empty:
        return
    versions = frame[["framework", "framework_version"]].dropna().drop_duplicates().itertuples(index=False)
    yield Footnote("Versions", f"{listed([f'{titles.get(name, name)} {version}' for name, version in versions])}.")
    threads = listed([count(number) for number in sorted(frame["threads_count"].dropna().unique())])
    threads += " thread" if threads == "1" else " threads"
    samples = " to ".join(dict.fromkeys(count(each) for each in frame["samples_count"].agg(["min", "max"])))
    days = period(frame["measured_at"].min(), frame["measured_at"].max())
    text = f"On {days}, {threads} for each framework, {samples} samples for each mark."
    yield Footnote("Measured", text)
    margins = listed([percent(margin) for margin in sorted(frame["margin_fraction"].dropna().unique())])
    text = f"Step times must differ by more than {margins} to be called different."
    yield Footnote("Margin", text, is_definition=True)
    own = "" if shown["is_imported"].any() else "Your own measurements: no licence but yours."
    yield Footnote("Licence", own or "That of whoever measured; see the sources.")


def trust_footnotes(view: View, frame: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[Footnote]:
    """Yield the lines for each machine of `frame`, rows of the view performance; `view` gives the views on trust."""
    told, machines = sentences(titles), view("machines")
    shown = machines[machines["machine_id"].isin(frame["machine_id"])]
    for machine in shown.itertuples():
        certificates, gaps, paths = (
            found[found["machine_id"] == machine.machine_id]
            for found in map(view, ("machine_certificate", "fairness_gaps", "blas_paths"))
        )
        whose = f"{_named(machine)}: " if len(shown) > 1 else ""
        certificate = certificate_in_words(certificates, titles, is_here=not machine.is_imported)
        yield Footnote("A/A certificate", whose + certificate)
        if gap_rows := list(gaps.itertuples()):
            yield Footnote("Fairness passport", f"{whose}{told.fairness_gaps(gap_rows)}")
        ordered = paths.sort_values(["framework", "framework_version"], kind="stable")
        if said := listed([str(told.blas_paths(row)) for row in ordered.itertuples()]):
            yield Footnote("BLAS path", f"{whose}{said}.")


def _named(machine: Row) -> str:
    """Return a machine by what it is and when it was measured last; two of one make have one title."""
    return f"{machine.title}, {short_day(machine.newest_run_at)}"


def certificate_in_words(found: pd.DataFrame, titles: Mapping[str, str], *, is_here: bool = True) -> str:
    """Return what a machine's row of the view machine_certificate says; without one, how to get one here."""
    row: Row = next(found.itertuples(), None)
    if row is None:
        return "None on file: run `observatory bench certify`." if is_here else "None came with its figures."
    return str(sentences(titles).machine_certificate(row))
