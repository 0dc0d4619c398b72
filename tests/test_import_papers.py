"""The importers of papers and MLPerf: small raw files of the published shape, and the real ones where at hand."""

import re
from collections import Counter
from datetime import UTC, datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_source import page_of

from pipeline.archive import counts as published
from pipeline.archive.importer import repository_of, text_rows
from pipeline.archive.manifest import to_csv
from pipeline.archive.papers import LINKS_IMPORTER, LISTS_IMPORTER, TRACKER_IMPORTER
from pipeline.errors import BadInput
from pipeline.fetch.page import Request
from pipeline.records import PaperCount
from pipeline.reference import known_frameworks
from pipeline.reference.lists import read_mlperf_rules
from pipeline.settings import Settings
from pipeline.sources import conference_tracker as live_conference_tracker

IMPORTERS = (
    TRACKER_IMPORTER,
    LINKS_IMPORTER,
    LISTS_IMPORTER,
    published.TRAINING_IMPORTER,
    published.INFERENCE_IMPORTER,
)

# The columns of each raw file with their types, as published.
RAW = {
    "conference_counts_vintages.csv.gz": {
        "commit": "varchar",
        "commit_date": "varchar",
        "path": "varchar",
        "conference": "varchar",
        "month_year": "varchar",
        "pytorch": "varchar",
        "tensorflow": "varchar",
        "total_papers": "varchar",
    },
    "conference_counts.csv": {
        "conference": "varchar",
        "month_year": "varchar",
        "pytorch_only": "varchar",
        "tensorflow_only": "varchar",
        "total_papers": "varchar",
    },
    "pwc_links_slice.csv.gz": {
        "paper_title": "varchar",
        "paper_url": "varchar",
        "paper_arxiv_id": "varchar",
        "repo_url": "varchar",
        "is_official": "varchar",
        "framework": "varchar",
        "arxiv_month": "varchar",
    },
    "files.csv": {"path": "varchar", "is_head": "boolean"},
    "framework_mentions.parquet": {
        "conf": "varchar",
        "year": "bigint",
        "id": "varchar",
        "title": "varchar",
        "mentions": "varchar",
    },
    "training_results_by_framework.parquet": {
        "round": "varchar",
        "framework": "varchar",
        "n_frameworks": "bigint",
        **dict.fromkeys(known_frameworks().labels_of("mlperf_training"), "boolean"),
    },
}
TRACKED_PAPERS = {"conference": "varchar", "year": "bigint", "id": "varchar", "words": "varchar", "extra": "varchar"}
LISTED_PAPERS = {
    "conf": "varchar",
    "year": "bigint",
    "title": "varchar",
    "status": "varchar",
    "github": "varchar",
}


