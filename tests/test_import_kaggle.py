"""The Kaggle importer: small raw files in the original shape, and the real ones where they are at hand."""

import csv
from collections import Counter
from datetime import UTC, date, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.manifest import to_csv
from pipeline.archive.surveys import KAGGLE_IMPORTER as IMPORTER
from pipeline.errors import BadInput
from pipeline.fetch.local_files import LocalFiles
from pipeline.records import SurveyCombination
from pipeline.sources.kaggle_survey import EDITIONS, SOURCE

# Two options an edition are enough here; the padding is the publisher's.
OPTIONS = {
    2018: ("TensorFlow", "PyTorch", "None"),
    2019: ("  TensorFlow ", " PyTorch ", "None"),
    2020: ("  TensorFlow ", " PyTorch ", "None"),
    2021: (" Huggingface ", " PyTorch ", "None"),
    2022: ("  TensorFlow ", " PyTorch ", "None"),
}
ANSWERS = (
    ("Data Scientist", (True, True, False)),
    ("Data Scientist", (True, True, False)),
    ("Machine Learning Engineer", (False, True, False)),
    ("Machine Learning/ MLops Engineer", (False, True, False)),
    ("Student", (False, False, True)),
    ("", (False, False, False)),
)


def columns_of(edition):
    numbered = [f"{edition.question}_Part_{n}" for n in (1, 2, 3)]
    if edition.year == 2022:
        numbered = [f"{edition.question}_{n}" for n in (1, 2, 3)]
    text = [] if edition.year in {2020, 2021, 2022} else [f"{edition.question}_OTHER_TEXT"]
    return [edition.title_column, *numbered, *text, f"{edition.question}0_Part_1"]


def lines_of(edition, answers):
    columns = columns_of(edition)
    questions = ["Select the title", *(f"Which, - Selected Choice - {option}" for option in OPTIONS[edition.year])]
    yield columns
    yield [*questions, *["free, text"] * (len(columns) - 4)]
    for title, ticks in answers:
        cells = [option if tick else "" for option, tick in zip(OPTIONS[edition.year], ticks, strict=True)]
        # The code column holds -1 and a later question an answer: neither is one of this question's.
        yield [title, *cells, *(["-1"] if len(columns) == 6 else []), "PyTorch"]


def write(path, lines):
    text = "".join(",".join(f'"{cell}"' for cell in line) + "\r\n" for line in lines)
    path.write_bytes(zstandard.ZstdCompressor().compress(text.encode("utf-8")))


def raw_folder(folder, answers=ANSWERS):
    for edition in EDITIONS:
        write(folder / f"kaggle_survey_{edition.year}.csv.zst", lines_of(edition, answers))
    return folder


def read(folder):
    return list(IMPORTER.files[0].read(folder, IMPORTER.stamp))


def counts_of(records, year):
    return {(r.respondent_group, r.combination): r.respondents_count for r in records if r.edition_year == year}


def test_combinations_are_counted_by_group(tmp_path):
    records = read(raw_folder(tmp_path))
    assert counts_of(records, 2020) == {
        ("data scientists", "pytorch|tensorflow"): 2,
        ("ML engineers", "pytorch"): 2,
        ("other titles", "none"): 1,
        ("other titles", ""): 1,
    }
    assert counts_of(records, 2021)["data scientists", "pytorch|transformers"] == 2
    assert {r.wording_id for r in records if r.edition_year == 2018} == {"kaggle-2018"}
    assert {r.wording_id for r in records if r.edition_year > 2018} == {"kaggle-2019"}


def test_every_respondent_is_counted_once_in_every_edition(tmp_path):
    records = read(raw_folder(tmp_path))
    totals = Counter()
    for record in records:
        totals[record.edition_year] += record.respondents_count
    assert totals == {edition.year: len(ANSWERS) for edition in EDITIONS}


def damaged(folder, change):
    raw_folder(folder)
    edition = EDITIONS[0]
    write(folder / f"kaggle_survey_{edition.year}.csv.zst", change(list(lines_of(edition, ANSWERS))))
    return folder


def test_a_new_option_asks_for_a_decision(tmp_path):
    def change(lines):
        lines[2][1] = "Torch7"
        return lines

    with pytest.raises(BadInput, match=r"kaggle_survey_2018\.csv\.zst: 'Torch7' is no known option"):
        read(damaged(tmp_path, change))


