"""The audit: shipped labels, labelled texts, scores and corrected shares as views."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from detector import SNIPPETS, rules

from pipeline.archive import papers
from pipeline.archive.manifest import archived_records, read_manifest, to_csv
from pipeline.errors import BadInput
from pipeline.jobs.audit import LabelledText, audit_detectors
from pipeline.jobs.label_file import read_labelled, read_subjects
from pipeline.records import DetectorLabel
from pipeline.settings import PROJECT_ROOT
from pipeline.warehouse.load import load_records

ARCHIVE = PROJECT_ROOT / "data" / "archive"


@pytest.fixture
def audited(warehouse):
    for source in read_manifest(ARCHIVE).source:
        if source.source_id in {"icml_2019_labels", "abstract_truth"}:
            for record, rows in archived_records(ARCHIVE, source):
                load_records(warehouse, record, rows)
    audit_detectors(warehouse, rules(), [SNIPPETS / "held_out.jsonl"])
    return warehouse


def score(warehouse, label_set, framework):
    columns = "round(recall_share, 2), round(recall_low, 2), round(recall_high, 2), round(precision_share, 2)"
    return warehouse.execute(
        f"select {columns} from detector_scores where label_set = ? and framework = ? and subject_year is null",
        [label_set, framework],
    ).fetchall()


def test_text_mentions_of_icml_2019_against_released_code(audited):
    assert score(audited, "ICML 2019 papers", "pytorch") == [(0.32, 0.25, 0.39, 0.70)]
    assert score(audited, "ICML 2019 papers", "tensorflow") == [(0.26, 0.20, 0.34, 0.57)]


def test_papers_with_code_name_a_framework_more_often(audited):
    rates = audited.execute(
        "select is_true is not null as has_code, round(avg(is_named::int), 3) from ("
        "select subject_id, is_true, bool_or(is_detected) over (partition by subject_id) as is_named, "
        "row_number() over (partition by subject_id) as number from core.detector_label "
        "where label_set = 'ICML 2019 papers') where number = 1 group by 1 order by 1"
    ).fetchall()
    assert rates == [(False, 0.129), (True, 0.245)]


def test_robot_paddles_cost_the_expression_its_precision(audited):
    ((_, _, _, precision),) = score(audited, "conference abstracts", "paddle")
    assert precision == 0.26


def test_our_own_detector_is_scored_on_labelled_texts(audited):
    ((recall, *_),) = score(audited, "held out snippets", "tensorflow")
    assert recall >= 0.97


def test_the_projects_own_texts_are_read_again_only_when_they_have_changed(warehouse, tmp_path, monkeypatch):
    lines = (SNIPPETS / "tuning.jsonl").read_text("utf-8").splitlines(keepends=True)
    texts = tmp_path / "tuning.jsonl"
    texts.write_text("".join(lines[:40]), "utf-8")
    monkeypatch.setattr("pipeline.jobs.audit.SNIPPETS", tmp_path)
    monkeypatch.setattr("pipeline.jobs.audit._newest_label", lambda connection: datetime(2026, 1, 1, tzinfo=UTC))
    first, _ = audit_detectors(warehouse, rules())
    held = warehouse.execute("from core.detector_label order by all").fetchall()
    assert held

    def refused(ruleset):
        raise AssertionError("the texts are read again")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.jobs.audit.Inspector", refused)
        assert audit_detectors(warehouse, rules())[0] == first
        assert warehouse.execute("from core.detector_label order by all").fetchall() == held
        texts.write_text("".join(lines[:60]), "utf-8")
        with pytest.raises(AssertionError, match="read again"):
            audit_detectors(warehouse, rules())
    audit_detectors(warehouse, rules())
    subjects = "select count(distinct subject_id) from core.detector_label"
    assert warehouse.execute(subjects).fetchall()[0][0] > len({row[4] for row in held})


def test_shares_are_shown_raw_and_corrected(audited):
    rows = audited.execute(
        "select framework, estimand, method, round(raw_share, 2), round(corrected_share, 2), labelled_count, "
        "unlabelled_count, corrected_low < labelled_share and labelled_share < corrected_high "
        "from detector_corrected_shares where label_set = 'ICML 2019 papers' and method = 'PPI++' order by all"
    ).fetchall()
    assert rows == [
        ("pytorch", "share of two", "PPI++", 0.50, 0.52, 518, 255, True),
        ("pytorch", "use among subjects", "PPI++", 0.11, 0.29, 518, 255, True),
        ("tensorflow", "use among subjects", "PPI++", 0.11, 0.28, 518, 255, True),
    ]
    methods = audited.execute("select distinct method from detector_corrected_shares order by all").fetchall()
    assert methods == [("PPI++",), ("Rogan–Gladen",)]


def test_sets_of_hits_alone_have_no_share_to_correct(audited):
    sets = audited.execute("select distinct label_set from detector_corrected_shares").fetchall()
    assert sets == [("ICML 2019 papers",)]


def test_auditing_again_changes_nothing(audited):
    before = audited.execute("select * exclude (as_of) from detector_corrected_shares order by all").fetchall()
    audit_detectors(audited, rules(), [SNIPPETS / "held_out.jsonl"])
    assert audited.execute("select * exclude (as_of) from detector_corrected_shares order by all").fetchall() == before


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '{"id": "a"}',
        '{"id": "a", "text": "b", "labels": {"pytorch": "used"}}',
        '{"id": "a", "text": "b", "labels": {"pytroch": "named"}}',
        '{"id": "a", "text": "b", "imports": ["pytroch"]}',
        '{"id": "a", "text": "b", "dependencies": ["jax", "pytroch"]}',
    ],
)
def test_a_line_that_is_no_label_is_told_by_its_number(tmp_path, line):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "a", "text": "We use PyTorch.", "labels": {"pytorch": "named"}}\n' + line + "\n")
    unknown = "pytroch is no framework that is known" if "pytroch" in line else ""
    with pytest.raises(BadInput, match=f"line 2 is no labelled text .*{unknown}.*; mend the line"):
        read_labelled(path, LabelledText, "labelled text")
    path.write_text('{"subject": "a", "uses": ["pytorch", "pytroch"]}\n')
    with pytest.raises(BadInput, match=r"line 1 is no labelled subject .uses\.1: .*pytroch is no framework"):
        read_subjects(path)


def test_texts_that_name_an_unknown_framework_leave_the_audit_as_it_was(audited, tmp_path):
    before = audited.execute("select count(*), sum(hash(label)) from core.detector_label label").fetchall()
    (tmp_path / "own.jsonl").write_text('{"id": "a", "text": "We use PyTorch.", "labels": {"pytroch": "named"}}\n')
    with pytest.raises(BadInput, match="pytroch is no framework that is known"):
        audit_detectors(audited, rules(), [tmp_path / "own.jsonl"])
    assert audited.execute("select count(*), sum(hash(label)) from core.detector_label label").fetchall() == before


@pytest.mark.parametrize("importer", [papers.ICML_IMPORTER, papers.ABSTRACT_IMPORTER])
def test_the_shipped_labels_are_those_of_the_raw_files(raw_data: Path, importer):
    (file,) = importer.files
    content = to_csv(DetectorLabel, file.read(raw_data / importer.raw_folder, importer.stamp))
    assert content == (ARCHIVE / file.name).read_bytes()


def test_a_mention_of_a_paper_that_is_not_there_is_refused(tmp_path, monkeypatch):
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'icml_2019.json' as file, 'ab' as id, 'http://x/a19a/a19a.pdf' as pdf_link, 'pt' as words, "
            f"'{{}}' as extra) to '{tmp_path / 'papers.parquet'}'"
        )
    importer = papers.ICML_IMPORTER
    with pytest.raises(BadInput, match="which is no paper"):
        list(importer.files[0].read(tmp_path, importer.stamp))