def write(path, rows, columns=None):
    """Write rows as the file that `path` names: CSV, gzipped CSV or Parquet."""
    columns = columns or RAW[path.name]
    form = "(format parquet)" if path.suffix == ".parquet" else "(format csv, header true)"
    with duckdb.connect() as connection:
        connection.execute(f"create table raw ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for row in rows:
            connection.execute(f"insert into raw values ({', '.join('?' * len(columns))})", list(row))
        connection.execute(f"copy raw to '{path}' {form}")


def read(importer, name, folder):
    """Return the records of one archive file, read from raw files in `folder`."""
    file = next(file for file in importer.files if file.name == name)
    return list(file.read(folder, importer.stamp))


def archived(importer, name, folder):
    """Return the bytes of one archive file, made from raw files in `folder`."""
    file = next(file for file in importer.files if file.name == name)
    return to_csv(file.record, file.read(folder, importer.stamp))


OLD = ("c18a", "2019-06-24T14:15:18-07:00", "data.csv")
NEW = ("3ef0", "2021-10-22T11:56:43-07:00", "data_analysis/data.csv")
VINTAGES = [
    (*OLD, "nips", "12/18", "80", "100", None),
    (*OLD, "aistats", "04/19", "11", "20", None),
    (*NEW, "NeurIPS", "12/18", "74", "127", "1009"),
    (*NEW, "ICLR", "05/21", "756", "217", "3012"),
]
FINAL = [("NeurIPS", "12/18", "74", "127", "1009"), ("ICLR", "05/21", "756", "217", "3012")]


def tracker(folder, vintages=VINTAGES, final=FINAL, papers=()):
    write(folder / "conference_counts_vintages.csv.gz", vintages)
    write(folder / "conference_counts.csv", final)
    write(folder / "papers.parquet", papers, TRACKED_PAPERS)
    return folder


def counts(folder):
    return read(TRACKER_IMPORTER, "conference_counts.csv", folder)


def test_every_version_of_the_table_is_kept_under_one_name_a_venue(tmp_path):
    found = {
        (c.venue, c.edition_year, c.vintage_id, c.framework): (c.only_count, c.papers_count, c.paper_scope)
        for c in counts(tracker(tmp_path))
    }
    assert found == {
        ("NeurIPS", 2018, "c18a", "pytorch"): (80, None, "accepted"),
        ("NeurIPS", 2018, "c18a", "tensorflow"): (100, None, "accepted"),
        ("AISTATS", 2019, "c18a", "pytorch"): (11, None, "accepted"),
        ("AISTATS", 2019, "c18a", "tensorflow"): (20, None, "accepted"),
        ("NeurIPS", 2018, "3ef0", "pytorch"): (74, 1009, "accepted"),
        ("NeurIPS", 2018, "3ef0", "tensorflow"): (127, 1009, "accepted"),
        ("ICLR", 2021, "3ef0", "pytorch"): (756, 3012, "submissions"),
        ("ICLR", 2021, "3ef0", "tensorflow"): (217, 3012, "submissions"),
    }


def test_versions_carry_their_moment_in_utc_and_the_rules_of_that_moment(tmp_path):
    seen = {(c.vintage_id, c.vintage_at, c.ruleset_id) for c in counts(tracker(tmp_path))}
    assert seen == {
        ("c18a", datetime(2019, 6, 24, 21, 15, 18, tzinfo=UTC), "conference-tracker-2019-06"),
        ("3ef0", datetime(2021, 10, 22, 18, 56, 43, tzinfo=UTC), "conference-tracker-2020-07"),
    }


@pytest.mark.parametrize(
    ("moment", "ruleset"),
    [
        ("2019-09-04T21:19:03+00:00", "2019-06"),
        ("2019-09-04T21:19:04+00:00", "2019-09-a"),
        ("2019-09-05T12:00:00+00:00", "2019-09-b"),
        ("2019-09-06T02:00:00+00:00", "2019-09-a"),
        ("2020-07-29T04:42:28+00:00", "2020-04"),
        ("2020-07-28T21:42:29-07:00", "2020-07"),
    ],
)
def test_rules_change_at_their_moment(tmp_path, moment, ruleset):
    tracker(tmp_path, [("x", moment, "data.csv", "cvpr", "06/19", "1", "2", "9")], [("CVPR", "06/19", "1", "2", "9")])
    assert {c.ruleset_id for c in counts(tmp_path)} == {f"conference-tracker-{ruleset}"}


def test_iclr_before_its_decisions_counts_submissions(tmp_path):
    row = ("iclr", "05/20", "513", "248", "2581")
    tracker(tmp_path, [("x", "2019-10-10T10:22:15-04:00", "data.csv", *row)], [row])
    assert {c.paper_scope for c in counts(tmp_path)} == {"submissions"}


def test_a_row_that_repeats_counts_once_and_the_later_month_wins(tmp_path):
    july, august = ("ACL", "07/19", "9", "9", "720"), ("ACL", "08/19", "127", "50", "720")
    for order in ([july, august, august], [august, july]):
        tracker(tmp_path, [(*NEW, *row) for row in order], [august])
        assert sorted(c.only_count for c in counts(tmp_path)) == [50, 127]


@pytest.mark.parametrize(
    ("vintages", "final", "message"),
    [
        ([], FINAL, "holds no rows"),
        (VINTAGES, FINAL[:1], "newest version .* is not conference_counts.csv"),
        ([*VINTAGES, (*NEW, "ICLR", "05/21", "1", "217", "3012")], FINAL, "two figures for ICLR 2021"),
        ([(*NEW, "XYZ", "05/21", "1", "2", "3")], FINAL, "the venue 'XYZ' is not known"),
        ([(*NEW, "ICLR", "05/21", "many", "2", "3")], FINAL, "pytorch is 'many', not a whole number"),
        ([(*NEW, "ICLR", "2021", "1", "2", "3")], FINAL, "the month in month_year|the year in month_year"),
        ([("x", "some day", "p", "ICLR", "05/21", "1", "2", "3")], FINAL, "commit_date is 'some day'"),
        ([("x", "2021-10-22T11:56:43", "p", "ICLR", "05/21", "1", "2", "3")], FINAL, "has no time zone"),
        ([(*NEW, "ICLR", "05/21", "-1", "2", "3")], [("ICLR", "05/21", "-1", "2", "3")], "only_count is -1"),
    ],
)
def test_an_odd_table_is_refused(tmp_path, vintages, final, message):
    tracker(tmp_path, vintages, final)
    with pytest.raises(BadInput, match=message):
        counts(tmp_path)


CODE = '{"code": "https://github.com/Owner/Repo.git"}'


def labels_of(folder, *papers):
    tracker(folder, papers=papers)
    found = read(TRACKER_IMPORTER, "conference_labels.csv", folder)
    return {(r.subject_id, r.tier, r.framework, r.repository, r.is_official) for r in found}


def test_words_become_labels_of_the_framework_they_stand_for(tmp_path):
    assert labels_of(
        tmp_path,
        ("cvpr", 2018, "ab", "google.com|pytorch|tensorflow", "{}"),
        ("acl", 2018, "cd", "allennlp|pytorch", "{}"),
        ("acl", 2018, "ef", "torchvision|fairseq", "{}"),
    ) == {
        ("CVPR-2018/ab", "mention", "pytorch", None, None),
        ("CVPR-2018/ab", "mention", "tensorflow", None, None),
        ("ACL-2018/cd", "mention", "pytorch", None, None),
        ("ACL-2018/ef", "mention", "pytorch", None, None),
    }


def test_no_words_or_no_framework_among_them_is_unknown(tmp_path):
    papers = [
        ("acl", 2020, "a", "", "{}"),
        ("acl", 2018, "b", "fb.com|google brain", "{}"),
        ("acl", 2018, "c", "opennmt", "{}"),
    ]
    assert labels_of(tmp_path, *papers) == set()


def test_codes_found_in_released_code_are_labels_of_that_code(tmp_path):
    assert labels_of(
        tmp_path,
        ("icml", 2019, "ab", "tf|pt", CODE),
        ("icml", 2019, "cd", "pt", '{"code": "https://example.org/code.zip"}'),
    ) == {
        ("ICML-2019/ab|owner/repo", "code_label", "pytorch", "owner/repo", True),
        ("ICML-2019/ab|owner/repo", "code_label", "tensorflow", "owner/repo", True),
        ("ICML-2019/cd", "code_label", "pytorch", None, True),
    }


@pytest.mark.parametrize(
    ("paper", "message"),
    [
        (("icml", 2019, "a", "chainer", "{}"), "the word 'chainer' is new"),
        (("icml", 2019, "a", "pt", "{code"), "no JSON"),
        (("icml", 1066, "a", "pt", "{}"), "subject_year is 1066"),
    ],
)
def test_an_odd_paper_is_refused(tmp_path, paper, message):
    with pytest.raises(BadInput, match=message):
        labels_of(tmp_path, paper)


URL = "https://paperswithcode.com/paper/"
HEADER = tuple(RAW["pwc_links_slice.csv.gz"])
LINKS = [
    ("t", URL + "a", "1810.10559", "https://github.com/Ab/Cd", "true", "tf", "2018-10"),
    ("t", URL + "a", "1810.10559", "https://github.com/ab/other", "false", "none", "2018-10"),
    ("t", URL + "a-slug", None, "https://github.com/ef/gh/tree/main/x", "false", "torch", None),
    HEADER,
    ("t, with a comma", URL + "b", "quant-ph/0406196", "https://github.com/i/j", "true", "pytorch", None),
]


def links_of(folder, rows=LINKS):
    write(folder / "pwc_links_slice.csv.gz", rows)
    return read(LINKS_IMPORTER, "paper_code_links.csv", folder)


def test_a_link_is_labelled_and_none_is_a_label(tmp_path):
    assert {(r.subject_id, r.subject_year, r.repository, r.is_official, r.framework) for r in links_of(tmp_path)} == {
        ("1810.10559|ab/cd", 2018, "ab/cd", True, "tensorflow"),
        ("1810.10559|ab/other", 2018, "ab/other", False, "none"),
        ("a-slug|ef/gh", None, "ef/gh", False, "torch7"),
        ("quant-ph/0406196|i/j", None, "i/j", True, "pytorch"),
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("t", URL + "a", "1", "https://github.com/a/b", "true", "flux", "2018-10"), "'flux', official 'true'"),
        (("t", URL + "a", "1", "https://github.com/a/b", "maybe", "tf", "2018-10"), "official 'maybe'"),
        (("t", URL + "a", "1", "https://a.github.io", "true", "tf", "2018-10"), "names no repository"),
        (("t", URL + "a", "1", "https://github.com/a/b", "true", "tf", "2018-13"), "arxiv_month is '2018-13'"),
    ],
)
def test_an_odd_link_is_refused(tmp_path, row, message):
    with pytest.raises(BadInput, match=message):
        links_of(tmp_path, [row])


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/Owner/Name", "owner/name"),
        ("http://www.github.com/owner/name.git", "owner/name"),
        ("GitHub.com/owner/name/", "owner/name"),
        ("https: //github.com/owner/name", "owner/name"),
        ("github.com:owner/name", "owner/name"),
        ("https://github.com/github.com/owner/name", "owner/name"),
        ("https://github.com/owner/name.", "owner/name"),
        ("https://github.com/owner/name/tree/main/folder#readme", "owner/name"),
        ("https://github.com/ﬂower/eﬃcient", "flower/efficient"),
        ("[![github](/icon.svg) a/b](https://github.com/a/b) + [2 others](https://paperswithcode.com/x)", "a/b"),
        ("https://gitlab.inria.fr/owner/name", "owner/name"),
        ("https://gitee.com//mindspore/models/tree/master", "mindspore/models"),
        ("https://bitbucket.org/owner/name", "owner/name"),
        ("https://github.com/gt-salt/HiddenCut", "gt-salt/hiddencut"),
        ("", None),
        ("Not provided", None),
        ("https://github.com/", None),
        ("https://github.com/owner", None),
        ("https://github.com/example-research-project", None),
        ("https://github.com/... (the link is hidden now due to double-blind review)", None),
        ("https://github.com/author/repo", None),
        ("https://github.com/anonymous-author/code", None),
        ("https://github.com/owner/name (assuming this is the correct link)", None),
        ("https://github.com/owner/name (as mentioned in the text, the actual link may vary)", None),
        ("https://owner.github.io/name", None),
        ("https://git.io/fjsvE", None),
    ],
)
def test_an_address_names_a_repository_or_none(address, repository):
    assert repository_of(address) == repository


