"""The claims ledger: every claim has a verdict that follows from the figures on file, and from nothing else."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from pipeline.claims.ledger import chosen, in_full, in_words, reviews, tally_table
from pipeline.errors import BadInput
from pipeline.jobs.bench import import_here
from pipeline.metrics.read import read_view
from pipeline.reference.lists import read_claims
from pipeline.report.build import build_page
from pipeline.report.template import script_json
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.publish import pick_claim_figures, publish
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.views import deploy_views, prepare

REFERENCE = Settings().reference_folder
LEDGER = read_claims(REFERENCE).claims


@pytest.fixture(scope="module")
def claims(published_archive):
    return read_view(published_archive, "claims").set_index("claim_id")


def test_every_claim_of_the_frame_has_one_verdict(claims, published_archive):
    assert sorted(claims.index) == sorted(claim.claim_id for claim in LEDGER)
    assert len(claims) >= 354
    assert claims["verdict"].notna().all()
    tally = read_view(published_archive, "claim_tally")
    assert tally["claims_count"].sum() == len(LEDGER)
    assert Counter(claims["favours"]) == Counter(claim.favours for claim in LEDGER)


def test_what_is_not_computed_says_why(claims):
    assert claims.loc[~claims["is_computed"].astype(bool), "reason"].notna().all()
    assert set(claims.loc[~claims["is_computed"].astype(bool), "verdict"]) == {
        "misattributed",
        "unsourced",
        "not testable here",
    }


def test_the_shipped_figures_alone_give_verdicts(claims):
    assert claims["is_computed"].sum() >= 120


def test_every_row_of_the_five_first_articles_has_a_verdict_or_says_why_not(claims):
    seeds = claims[claims["found_by"] == "seed"]
    assert len(seeds) == 97
    assert seeds["article"].nunique() == 5
    assert (seeds["is_computed"].astype(bool) | seeds["reason"].notna()).all()
    assert seeds["is_computed"].sum() >= 30


def test_a_dated_fact_settles_what_became_of_a_tool(claims, published_archive):
    assert claims.loc[["C035", "C036", "C294", "C295"], "verdict"].tolist() == [
        "contradicted",
        "stale",
        "reproduced",
        "contradicted",
    ]
    events = read_view(published_archive, "events")
    assert events["address"].str.startswith("https://").all()
    assert set(claims.loc[claims["test_kind"] == "event", "view_name"]) == {"events"}


def test_a_claim_of_two_figures_holds_only_with_both(claims, published_archive):
    evidence = read_view(published_archive, "claim_evidence").set_index(["claim_id", "place"])
    assert {evidence.loc[("C112", place), "outcome"].iloc[0] for place in (1, 2)} == {"fails"}
    assert claims.loc["C105", "verdict"] == "undecided", "the half about developers is undecided"


def test_the_survey_of_2023_is_reproduced_for_professionals_and_not_for_all(claims, published_archive):
    evidence = read_view(published_archive, "claim_evidence").set_index(["claim_id", "population"])
    for claim, of_professionals, of_all in (("C016", 0.0841, 0.0953), ("C017", 0.0789, 0.0875)):
        assert claims.loc[claim, "verdict"] == "reproduced"
        assert claims.loc[claim, "value"] == pytest.approx(of_professionals, abs=5e-5)
        other = evidence.loc[claim, "all respondents"]
        assert (other["outcome"], round(other["value"], 4)) == ("fails", of_all)


def test_two_counts_of_stars_that_held_on_no_one_day(claims):
    assert claims.loc[["C054", "C055", "C056"], "verdict"].tolist() == [
        "reproduced",
        "reproduced",
        "internally inconsistent",
    ]
    assert claims.loc["C056", "base"] > 300
    assert claims.loc["C321", "verdict"] == "reproduced"


def test_what_one_subject_refutes_is_not_reproduced(claims):
    """Seven of 176 repositories use what no project is said to use."""
    assert (claims.loc["C343", "n"], claims.loc["C343", "base"]) == (7, 176)
    assert claims.loc["C343", "verdict"] == "not reproduced for another population"


def test_claims_that_a_gap_is_closed_are_asked_the_same():
    tests = pd.read_csv(REFERENCE / "claims" / "tests.csv").set_index("claim_id")
    assert list(tests.loc[["C152", "C218", "C093"], "operator"]) == ["equal"] * 3


def test_a_share_between_bounds_is_given_as_such(claims):
    assert claims.loc["C110", "our_figure"] == "between 11.5 and 17.8 %"


def test_the_implementations_are_tested_on_the_slice_with_its_date(claims):
    for claim in ("C058", "C059"):
        row = claims.loc[claim]
        assert (row["series_id"], row["period_start"].year) == ("papers.code_links", 2024)
        assert row["population"] == "all"
        assert not row["verdict"].startswith("contradicted"), "a slice is not all of it"


def test_without_a_benchmark_nothing_is_said_of_speed(claims):
    of_speed = claims[claims["test_kind"].isin(["cases", "compile", "accuracy", "measured", "special"])]
    assert len(of_speed) > 60
    assert not of_speed["is_computed"].any()
    assert of_speed.loc["C072", "reason"] == "No benchmark was run that measures it."


@pytest.fixture(scope="module")
def shipped(published_archive, tmp_path_factory):
    """A warehouse made of the published database, that may be changed."""
    path = tmp_path_factory.mktemp("ledger") / "warehouse.duckdb"
    shutil.copy(published_archive, path)
    with open_warehouse(path) as connection:
        deploy_views(connection)
        yield connection


def verdicts(connection):
    pick_claim_figures(connection)
    return dict(connection.execute("select claim_id, verdict from main.claims").fetchall())


def test_one_changed_input_flips_the_verdicts_that_rest_on_it_and_no_other(shipped):
    before = verdicts(shipped)
    shipped.execute(
        "update core.survey_count set respondents_count = respondents_count * 2, "
        "published_fraction = published_fraction * 2 where survey = 'stackoverflow' and edition_year = 2023 "
        "and respondent_group = 'professional developers' and framework = 'pytorch'"
    )
    after = verdicts(shipped)
    # Twice as many professionals with PyTorch: its own share, and who of the two is ahead that year.
    assert {claim: after[claim] for claim in after if after[claim] != before[claim]} == {
        "C017": "contradicted",
        "C018": "contradicted",
    }


def test_two_measures_of_the_same_models_are_never_added(shipped):
    """A model that carries the tag may name the framework as its library as well."""
    counts = {"models tagged with it": (900, 100), "models naming it as their library": (80, 320)}
    for measure, figures in counts.items():
        for framework, models_count in zip(("pytorch", "tensorflow"), figures, strict=True):
            shipped.execute(
                "insert into core.period_count values ('hub_models', repeat('0', 64), '2025-11-01', 'models', "
                "? || ': ' || ?, ?, '2025-11-01', '2025-11-01', '2025-11-01', ?)",
                [measure, framework, framework, models_count],
            )
    verdicts(shipped)
    of_hub = "select claim_id, n, base from main.claim_evidence where series_id = 'hub.models' order by all"
    assert shipped.execute(of_hub).fetchall() == [("C038", 900, 1000), ("C069", 100, 1000)]


def test_every_kind_of_test_is_used_and_every_query_can_answer(shipped):
    used = {test.kind for test in read_claims(REFERENCE).tests}
    views = shipped.execute("select view_name from duckdb_views() where schema_name = 'claim_test'").fetchall()
    assert {name for (name,) in views} == used


def test_the_tests_of_the_ledger_name_what_there_is(shipped):
    tests = [test for test in read_claims(REFERENCE).tests if test.series_id]
    named = {name for test in tests for each in (test.framework, test.other) if each for name in each.split("|")}
    known = {name for (name,) in shipped.execute("select framework from ref.framework").fetchall()}
    assert named <= known


@pytest.mark.slow
def test_a_verdict_that_flips_is_kept_with_the_one_before(warehouse, tmp_path):
    """Published twice the same is one row; a changed fact adds the new verdict of the claim that rests on it."""
    load_reference(warehouse, REFERENCE)
    publish(warehouse, tmp_path, "r1")
    publish(warehouse, tmp_path, "r2")
    kept = "select count(*), count(distinct release_id) from ops.claim_verdict"
    assert warehouse.execute(kept).fetchall() == [(len(LEDGER), 1)]
    warehouse.execute("update ref.event set happened_on = date '2021-02-01' where event_id = 'tensorflow-2.4'")
    file = publish(warehouse, tmp_path, "r3") / "observatory.duckdb"
    history = read_view(file, "claim_history")
    (flip,) = history[history["verdict_before"].notna()].itertuples()
    assert (flip.claim_id, flip.release_id, flip.is_current) == ("C094", "r3", True)
    assert (flip.verdict_before, flip.figure_before, flip.verdict) == ("contradicted", "yes", "reproduced")
    assert f"{flip.evidence_as_of_before:%Y-%m-%d}" == "2020-12-17"
    assert "\n".join(in_full(file, "C094")).count("since ") == 2
    build_page(file, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Verdicts that changed since they were first published (1)" in page
    # A warehouse that is made anew from a release keeps them.
    shutil.copy(file, tmp_path / "rebuilt.duckdb")
    (tmp_path / "rebuilt.duckdb").chmod(0o644)
    with open_warehouse(tmp_path / "rebuilt.duckdb") as connection:
        prepare(connection, REFERENCE)
        assert connection.execute("select count(*) from main.claim_history").fetchall() == [(355,)]


def test_the_page_holds_the_computed_verdicts_as_claim_reviews(claims, report_page):
    page = report_page.read_text(encoding="utf-8")
    (block,) = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    graph = json.loads(block)["@graph"]
    computed = claims[claims["is_computed"].astype(bool)]
    assert [each["url"] for each in graph] == [f"#{claim_id}" for claim_id in computed.index]
    one = next(each for each in graph if each["url"] == "#C016")
    assert one["@type"] == "ClaimReview"
    assert one["reviewRating"]["alternateName"] == "reproduced"
    assert one["claimReviewed"] == claims.loc["C016", "claim"]
    assert one["reviewBody"].startswith("8.4 %")
    assert "url" not in one["itemReviewed"]["appearance"], "its address was not recorded"
    for other in graph:
        assert 'id="' + other["url"][1:] + '"' in page


def test_hostile_words_of_an_article_cannot_leave_the_reviews(claims):
    words = "</script><script>alert(1)</script>"
    hostile = claims.loc[["C016"]].reset_index().assign(claim=words, address="javascript:x")
    written = script_json(reviews(hostile, pd.DataFrame({"claim_id": [], "is_current": [], "decided_on": []})))
    assert "<" not in written
    (one,) = json.loads(written)["@graph"]
    assert one["claimReviewed"] == words
    assert "url" not in one["itemReviewed"]["appearance"]
    assert "datePublished" not in one


def with_ledger(folder, **changes):
    """A copy of the reference lists whose claims files say something else."""
    shutil.copytree(REFERENCE, folder)
    for name, (old, new) in changes.items():
        path = next((folder / "claims").glob(f"{name}.*"))
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"tests": ("C001,1,pair", "C999,1,pair")}, "there is no claim C999"),
        ({"tests": ("survey.stackoverflow", "survey.stackoverfolw")}, "survey.stackoverfolw is no series"),
        ({"claims": ("C002", "C001")}, "claim C001 stands there more than once"),
        ({"tests": (",over,", ",above,")}, "operator"),
        ({"claims": (",NT,", ",NIL,")}, "there is no tolerance NIL"),
        ({"tests": ("torchtext-ended", "torchtxt-ended")}, "there is no event torchtxt-ended"),
        ({"claims": (",No series asks how hard a framework is to learn.", ",")}, "C002 has no test and no reason"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, changes, complaint):
    with pytest.raises(BadInput, match=complaint):
        read_claims(with_ledger(tmp_path / "reference", **changes))


def test_own_reference_lists_need_no_ledger(tmp_path):
    assert read_claims(tmp_path).claims == ()


def test_no_withheld_address_is_shipped():
    with (REFERENCE / "claims" / "claims.csv").open(encoding="utf-8", newline="") as file:
        addresses = [row["address"] for row in csv.DictReader(file)]
    assert addresses.count("withheld") > 10
    assert all(address.startswith("http") or address in {"withheld", "not recorded"} for address in addresses)


def test_claims_are_chosen_by_family_verdict_and_words(published_archive):
    frame = read_view(published_archive, "claims")
    found = chosen(frame, "community", None, "github STARS")
    assert {"C054", "C055"} <= set(found["claim_id"])
    assert set(found["family"]) == {"community"}
    with pytest.raises(BadInput, match=r"no claim has the verdict true; there are .*reproduced"):
        chosen(frame, None, "true", None)
    articles_count = len({claim.article for claim in LEDGER})
    assert in_words(frame).startswith(f"{len(LEDGER)} claims of {articles_count} articles; verdicts computed: ")
    assert in_words(frame.head(1)).startswith("1 claim of 1 article; ")
    columns, rows = tally_table(read_view(published_archive, "claim_tally"))
    assert columns[-1] == "all"
    assert rows[-1][-1] == str(len(LEDGER))


def test_one_claim_in_full(published_archive):
    said = "\n".join(in_full(published_archive, "c016"))
    for words in ("verdict: reproduced", "our figure: 8.4 %", "base: 52,046", "favours: TensorFlow", "±0.5"):
        assert words in said
    with pytest.raises(BadInput, match="there is no claim C999"):
        next(in_full(published_archive, "C999"))


def test_the_command_counts_lists_and_shows(published_archive, tmp_path):
    home = tmp_path / "home"
    (home / "data" / "published").mkdir(parents=True)
    shutil.copy(published_archive, home / "data" / "published" / "observatory.duckdb")
    command = [str(Path(sys.executable).with_name("observatory")), "claims"]
    environment = os.environ | {"OBSERVATORY_HOME": str(home), "PYTHONPATH": str(PROJECT_ROOT)}
    said = subprocess.run(
        [*command, "--verdict", "stale"], capture_output=True, text=True, env=environment, check=True
    ).stdout
    assert "C053" in said
    assert "C016" not in said


@pytest.mark.slow
def test_with_a_benchmark_of_another_machine_claims_on_speed_and_memory_have_verdicts(archive_home, tmp_path):
    raw_data = os.environ.get("OBSERVATORY_RAW_DATA")
    exports = sorted(Path(raw_data, "bench_exports").glob("*.json.gz")) if raw_data else []
    if not exports:
        pytest.skip("no benchmark results at hand: set OBSERVATORY_RAW_DATA to a folder with bench_exports/*.json.gz")
    home = Settings(home=tmp_path)
    home.warehouse_file.parent.mkdir(parents=True)
    shutil.copy(archive_home / "warehouse.duckdb", home.warehouse_file)
    import_here(home, exports[0])
    claims = read_view(home.published_file, "claims").set_index("claim_id")
    assert claims["is_computed"].sum() >= 160
    eager_against_graph = claims.loc["C072"]
    assert eager_against_graph["is_computed"]
    assert eager_against_graph["value_low"] < eager_against_graph["value"] < eager_against_graph["value_high"]
    assert eager_against_graph["base"] > 20
