"""Archive files: records to CSV and back, the manifest, and a build that is whole or nothing."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive.build import build_archive
from pipeline.archive.importer import ArchiveFile, Importer
from pipeline.archive.manifest import (
    MANIFEST,
    Manifest,
    ManifestSource,
    archived_records,
    from_csv,
    read_manifest,
    to_csv,
    to_toml,
)
from pipeline.errors import BadArchive, BadInput
from pipeline.records import SurveyCombination, SurveyCount

PROVENANCE = {"source_id": "s", "page_sha256": "0" * 64, "seen_at": datetime(2024, 7, 24, tzinfo=UTC)}
WORDS = st.text('ab,"|/ é\n', min_size=1, max_size=6).map(str.strip).filter(lambda word: word and "\n" not in word)


def answer(**fields):
    plain = {
        "survey": "s",
        "edition_year": 2021,
        "respondent_group": "all",
        "option_label": "TensorFlow",
        "framework": "tensorflow",
        "respondents_count": 1,
        "question_count": 2,
        "published_fraction": 0.5,
        "is_preliminary": False,
        "wording_id": "w",
    }
    return SurveyCount.model_validate({**PROVENANCE, **plain, **fields})


ANSWERS = st.builds(
    answer,
    option_label=WORDS,
    framework=st.none() | WORDS,
    respondents_count=st.none() | st.integers(0, 2**31 - 1),
    question_count=st.none() | st.integers(0, 2**31 - 1),
    published_fraction=st.floats(0, 1),
    is_preliminary=st.booleans(),
)


@given(records=st.lists(ANSWERS, unique_by=lambda record: record.option_label))
def test_records_come_back_as_they_went(records):
    content = to_csv(SurveyCount, records)
    back = list(from_csv("f.csv", SurveyCount, content, PROVENANCE))
    assert sorted(back, key=repr) == sorted(records, key=repr)
    assert to_csv(SurveyCount, reversed(records)) == content


def test_an_empty_text_is_no_null():
    record = SurveyCombination.model_validate(
        {
            **PROVENANCE,
            "survey": "s",
            "edition_year": 2021,
            "respondent_group": "all",
            "combination": "",
            "respondents_count": 0,
            "wording_id": "w",
        }
    )
    content = to_csv(SurveyCombination, [record])
    assert list(from_csv("f.csv", SurveyCombination, content, PROVENANCE)) == [record]


def test_a_repeated_key_is_refused():
    with pytest.raises(BadInput, match="1 records repeat a key; get the raw files again"):
        to_csv(SurveyCount, [answer(), answer(respondents_count=2)])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"survey,", b"source,", "the header is not survey"),
        (b",2021,", b",21,", r"f\.csv line 2, edition_year: .* greater than or equal to 1950"),
        (b",0.5,", b",1.5,", r"f\.csv line 2, published_fraction"),
        (b",TensorFlow,", b",,", r"f\.csv line 2, option_label"),
        (b",false,", b",", r"f\.csv line 2: 9 cells, not 10"),
        (b",1,2,", b",one,2,", r"f\.csv line 2, respondents_count"),
    ],
)
def test_a_damaged_row_is_named(old, new, message):
    content = to_csv(SurveyCount, [answer()])
    assert content.count(old) == 1
    with pytest.raises(BadArchive, match=message):
        list(from_csv("f.csv", SurveyCount, content.replace(old, new), PROVENANCE))


def one_answer(path):
    return [answer(framework=None).model_dump(exclude=set(PROVENANCE))]


def importer(read):
    return Importer("s", ArchiveFile("f.csv", SurveyCount, "raw.csv", read), folder="raw")


@pytest.fixture
def archive(tmp_path):
    """An archive whose one source is described and has no files yet."""
    source = ManifestSource(
        source_id="s",
        title='A "title"',
        public_address="https://example.org/",
        licence="MIT",
        attribution="somebody",
        as_of=date(2024, 7, 24),
        notes=["one note", "another, with a é"],
    )
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / MANIFEST).write_text(to_toml(Manifest(source=[source])), encoding="utf-8")
    return folder


def test_a_build_writes_what_is_read_back_and_the_same_bytes_again(tmp_path, archive):
    (tmp_path / "raw").mkdir()
    importers = [importer(one_answer)]
    manifest = build_archive(tmp_path, archive, importers)
    first = {path.name: path.read_bytes() for path in archive.iterdir()}
    build_archive(tmp_path, archive, importers)
    assert {path.name: path.read_bytes() for path in archive.iterdir()} == first
    assert read_manifest(archive) == manifest
    ((record_type, records),) = archived_records(archive, manifest.source[0])
    assert (record_type, len(records), manifest.source[0].file[0].rows_count) == (SurveyCount, 1, 1)
    assert records[0].page_sha256 == manifest.source[0].file[0].sha256
    assert records[0].seen_at == datetime(2024, 7, 24, tzinfo=UTC)


def test_a_failing_importer_leaves_the_old_archive_whole(tmp_path, archive):
    (tmp_path / "raw").mkdir()
    good = importer(one_answer)
    build_archive(tmp_path, archive, [good])
    before = {path.name: path.read_bytes() for path in archive.iterdir()}

    def failing(path):
        yield answer(respondents_count=2).model_dump(exclude=set(PROVENANCE))
        raise BadInput("the second row is odd; get the raw file again.")

    with pytest.raises(BadInput, match="second row"):
        build_archive(tmp_path, archive, [good, importer(failing)])
    assert {path.name: path.read_bytes() for path in archive.iterdir()} == before


def test_missing_folders_are_named(tmp_path, archive):
    with pytest.raises(BadInput, match="is no folder"):
        build_archive(tmp_path / "nowhere", archive, [importer(one_answer)])
    with pytest.raises(BadInput, match=r"raw is missing; it holds the raw files of https://example\.org/"):
        build_archive(tmp_path, archive, [importer(one_answer)])
    (tmp_path / "raw").mkdir()
    unknown = Importer("t", *importer(one_answer).files, folder="raw")
    with pytest.raises(BadArchive, match=r"manifest\.toml has no source t; describe it there"):
        build_archive(tmp_path, archive, [unknown])


def test_a_changed_or_missing_file_is_named(tmp_path, archive):
    (tmp_path / "raw").mkdir()
    manifest = build_archive(tmp_path, archive, [importer(one_answer)])
    file = archive / "f.csv"
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(BadArchive, match=r"f\.csv does not match its checksum"):
        list(archived_records(archive, manifest.source[0]))
    file.unlink()
    with pytest.raises(BadArchive, match=r"f\.csv is missing or cannot be read; restore it from git"):
        list(archived_records(archive, manifest.source[0]))


@pytest.mark.parametrize("content", [b"source = [", b"\xff", b"[[source]]\nsource_id = 5\n"])
def test_a_damaged_manifest_is_named(tmp_path, content):
    with pytest.raises(BadArchive, match=r"manifest\.toml is missing"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(BadArchive, match=r"manifest\.toml cannot be read"):
        read_manifest(tmp_path)
