"""The npm importer: small raw files in the stored shape, and the real one where it is at hand."""

from datetime import date

import pytest

from pipeline.archive.counts import NPM_FILE as RAW_FILE
from pipeline.archive.counts import NPM_IMPORTER as IMPORTER
from pipeline.archive.manifest import to_csv
from pipeline.errors import BadInput
from pipeline.records import PeriodCount
from pipeline.settings import Settings

HEADER = "snapshot_version,month,package,downloads"


def read(folder, *rows):
    (folder / RAW_FILE).write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    (file,) = IMPORTER.files
    return list(file.read(folder, IMPORTER.stamp))


def test_a_month_with_a_question_mark_keeps_the_day_of_publication(tmp_path):
    (total,) = read(tmp_path, "2.20251201.0,2025-12?,@tensorflow/tfjs,913661")
    assert (total.framework, total.items_count) == ("tensorflow-js", 913_661)
    assert (total.period_start, total.period_end) == (date(2025, 12, 1), date(2025, 12, 31))
    assert total.observed_on == date(2026, 1, 15)


def test_members_of_one_family_stay_apart(tmp_path):
    packages = ("onnxruntime-web", "onnxruntime-node")
    totals = read(tmp_path, *(f"2.20260301.0,2026-03?,{package},7" for package in packages))
    assert [(t.framework, t.subject, t.items_count) for t in totals] == [
        ("onnx-runtime", f"{package}: downloads in the month", 7) for package in packages
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2.20260301.0,2026-03?,left-pad,7", "'left-pad' is no known package"),
        ("2.20990101.0,2026-03?,onnxruntime-web,7", "'2.20990101.0' is no known version"),
        ("2.20260301.0,2026-13?,onnxruntime-web,7", "month is '2026-13-01', not a day"),
        ("2.20260301.0,2026-03?,onnxruntime-web,many", "downloads is 'many', not a whole number"),
    ],
)
def test_odd_rows_are_refused(tmp_path, row, message):
    with pytest.raises(BadInput, match=message):
        read(tmp_path, row)


def test_the_real_file_makes_the_shipped_one(raw_data):
    (file,) = IMPORTER.files
    made = to_csv(PeriodCount, file.read(raw_data / IMPORTER.raw_folder, IMPORTER.stamp))
    assert made == (Settings().archive_folder / file.name).read_bytes()