LISTS = [("iclr/iclr2018.json", True), ("nips/nips2019.json", False), ("wacv/wacv2025.json", True)]
LISTED = [
    ("iclr", 2018, "A", "Poster", "https://github.com/a/b"),
    ("iclr", 2018, "A", "Poster", ""),
    ("iclr", 2018, "B", "Oral", "https://github.com/"),
    ("iclr", 2018, "C", "Talk", ""),
    ("iclr", 2018, "D", "Reject", "https://github.com/c/d"),
    ("iclr", 2018, "E", "Withdraw", ""),
    ("iclr", 2018, "F", "Workshop", ""),
    ("nips", 2019, "A", "Poster", ""),
    ("wacv", 2025, "A", None, "Not provided"),
]


def availability_of(folder, listed=LISTED, lists=LISTS):
    write(folder / "papers.parquet", listed, LISTED_PAPERS)
    write(folder / "files.csv", lists)
    return {
        (r.venue, r.edition_year): (r.papers_count, r.usable_count, r.junk_count, r.is_collected, r.is_newest_list)
        for r in read(LISTS_IMPORTER, "code_availability.csv", folder)
    }


def test_availability_counts_accepted_titles_once_and_tells_uncollected_from_zero(tmp_path):
    assert availability_of(tmp_path) == {
        ("ICLR", 2018): (3, 1, 1, True, True),
        ("NeurIPS", 2019): (1, 0, 0, False, False),
        ("WACV", 2025): (1, 0, 1, False, True),
    }


