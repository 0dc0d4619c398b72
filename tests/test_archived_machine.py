"""The machine that ships with the project: its figures, its cost, and that it stands in and is mixed with none.

Its expected figures are those of the note that came with its export.
"""

import gzip
import html
import json
import re
from datetime import UTC, datetime
from time import process_time

import pytest
from published import rows_of_run

from pipeline.archive.manifest import read_manifest
from pipeline.bench.machine import this_machine
from pipeline.claims import performance
from pipeline.estimate.ratios import derive_performance
from pipeline.jobs.bench import load_export
from pipeline.jobs.collect import load_archived
from pipeline.jobs.context import open_job
from pipeline.jobs.publish import release
from pipeline.records.bench_travel import from_file, to_file, without_samples
from pipeline.records.benchmarks import OF_A_RUN, BenchRun, BenchSample, BenchVariant, MachineResults
from pipeline.reference.lists import read_lists
from pipeline.report.answers import REMEDY, answers_of
from pipeline.report.build import build_page
from pipeline.report.reading import Reading
from pipeline.settings import Settings
from pipeline.warehouse.bench import load_bench, read_results

ARCHIVE = Settings().archive_folder
(SOURCE,) = (each for each in read_manifest(ARCHIVE).source if each.source_id == "benchmarks_amd_epyc_zen5")
(GPU,) = (each for each in read_manifest(ARCHIVE).source if each.source_id == "benchmarks_nvidia_h100")
(SPECIAL,) = (each for each in read_manifest(ARCHIVE).source if each.source_id == "benchmarks_amd_epyc_zen5_special")
LATER = datetime(2026, 12, 15, 12, 0, tzinfo=UTC)
TOPIC = next(each for each in read_lists(Settings().reference_folder).headline if not each.series)
RATIOS = "select ratio, ratio_low, ratio_high, verdict from performance where case_name = ? and size = ?"
KIND = {"case_group": "CPU maths"}


@pytest.fixture
def job(prepared_home):
    """A run in a home into which the shipped machine was loaded, and nothing else."""
    with open_job(Settings(home=prepared_home), "offline") as job:
        load_archived(job, SOURCE)
        yield job


def view_in(job, is_imported=None):
    """Give what gives rows of a view, as the page's reader does; where that is said, those of one machine alone."""
    machines = job.connection.execute("select machine_id from machines where is_imported = ?", [is_imported]).fetchall()

    def view(name, where=None, order_by=()):
        frame = job.connection.execute(f"from main.{name}").df()
        if is_imported is not None:
            frame = frame[frame["machine_id"].isin([machine_id for (machine_id,) in machines])]
        for column, wanted in (where or {}).items():
            frame = frame[frame[column] == wanted]
        return frame.sort_values(list(order_by)) if order_by else frame

    return view


def test_its_ratios_are_those_of_the_note_that_came_with_it(job):
    for case, size, framework, mode, *expected in (
        ("resnet50_inference", "small", "tensorflow", "compiled", 0.58, 0.53, 0.63, "faster"),
        ("resnet50_inference", "large", "tensorflow", "compiled", 0.65, 0.62, 0.68, "faster"),
        ("resnet50_inference", "small", "jax", "compiled", 0.77, 0.74, 0.80, "faster"),
        ("resnet50_inference", "large", "jax", "compiled", 0.92, 0.89, 0.97, "same"),
        ("mlp_training", "small", "tensorflow", "eager", 3.09, 2.96, 3.22, "slower"),
        ("mlp_training", "small", "tensorflow", "compiled", 0.87, 0.71, 1.07, "no difference shown"),
        ("mlp_training", "small", "jax", "compiled", 0.36, 0.33, 0.39, "faster"),
    ):
        of_one = [case, size, framework, mode]
        ((*ratio, verdict),) = job.connection.execute(f"{RATIOS} and framework = ? and mode = ?", of_one).fetchall()
        assert (ratio, verdict) == (pytest.approx(expected[:3], abs=0.011), expected[3]), of_one
    # JAX's small steps overlapped, two processors were busy at one thread: no verdict rests on that.
    overlapped = ["matmul", "small", "jax", "compiled"]
    found = job.connection.execute(f"{RATIOS} and framework = ? and mode = ?", overlapped).fetchall()
    assert [verdict for *_, verdict in found] == ["not comparable"]


def test_it_is_another_machine_with_its_known_artefacts(job):
    ((is_imported, notes, runs),) = job.connection.execute(
        "select is_imported, notes, runs_count from machines"
    ).fetchall()
    assert (is_imported, runs) == (True, 1)
    for words in ("measure page faults", "small steps overlap", "memory includes jax", "other makers’ processors"):
        assert words in notes
    assert job.connection.execute("select distinct machine_rank, is_imported from fastest").fetchall() == [(1, True)]
    lacking = job.connection.execute("select count(*) from fairness_passport where interleaved = false").fetchone()
    assert lacking == (0,), "what was not kept is not held against it"