def test_a_short_row_is_refused(tmp_path):
    with pytest.raises(BadInput, match="respondent 6: 5 cells, not 6"):
        read(damaged(tmp_path, lambda lines: [*lines[:-1], lines[-1][:-1]]))


@pytest.mark.parametrize("column", [0, slice(1, 4)])
def test_a_missing_column_is_named(tmp_path, column):
    def change(lines):
        header = lines[0]
        header[column] = "x" if isinstance(column, int) else ["x", "y", "z"]
        return lines

    with pytest.raises(BadInput, match="lacks Q6 or Q19_"):
        read(damaged(tmp_path, change))


@pytest.mark.parametrize("content", [b"Q6,Q19_Part_1\n", zstandard.ZstdCompressor().compress(b"\xff\xfe\x00")])
def test_a_damaged_file_is_named(tmp_path, content):
    folder = raw_folder(tmp_path)
    (folder / "kaggle_survey_2018.csv.zst").write_bytes(content)
    with pytest.raises(BadInput, match=r"kaggle_survey_2018\.csv\.zst is no"):
        read(folder)


def test_a_missing_file_is_named(tmp_path):
    folder = raw_folder(tmp_path)
    (folder / "kaggle_survey_2022.csv.zst").unlink()
    with pytest.raises(BadInput, match=r"kaggle_survey_2022\.csv\.zst is missing"):
        read(folder)


@settings(max_examples=15)
@given(answers=st.permutations(ANSWERS))
def test_the_order_of_respondents_does_not_matter(tmp_path_factory, answers):
    folder = tmp_path_factory.mktemp("raw")
    straight = to_csv(SurveyCombination, read(raw_folder(folder)))
    assert to_csv(SurveyCombination, read(raw_folder(folder, answers))) == straight


GROUPS = {"all": None, "data_scientist": "data scientists", "ml_engineer": "ML engineers"}


@pytest.mark.slow
def test_the_real_files_give_the_published_counts(raw_data):
    """Every cell of the independently made table of options, years and groups, exactly."""
    folder = raw_data / IMPORTER.raw_folder
    records = read(folder)
    with (folder / "framework_use_by_year.csv").open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    assert len(published) == 240
    names = {
        "h20": "h2o",
        "h2o 3": "h2o",
        "fast.ai": "fastai",
        "spark mlib": "spark mllib",
        "huggingface": "transformers",
    }
    for row in published:
        option = row["option"].strip().lower()
        option = {"randomforest": "random-forest"}.get(option, names.get(option, option).replace(" ", "-"))
        group = GROUPS[row["group"]]
        members = [
            record
            for record in records
            if record.edition_year == int(row["year"]) and group in {None, record.respondent_group}
        ]
        ticked = sum(r.respondents_count for r in members if option in r.combination.split("|"))
        answered = sum(r.respondents_count for r in members if r.combination)
        everybody = sum(r.respondents_count for r in members)
        expected = tuple(int(row[name]) for name in ("n_selected", "n_question_answered", "n_respondents"))
        assert (ticked, answered, everybody) == expected, row


@pytest.mark.slow
def test_the_live_source_counts_the_real_files_to_the_shipped_rows(raw_data, tmp_path):
    """A user who downloads the files finds in them exactly what is shipped."""
    folder = raw_data / IMPORTER.raw_folder
    for edition in EDITIONS:
        packed = (folder / f"kaggle_survey_{edition.year}.csv.zst").read_bytes()
        file = tmp_path / edition.published_name
        file.write_bytes(zstandard.ZstdDecompressor().decompressobj().decompress(packed))
    local_files = LocalFiles(tmp_path, tmp_path / "own", now=lambda: datetime(2026, 1, 15, tzinfo=UTC))
    requests = [
        request
        for window in SOURCE.windows(date(2026, 1, 15))
        for request in SOURCE.starts(window, False)
        if local_files.has(request)
    ]
    assert len(requests) == len(EDITIONS)
    counted = [record for request in requests for record in SOURCE.parse(local_files.get(request))]
    facts = ("edition_year", "respondent_group", "combination", "respondents_count", "wording_id", "survey")
    assert Counter(tuple(getattr(each, name) for name in facts) for each in counted) == Counter(
        tuple(getattr(each, name) for name in facts) for each in read(folder)
    )