@pytest.mark.parametrize(
    ("listed", "lists", "message"),
    [
        ([("iclr", 2018, "A", "Maybe", "")], LISTS, "the status 'Maybe' is new"),
        ([("iclr", 2017, "A", "Poster", "")], LISTS, "lacks the list of ICLR 2017"),
        (LISTED, [("iclr2018", True)], "'iclr2018' is no name of a list"),
    ],
)
def test_odd_lists_are_refused(tmp_path, listed, lists, message):
    with pytest.raises(BadInput, match=message):
        availability_of(tmp_path, listed, lists)


def mentions_of(folder, rows):
    write(folder / "framework_mentions.parquet", rows)
    return read(LISTS_IMPORTER, "abstract_labels.csv", folder)


def test_names_in_abstracts_become_labels_and_a_paper_without_identifier_still_has_one(tmp_path):
    rows = [
        ("nips", 2017, "9308", "T", "tensorflow|torch"),
        ("cvpr", 2019, "", "U", "paddle"),
        ("cvpr", 2019, None, "V", "jax"),
    ]
    found = {(r.paper_id, r.framework) for r in mentions_of(tmp_path, rows)}
    unnamed = {paper: framework for paper, framework in found if framework in {"paddle", "jax"}}
    assert found >= {("NeurIPS-2017/9308", "tensorflow"), ("NeurIPS-2017/9308", "torch7")}
    assert sorted(unnamed.values()) == ["jax", "paddle"]
    assert all(re.fullmatch(r"CVPR-2019/[0-9a-f]{12}", paper) for paper in unnamed)