def test_a_gpu_is_answered_by_the_machine_that_has_one_and_the_processor_by_the_other(job):
    load_archived(job, GPU)
    of_one = ["mlp_training", "small", "jax", "compiled"]
    ((*ratio, verdict),) = job.connection.execute(
        f"{RATIOS} and framework = ? and mode = ? and device = 'cuda'", of_one
    ).fetchall()
    assert (ratio, verdict) == (pytest.approx([0.167, 0.128, 0.209], abs=0.001), "faster")
    ranks = job.connection.execute("select distinct machine_rank, device from fastest order by 1").fetchall()
    assert ranks == [(1, "cpu"), (2, "cuda")], "the one on which most was compared comes first, not the newest"
    others = "select machine_id, title from machines order by newest_run_at desc"
    machines = job.connection.execute(others).fetchall()
    assert "NVIDIA H100" in machines[0][1]

    def only(machine_id):
        return lambda name: job.connection.execute(f"from main.{name} where machine_id = ?", [machine_id]).df()

    said = dict(job.connection.execute("select claim_id, reason from claims").fetchall())
    assert said["C143"] == "3 of the 3 named ran on another machine in that mode.", "not 2, as where one was lacking"
    assert said["C263"].startswith("Surely ahead in 0 of 3 benchmark cases"), "gains on an H100"
    none = view_in(job, is_imported=False)
    answers = answers_of(none, {}, [(title, only(machine_id)) for machine_id, title in machines])
    assert "NVIDIA H100" in answers["On a GPU"][0]
    assert any(line.startswith("cuda, small models: jax, compiled: faster in") for line in answers["On a GPU"])
    assert any(line.startswith("cuda, pytorch, compiled:") for line in answers["On a GPU"])
    for question in ("Small models", "Mathematics on the CPU", "Does compiling pay?"):
        assert "AMD EPYC" in answers[question][0], question


@pytest.mark.slow
def test_every_question_is_answered_before_anything_was_measured(job):
    for source in (GPU, SPECIAL):
        load_archived(job, source)
    release(job)
    answers = Reading(job.settings.published_file).words([])["answers"]
    told = {question: " ".join(lines).replace("\u00a0", " ") for question, lines in answers.items()}
    unanswered = [question for question, words in told.items() if "On another machine" not in words]
    # Ease is told only beside a survey, of which none is loaded here.
    assert unanswered == ["How much is there to write, and to wait for?"]
    exported = ("torch.export", "AOTInductor", "TorchScript", "ExecuTorch", "ONNX", "OpenVINO")
    for format_name in (*exported, "SavedModel", "LiteRT", "jax.export"):
        size = rf" as {re.escape(format_name)}: (deprecated .*?; )?[0-9.]+ MB"
        assert re.search(size, told["What does it cost to ship?"]), format_name
    assert "virtual machine, 1 thread, 28 Nov 2026)" in told["A small language model"], "the other run has none"
    assert "channels last, cnn inference large: 0.73 times" in told["Do further settings pay?"]
    assert "automatic, transformer: 2 graphs for 6 batch sizes" in told["What do shapes that change cost?"]
    assert re.search(r"LiteRT: answers in [0-9.]+ (ms|µs)", told["How does it answer as a server?"])
    assert "pytorch, eager, transformer: two processes" in told["Do two processes train faster?"].lower()
    assert re.search(r"of 3\d cases", told["Does compiling pay?"]), "of the machine on which most was compared"


def test_what_its_notes_say_of_the_gpus_run_is_what_the_run_holds(job):
    load_archived(job, GPU)
    tally = "select count(distinct (case_name, size, framework, mode)) from benchmark_outcomes where device = 'cuda'"
    ((all_count,),) = job.connection.execute(tally).fetchall()
    ((left_count,),) = job.connection.execute(f"{tally} and outcome = 'not run: time budget'").fetchall()
    assert f"{left_count} of {all_count} variants were not reached" in " ".join(GPU.notes)
    versions = "select distinct framework_version from performance where device = 'cuda' and outcome = 'measured'"
    told = {version.partition("+")[0] for (version,) in job.connection.execute(versions).fetchall()}
    assert {"2.11.0", "0.11.2"} <= told
    assert "PyTorch 2.11, JAX 0.11.2" in " ".join(GPU.notes)
    assert sum((ARCHIVE / file.name).stat().st_size for file in GPU.file) < 50_000


def test_loading_it_costs_little_and_twice_is_once(job):
    started = process_time()
    assert load_archived(job, SOURCE).endswith(", 0 of them new or changed")
    assert process_time() - started < 1
    assert sum((ARCHIVE / file.name).stat().st_size for file in SOURCE.file) < 100_000


