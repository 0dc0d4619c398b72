"""What could not be compared, and why: the rows of `performance` without a verdict, put together by reason."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.claims.claim import Row
from pipeline.claims.wording import is_known


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One framework, one reason, and everything it holds for."""

    framework: str
    reason: str
    remark: str
    cases: str


def outcomes_of(performance: pd.DataFrame, titles: Mapping[str, str]) -> list[Outcome]:
    """Return one entry a framework and reason, in the order of names; none where everything could be compared."""
    cases: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for row in performance.itertuples():
        reason = _reason(row)
        if reason:
            remark = str(row.message) if is_known(row.message) else ""
            by_mode = cases.setdefault((str(row.framework), reason, remark), {})
            by_mode.setdefault(str(row.mode), set()).add(f"{str(row.case_name).replace('_', ' ')} {row.size}")
    return [
        Outcome(framework=titles.get(framework, framework), reason=reason, remark=remark, cases=_in_words(by_mode))
        for (framework, reason, remark), by_mode in sorted(cases.items())
    ]


def _in_words(by_mode: Mapping[str, set[str]]) -> str:
    return "; ".join(f"{mode}: {', '.join(sorted(names))}" for mode, names in sorted(by_mode.items()))


def _reason(row: Row) -> str:
    """Return why a row has no verdict, or nothing where it has one."""
    if row.outcome != "measured":
        return str(row.outcome)
    if row.verdict != "not comparable":
        return ""
    return str(row.stability) if row.stability != "stable" else f"{row.reference_framework} is not stable or missing"
