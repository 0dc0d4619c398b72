"""MLPerf Inference: which engines the results of each round name, in the summary that the round's repository holds.

State of late 2026: the summary has one row per result, those inferred from another one included. Until v5.1 it is a
list named `summary_results.json`, in v6.1 a table named `summary.json` with other names for the same columns.
"""

from collections import Counter
from collections.abc import Iterator

from pydantic import AliasChoices, Field

from pipeline.fetch.page import Page
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CompetitionEntry, Record
from pipeline.reference.lists import label_set, read_mlperf_rules
from pipeline.settings import Settings
from pipeline.sources.mlperf_training import NOT_OUT, RAW, requests_of, round_of
from pipeline.sources.source import entry_of, monthly

NAME = "mlperf_inference"
_SUMMARIES = [f"{RAW}/inference_results_v{{}}/HEAD/{name}.json" for name in ("summary", "summary_results")]


class _Result(Wire):
    organisation: str = Field(validation_alias=AliasChoices("Organization", "Submitter"))
    division: str = Field(validation_alias=AliasChoices("Division", "Category"))
    framework: str | None = Field(validation_alias=AliasChoices("framework", "Software"))


def _parse(page: Page) -> Iterator[Record]:
    if page.provenance.status == NOT_OUT:
        return
    found = json_of(page, dict[str, _Result] | list[_Result])  # type: ignore[arg-type]
    rules, counts = read_mlperf_rules(Settings().reference_folder), Counter[tuple[str, str]]()
    for row in found.values() if isinstance(found, dict) else found:
        is_automated = rules.is_automated(row.organisation, row.division, row.framework or "")
        group = "automated runs" if is_automated else f"{row.division} division"
        counts[group, label_set(NAME, row.framework)] += 1
    for (group, labels), count in sorted(counts.items()):
        fields = {"competition": "MLPerf Inference", "entry_group": group, "label_set": labels, "entries_count": count}
        yield CompetitionEntry.model_validate(fields | round_of(page) | page.stamp(NAME))


SOURCE = monthly(
    **entry_of(NAME, RAW),
    records=(CompetitionEntry,),
    starts=lambda window, _has_key: requests_of(window, 4.1, *_SUMMARIES),
    parse=_parse,
)
