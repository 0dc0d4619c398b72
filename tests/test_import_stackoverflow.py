"""The Stack Overflow importer: small raw files in the published shape, and the real one where it is at hand."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.manifest import to_csv
from pipeline.archive.surveys import OPINIONS_FILE, RAW_FILE
from pipeline.archive.surveys import STACKOVERFLOW_IMPORTER as IMPORTER
from pipeline.errors import BadInput
from pipeline.records import SurveyCount

HEADER = (
    "year,group,option,published_percent,frequency,question_total_respondents,percent_of_question_total,"
    "n_options_in_question,path,commit,status,implied_denominator"
)
ROWS = (
    "2018,all_respondents,TensorFlow,7.7993,,51620,,12,a.json,e8c7,final,",
    "2021,professional_developers,TensorFlow,14.1,4818.0,41760,11.54,13,a.json,e8c7,final,34170.0",
    '2022,all_respondents,Torch/PyTorch,8.94,2216.0,29199,7.59,23,a.json,e8c7,"PRELIMINARY (half, so far)",24787.0',
    "2023,learning_to_code,Hugging Face Transformers,1.98,69.0,3482,1.98,36,a.json,e8c7,final,3485.0",
    "2024,other_coders,Scikit-Learn,16.86,975.0,5782,16.86,39,a.json,e8c7,final,5783.0",
    "2024,all_respondents,mlflow,1.16,531.0,45841,1.16,39,a.json,e8c7,final,45776.0",
)


def raw_folder(folder, rows=ROWS, header=HEADER):
    (folder / RAW_FILE).write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return folder


def read(folder):
    return list(IMPORTER.files[0].read(folder, IMPORTER.stamp))


def by_option(records):
    return {(r.edition_year, r.respondent_group, r.option_label): r for r in records}


def test_counts_and_percentages_are_kept_as_published(tmp_path):
    records = by_option(read(raw_folder(tmp_path)))
    percent_only = records[2018, "all respondents", "TensorFlow"]
    assert (percent_only.respondents_count, percent_only.question_count) == (None, None)
    assert percent_only.published_fraction == 0.077993
    counted = records[2021, "professional developers", "TensorFlow"]
    assert (counted.respondents_count, counted.question_count, counted.published_fraction) == (4818, 41760, 0.141)


def test_options_and_groups_get_their_meaning(tmp_path):
    records = by_option(read(raw_folder(tmp_path)))
    frameworks = {option: record.framework for (_, _, option), record in records.items()}
    assert frameworks == {
        "TensorFlow": "tensorflow",
        "Torch/PyTorch": "pytorch",
        "Hugging Face Transformers": "transformers",
        "Scikit-Learn": "scikit-learn",
        "mlflow": None,
    }
    assert {group for _, group, _ in records} == {
        "all respondents",
        "professional developers",
        "learning to code",
        "other coders",
    }


def test_a_cut_of_an_open_survey_is_preliminary_and_wordings_follow_the_question(tmp_path):
    records = read(raw_folder(tmp_path))
    assert {r.edition_year for r in records if r.is_preliminary} == {2022}
    assert {r.edition_year: r.wording_id for r in records} == {
        2018: "so-framework",
        2021: "so-misc-tech-have",
        2022: "so-misc-tech-have",
        2023: "so-misc-tech-have",
        2024: "so-misc-tech-have",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("TensorFlow", "Theano", "'Theano' is no known option"),
        ("all_respondents", "managers", "'managers' is no known group"),
        ("2018,", "2017,", "2017 is no known edition"),
        (",final,", ",draft,", "'draft' is no known status"),
        (",7.7993,", ",7.8 %,", "published_percent is '7.8 %'"),
        (",7.7993,", ",107.7993,", "published_fraction"),
        (",4818.0,", ",4818.5,", "frequency is '4818.5', not a whole number"),
        (",4818.0,", ",4181.0,", "4181 of 41760 is not 11.54 %"),
        (",11.54,", ",,", "percent_of_question_total is ''"),
    ],
)
def test_an_odd_cell_is_refused(tmp_path, old, new, message):
    rows = [row.replace(old, new, 1) for row in ROWS]
    assert tuple(rows) != ROWS
    with pytest.raises(BadInput, match=message):
        read(raw_folder(tmp_path, rows))


def test_a_missing_file_and_a_missing_column_are_named(tmp_path):
    with pytest.raises(BadInput, match=rf"{RAW_FILE} is missing"):
        read(tmp_path)
    with pytest.raises(BadInput, match="frequency"):
        read(raw_folder(tmp_path, header=HEADER.replace("frequency", "times")))


@settings(max_examples=15)
@given(rows=st.permutations(ROWS))
def test_the_order_of_raw_rows_does_not_matter(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("raw")
    straight = to_csv(SurveyCount, read(raw_folder(folder)))
    assert to_csv(SurveyCount, read(raw_folder(folder, rows))) == straight


def test_the_real_file_gives_its_own_percentages(raw_data):
    folder = raw_data / IMPORTER.raw_folder
    records = by_option(read(folder))
    with (folder / RAW_FILE).open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    assert len(records) == len(published) == 104
    for row in published:
        record = records[int(row["year"]), row["group"].replace("_", " "), row["option"]]
        assert record.published_fraction * 100 == pytest.approx(float(row["published_percent"]), abs=1e-9)
        if row["frequency"]:
            share_percent = 100 * record.respondents_count / record.question_count
            assert share_percent == pytest.approx(float(row["percent_of_question_total"]), abs=0.0051)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2020,TensorFlow,65.1763,35.8237,17.2014,final", "is loved by 65.1763 % and dreaded by 35.8237 %"),
        ("2020,Chainer,65.1763,34.8237,17.2014,final", "'Chainer' is no known option"),
        ("2020,TensorFlow,65.1763,34.8237,17.2014,draft", "'draft' is no known status"),
    ],
)
def test_odd_opinions_are_refused(tmp_path, row, message):
    header = "year,option,loved_pct,dreaded_pct,wanted_pct,status"
    (tmp_path / OPINIONS_FILE).write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        list(IMPORTER.files[1].read(tmp_path, IMPORTER.stamp))
