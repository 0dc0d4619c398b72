"""Measurements that could not be compared: the rows of `performance` without a verdict, put together by reason."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.claims.wording import Row, is_known


@dataclass(frozen=True, kw_only=True)
class NotCompared:
    """One framework, one reason, and everything it holds for."""

    framework: str
    reason: str
    remark: str
    cases: str


def not_compared(performance: pd.DataFrame, titles: Mapping[str, str]) -> list[NotCompared]:
    """Return one entry per framework and reason, in the order of names; none where everything could be compared."""
    cases: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for row in performance.itertuples():
        reason = _reason(row)
        if reason:
            remark = str(row.message) if is_known(row.message) else ""
            by_mode = cases.setdefault((str(row.framework), reason, remark), {})
            by_mode.setdefault(str(row.mode), set()).add(f"{str(row.case_name).replace('_', ' ')} {row.size}")
    return [
        NotCompared(framework=titles.get(framework, framework), reason=reason, remark=remark, cases=_in_words(by_mode))
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