def test_a_new_name_in_abstracts_is_refused(tmp_path):
    with pytest.raises(BadInput, match="'flax' is no known name of a framework"):
        mentions_of(tmp_path, [("nips", 2017, "1", "T", "flax")])


def entry(round_name, *named, count=None, text=""):
    flags = [flag.removeprefix("fw_") in named for flag in known_frameworks().labels_of("mlperf_training")]
    return (round_name, text, len(named) if count is None else count, *flags)


ENTRIES = [
    entry("0.6", "pytorch"),
    entry("0.6", "pytorch"),
    entry("2.1", "tensorflow", "mxnet", "pytorch"),
    entry("5.1"),
    entry("5.1", text="LLMBoost 1.2.0"),
]
LATER = [
    ("3.1", "NGC MXNet 23.04 , NGC PyTorch 23.09", "mxnet|pytorch"),
    ("4.1", "maxtext", "jax"),
    ("5.0", "NVIDIA NeMo Framework Release 25.04", "pytorch"),
    ("5.0", "ROCm 6.4.0-47", ""),
]
LATER_COLUMNS = {"round": "varchar", "framework_raw": "varchar", "label_set": "varchar"}


def entries_of(folder, rows=ENTRIES, later=LATER):
    write(folder / published.TRAINING_FILE, rows)
    write(folder / published.LATER_FILE, later, LATER_COLUMNS)
    (file,), stamp = published.TRAINING_IMPORTER.files, published.TRAINING_IMPORTER.stamp
    found = list(file.read(folder, stamp))
    return {(r.round, r.round_year, r.label_set): r.entries_count for r in found}


def test_entries_are_counted_by_round_and_set_of_names(tmp_path):
    assert entries_of(tmp_path) == {
        ("v0.6", 2019, "pytorch"): 2,
        ("v2.1", 2022, "mxnet|pytorch|tensorflow"): 1,
        ("v5.1", 2025, ""): 1,
        ("v5.1", 2025, "unresolved"): 1,
        ("v3.1", 2023, "mxnet|pytorch"): 1,
        ("v4.1", 2024, "jax"): 1,
        ("v5.0", 2025, "pytorch"): 1,
        ("v5.0", 2025, "unresolved"): 1,
    }


@pytest.mark.parametrize(
    ("text", "label_set"),
    [
        ("NVIDIA NeMo Framework Release 26.04", "pytorch"),
        # Primus starts frameworks of two families, so its name alone does not say which.
        ("AMD Primus Framework 0.2.0", "unresolved"),
        ("AMD Primus Framework 0.2.0, PyTorch 2.9", "pytorch"),
        ("A wrapper of tomorrow", "unresolved"),
        ("", ""),
    ],
)
def test_a_wrapper_is_resolved_by_a_rule_or_unresolved_and_never_none(tmp_path, text, label_set):
    published = label_set.replace("unresolved", "")
    assert entries_of(tmp_path, [], [("6.0", text, published)]) == {("v6.0", 2026, label_set): 1}


def test_words_and_label_of_a_row_must_agree(tmp_path):
    with pytest.raises(BadInput, match="'NVIDIA NEMO' reads as pytorch, labelled 'jax'"):
        entries_of(tmp_path, [], [("5.0", "NVIDIA NEMO", "jax")])