def test_it_answers_where_this_machine_measured_nothing_and_stays_apart_where_it_did(job):
    said = performance.conclusion(view_in(job), TOPIC)
    assert said.verdict.startswith("Not measured; on another machine: ")
    assert said.grounds[0].startswith("Another machine, AMD EPYC, 2 cores")
    assert "27 Nov 2026" in said.grounds[0].replace("\u00a0", " ")


@pytest.mark.slow
def test_the_page_names_it_with_its_day_and_its_artefacts(job):
    release(job)
    page = build_page(job.settings.published_file, job.settings.page_file).page_file.read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\u00a0", " ")
    place = "AMD EPYC, 2 cores, 24 GiB, Linux, virtual machine"
    assert f"On another machine ({place}, 1 thread, 27 Nov 2026):" in text
    assert f"Another machine, {place}, 27 Nov 2026" in text
    assert "Not measured; on another machine:" in text
    assert "Known artefacts" in text
    assert "measure page faults" in text
    assert "Your own measurements" not in text


def test_this_machine_speaks_first_and_the_other_where_it_measured_nothing_or_too_little(job):
    here = this_machine()
    rows = rows_of_run(LATER, here.machine_id)
    own = [row.model_copy(update=KIND) if isinstance(row, BenchVariant) else row for row in rows]
    samples = [row for row in own if isinstance(row, BenchSample)]
    load_bench(job.connection, [here, *own, *derive_performance(samples, 0.15)])
    chosen = "select framework, ratio, runs_count from performance where not is_imported order by all"
    assert job.connection.execute(chosen).fetchall() == [("pytorch", None, 0), ("tensorflow", pytest.approx(2), 1)]
    said = performance.conclusion(view_in(job), TOPIC)
    assert said.verdict.startswith("Too few sure cases here; on another machine: ")
    own, _, elsewhere = said.sentence.partition(" On another machine: ")
    assert own.startswith("Eager: PyTorch has the shortest step in 1 of 1 case")
    assert re.search(r"It takes 5 sure cases to name a framework; \d are sure\.$", own)
    assert "32 cases" in elsewhere
    job.connection.execute("create or replace macro least_sure_cases() as 1")
    alone = performance.conclusion(view_in(job), TOPIC)
    assert "another machine" not in alone.sentence.lower()
    assert alone.grounds[0].startswith(here.title)

    views = [view_in(job, is_imported) for is_imported in (False, True)]
    answers = answers_of(views[0], {}, [("AMD EPYC, 27 Nov 2026", views[1])])
    assert [line.replace("\u00a0", " ") for line in answers["Mathematics on the CPU"]] == [
        "tensorflow, eager: slower in 1 of 1 against pytorch; 2.00 times pytorch’s step time."
    ]
    first, *others = answers["ResNet-50 inference"]
    remedy = REMEDY.replace("bench", "bench --case resnet50_inference")
    assert first == f"{remedy} On another machine (AMD EPYC, 27 Nov 2026):"
    assert any(line.startswith("tensorflow, compiled: faster in 2 of 2 against pytorch") for line in others)
    remedy = REMEDY.replace("bench", "bench --special peak_memory")
    assert answers["Memory of the same training"] == [remedy], "its run had no time for it"


@pytest.mark.slow
def test_it_is_what_its_export_gives(raw_data, tmp_path):
    raw = raw_data / "bench_exports" / "amd_epyc_zen5_2_cores_2026-11-27.json.gz"
    if not raw.is_file():
        pytest.skip(f"{raw} is missing")
    with open_job(Settings(home=tmp_path), "import") as job:
        load_export(job, raw.name, raw.read_bytes())
        ((imported,),) = job.connection.execute("select machine_id from machines").fetchall()
        results = read_results(job.connection, imported)
    machine = from_file(raw.name, raw.read_bytes()).machine
    own = {"machine_id": machine.machine_id}
    rows = tuple(
        row.model_copy(
            update={"run_id": row.run_id.removeprefix(f"{imported}/")} | (own if isinstance(row, BenchRun) else {})
        )
        for row in results.rows
    )
    derived = json.loads(to_file("d.json", without_samples(MachineResults(machine=machine, rows=rows)), OF_A_RUN))
    (file,) = SOURCE.file
    shipped = json.loads(gzip.decompress((ARCHIVE / file.name).read_bytes()))
    assert sum(len(table["rows"]) for table in shipped["tables"].values()) == file.rows_count
    for name, table in shipped["tables"].items():
        if table["rows"]:  # no samples are shipped, and so no columns of theirs that are newer
            assert table["columns"] == derived["tables"][name]["columns"], name
        # Another processor's mathematics library may differ in the last digit.
        for row, again in zip(table["rows"], derived["tables"][name]["rows"], strict=True):
            assert row == [pytest.approx(each, rel=1e-12) if isinstance(each, float) else each for each in again], name