def test_every_rule_for_mlperf_gives_its_reason(tmp_path):
    rules = read_mlperf_rules(Settings().reference_folder)
    assert {each.framework for each in rules.wrappers} == {"pytorch", "jax", None}
    assert rules.automated
    (tmp_path / "mlperf.toml").write_text('[[wrapper]]\ntext = "Wrap"\nframework = "jax"\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"wrapper\.0\.reason"):
        read_mlperf_rules(tmp_path)


RESULT_COLUMNS = {
    **dict.fromkeys(("round", "organization", "division", "framework"), "varchar"),
    **dict.fromkeys(known_frameworks().labels_of("mlperf_inference"), "boolean"),
}


def result(organisation, division, text, *named):
    flags = [label in named for label in known_frameworks().labels_of("mlperf_inference")]
    return ("4.0", organisation, division, text, *flags)


RESULTS = [
    result("NVIDIA", "closed", "TensorRT 9.3.0, CUDA 12.2", "fw_tensorrt"),
    result("Krai", "open", "TFLite v2.7.1 (ruy)", "fw_tflite"),
    result("Krai", "closed", "Qualcomm Cloud AI SDK", "fw_qaic"),
    result("CTuning", "closed", "Onnxruntime v1.15.1", "fw_onnxruntime"),
    result("Dell", "open", "MLCommons reference implementation with CM API, ARMNN v23.11", "fw_armnn", "fw_tflite"),
    result("Supermicro", "open", "CUDA 12.0"),
]


def test_automated_runs_of_inference_are_told_apart(tmp_path):
    write(tmp_path / published.INFERENCE_FILE, RESULTS, RESULT_COLUMNS)
    (file,), stamp = published.INFERENCE_IMPORTER.files, published.INFERENCE_IMPORTER.stamp
    assert {(r.entry_group, r.label_set): r.entries_count for r in file.read(tmp_path, stamp)} == {
        ("closed division", "tensorrt"): 1,
        ("automated runs", "litert"): 1,
        ("closed division", "qualcomm-cloud-ai"): 1,
        ("automated runs", "onnx-runtime"): 1,
        ("automated runs", "arm-nn|litert"): 1,
        ("open division", "unresolved"): 1,
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (entry("9.9", "jax"), "'9.9' is no known round"),
        (entry("5.1", "jax", count=2), "5.1 has 1 frameworks, and says 2; get it again"),
    ],
)
def test_odd_entries_are_refused(tmp_path, row, message):
    with pytest.raises(BadInput, match=message):
        entries_of(tmp_path, [row])


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.source_id)
def test_a_missing_raw_file_is_named(tmp_path, importer):
    for file in importer.files:
        with pytest.raises(BadInput, match=rf"{tmp_path}.* is missing"):
            list(file.read(tmp_path, importer.stamp))


@pytest.mark.parametrize("name", ["papers.parquet", "conference_counts_vintages.csv.gz"])
def test_a_damaged_raw_file_is_named(tmp_path, name):
    tracker(tmp_path)
    (tmp_path / name).write_bytes(b"\x1f\x8b not what it was")
    with pytest.raises(BadInput, match=f"{name} cannot be read as expected"):
        [list(file.read(tmp_path, TRACKER_IMPORTER.stamp)) for file in TRACKER_IMPORTER.files]


def test_a_raw_file_without_an_expected_column_is_named(tmp_path):
    write(tmp_path / "pwc_links_slice.csv.gz", [("t",)], {"paper_title": "varchar"})
    with pytest.raises(BadInput, match=r"pwc_links_slice\.csv\.gz cannot be read as expected"):
        read(LINKS_IMPORTER, "paper_code_links.csv", tmp_path)


PAPERS = [
    ("cvpr", 2018, "ab", "pytorch|tensorflow", "{}"),
    ("icml", 2019, "cd", "tf|pt", CODE),
    ("acl", 2018, "e", "", "{}"),
]
MENTIONS = [
    ("nips", 2017, "1", "T", "tensorflow|torch"),
    ("cvpr", 2019, "", "U", "paddle"),
    ("cvpr", 2019, "", "V", "jax"),
]


def all_archived(folder, order):
    """Return the bytes of every archive file, made from the rows above in the order that `order` gives them."""
    tracker(folder, order(VINTAGES), order(FINAL), order(PAPERS))
    tracked = TRACKER_IMPORTER
    built = [archived(tracked, file.name, folder) for file in tracked.files]
    write(folder / "pwc_links_slice.csv.gz", order(LINKS))
    write(folder / "papers.parquet", order(LISTED), LISTED_PAPERS)
    write(folder / "files.csv", order(LISTS))
    write(folder / "framework_mentions.parquet", order(MENTIONS))
    write(folder / published.TRAINING_FILE, order(ENTRIES))
    write(folder / published.LATER_FILE, order(LATER), LATER_COLUMNS)
    write(folder / published.INFERENCE_FILE, order(RESULTS), RESULT_COLUMNS)
    others = [each for each in IMPORTERS if each is not tracked]
    return built + [archived(importer, file.name, folder) for importer in others for file in importer.files]


@pytest.fixture(scope="module")
def made_in_order(tmp_path_factory):
    return all_archived(tmp_path_factory.mktemp("in_order"), list)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=8)
def test_the_order_of_raw_rows_changes_no_byte(tmp_path_factory, made_in_order, data):
    folder = tmp_path_factory.mktemp("shuffled")
    assert all_archived(folder, lambda rows: data.draw(st.permutations(rows))) == made_in_order


# The published figures of the real raw files.


def raw(raw_data, importer):
    return raw_data / importer.raw_folder


def test_real_files_make_the_shipped_archive(raw_data):
    from pipeline.settings import PROJECT_ROOT

    for importer in IMPORTERS:
        for file in importer.files:
            shipped = (PROJECT_ROOT / "data" / "archive" / file.name).read_bytes()
            assert archived(importer, file.name, raw_data / importer.raw_folder) == shipped, file.name


def test_real_link_fields_parse_as_published(raw_data):
    folder = raw(raw_data, LISTS_IMPORTER)
    addresses = [row[0] for row in text_rows(folder / "papers.parquet", ("github",)) if row[0]]
    plain = [match.groups() for text in addresses if (match := re.search(r"github\.com/([\w.-]+)/([\w.-]+)", text))]
    assert (len(addresses), len(plain), len(set(plain))) == (12_673, 11_680, 11_512)
    usable = [text for text in addresses if repository_of(text)]
    is_plain = Counter(bool(re.search(r"github\.com/([\w.-]+)/([\w.-]+)", text)) for text in usable)
    assert is_plain == {True: 11_680 - 18, False: 18}


def test_real_words_of_icml_2019_stand_beside_released_code_only(raw_data):
    folder = raw(raw_data, TRACKER_IMPORTER)
    rows = text_rows(folder / "papers.parquet", ("conference", "year", "words", "extra"))
    icml = Counter(
        (words != "", extra != "{}") for venue, year, words, extra in rows if (venue, year) == ("icml", "2019")
    )
    assert icml == {(True, True): 273, (False, True): 245, (False, False): 255}


def test_real_links_repeat_papers_and_repositories_as_published(raw_data):
    folder = raw(raw_data, LINKS_IMPORTER)
    rows = text_rows(folder / "pwc_links_slice.csv.gz", ("paper_url", "repo_url"))
    assert len(rows) - len({paper for paper, _ in rows}) == 97
    assert len(rows) - len({repository for _, repository in rows}) == 226


def test_the_live_source_reads_the_real_table_to_the_shipped_rows(raw_data):
    """The table as upstream commits it, without a header, gives the newest of the shipped versions."""
    folder = raw_data / TRACKER_IMPORTER.raw_folder
    _header, *rows = (folder / "conference_counts.csv").read_text(encoding="utf-8").splitlines()
    shipped = read(TRACKER_IMPORTER, "conference_counts.csv", folder)
    newest = max(each.vintage_at for each in shipped)
    about = (("what", "table"), ("commit", "3ef0c7dee3002f66277251eda55df970b3cda293"), ("published_at", str(newest)))
    page = page_of("\n".join(rows), Request(url="https://raw.githubusercontent.com/a/b", about=about))
    fields = set(PaperCount.model_fields) - set(PaperCount.provenance)
    live = {each.model_dump_json(include=fields) for each in live_conference_tracker.SOURCE.parse(page)}
    assert live == {each.model_dump_json(include=fields) for each in shipped if each.vintage_at == newest}
    assert len(live) == 2 * len(rows)
