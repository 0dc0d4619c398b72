"""What the page says of a machine's own figures: answers, certificate, passport, roofline, and what is missing."""

import html
import re

import pandas as pd
import pytest

from pipeline.bench.registry import CASES, SPECIAL_MEASUREMENTS
from pipeline.report.answers import REMEDY, answers_of
from pipeline.report.footnotes import trust_footnotes
from pipeline.report.tables import rows_of
from pipeline.report.template import environment

TITLES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}
KIND = {
    "device": "cpu", "mode": "eager", "reference_framework": "pytorch", "cases_count": 3, "faster_count": 0,
    "slower_count": 2, "same_count": 1, "no_difference_count": 0, "not_comparable_count": 0, "least_ratio": 1.01,
    "greatest_ratio": 4.1,
}  # fmt: skip
ROWS = {
    "mode_speedups": [
        {
            "device": "cpu", "framework": "pytorch", "mode": "compiled", "cases_count": 4, "quicker_count": 1,
            "slower_count": 1, "undecided_count": 2, "least_speedup": 0.5, "median_speedup": 1.1,
            "greatest_speedup": 2.0,
        },
        {
            "device": "cpu", "framework": "tensorflow", "mode": "xla", "cases_count": 1, "quicker_count": 1,
            "slower_count": 0, "undecided_count": 0, "least_speedup": 3.0, "median_speedup": 3.0,
            "greatest_speedup": 3.0,
        },
    ],
    "further_modes": [
        {
            "framework": "pytorch", "mode": "compiled, frozen", "usual_mode": "compiled", "case_name": "mlp_inference",
            "size": "large", "outcome": "measured", "message": None, "ratio": 0.8, "ratio_low": 0.75,
            "ratio_high": 0.84, "samples_count": 24, "verdict": "faster", "compile_seconds": 12.0,
        },
        {
            "framework": "pytorch", "mode": "eager, channels last", "usual_mode": "eager", "case_name": "cnn_training",
            "size": "small", "outcome": "measured", "message": None, "ratio": None, "ratio_low": None,
            "ratio_high": None, "samples_count": 1, "verdict": "not comparable", "compile_seconds": None,
        },
    ],
    "performance_by_kind": [
        {**KIND, "kind": "small models", "framework": "tensorflow"},
        {**KIND, "kind": "CPU maths", "framework": "jax", "mode": "compiled", "least_ratio": None},
        {**KIND, "device": "cuda", "kind": "single operations", "framework": "jax", "mode": "compiled"},
    ],
    "blas_paths": [
        {
            "framework": "pytorch", "framework_version": "2.13", "blas_path": "oneMKL: plain", "remark": "plain path",
        },
        {"framework": "jax", "framework_version": "0.10", "blas_path": None, "remark": None},
    ],
    "training_memory": [
        {
            "framework": "tensorflow", "mode": "eager", "policy": "activations computed again",
            "import_bytes": 600e6, "above_import_bytes": 150e6, "peak_bytes": 750e6,
        },
        {
            "framework": "pytorch", "mode": "eager", "policy": "as it comes",
            "import_bytes": 200e6, "above_import_bytes": 230e6, "peak_bytes": 430e6,
        },
    ],
    "accuracy_equivalence": [
        {
            "variants_count": 6, "lowest_accuracy": 0.902, "highest_accuracy": 0.904, "widest_difference": 0.004,
            "starts_count": 5, "starts_deviation": 0.01, "workload": "handwritten digits",
        }
    ],
    "accuracy_differences": [
        {
            "framework": "jax", "mode": "compiled", "accuracy": 0.9791, "accuracy_low": 0.973, "accuracy_high": 0.985,
            "difference_low": -0.0021, "difference_high": 0.0012, "margin": 0.01, "verdict": "same",
        },
        {
            "framework": "pytorch", "mode": "eager", "accuracy": 0.98, "accuracy_low": None, "accuracy_high": None,
            "difference_low": None, "difference_high": None, "margin": 0.01, "verdict": "not comparable",
        },
    ],
    "deployed_models": [
        {
            "framework": "pytorch", "network": "CNN", "format": "ONNX int8", "outcome": "measured", "message": None,
            "size_bytes": 107_900, "load_seconds": 0.17, "latency_p50_seconds": 0.00124, "latency_p95_seconds": 0.002,
            "latency_p99_seconds": 0.0025, "changed_answers_fraction": 0.0625, "keeps_to_one_thread": True,
            "processors_count": 1.02, "format_ended_on": None,
        },
        {
            "framework": "pytorch", "network": "CNN", "format": "TorchScript", "outcome": "measured", "message": None,
            "size_bytes": 400_000, "load_seconds": 1.5, "latency_p50_seconds": 0.001, "latency_p95_seconds": 0.002,
            "latency_p99_seconds": 0.0025, "changed_answers_fraction": 0.0, "keeps_to_one_thread": False,
            "processors_count": 1.94, "format_ended_on": pd.Timestamp("2025-07-15"),
        },
        {
            "framework": "jax", "network": "CNN", "format": "ONNX", "outcome": "unsupported", "message": "no exporter",
            "size_bytes": None, "load_seconds": None, "latency_p50_seconds": None, "latency_p95_seconds": None,
            "latency_p99_seconds": None, "changed_answers_fraction": None, "keeps_to_one_thread": None,
            "processors_count": None, "format_ended_on": None,
        },
    ],
    "served_models": [
        {
            "framework": "tensorflow", "network": "CNN", "format": "LiteRT", "outcome": "measured", "message": None,
            "latency_p50_seconds": 0.002, "latency_p99_seconds": 0.01, "latency_p99_lowest": 0.008,
            "latency_p99_highest": 0.012, "pressure_fraction": 0.05, "rate_in_time": 700.0, "rate_lowest": 600.0,
            "rate_highest": 800.0, "fixed_rate": 100.0, "highest_rate": 2400.0, "bound_seconds": 0.05,
        },
        {
            "framework": "jax", "network": "CNN", "format": "jax.export", "outcome": "measured", "message": None,
            "latency_p50_seconds": 0.001, "latency_p99_seconds": 0.002, "latency_p99_lowest": 0.002,
            "latency_p99_highest": 0.002, "pressure_fraction": None, "rate_in_time": 2400.0, "rate_lowest": 2400.0,
            "rate_highest": 2400.0, "fixed_rate": 100.0, "highest_rate": 2400.0, "bound_seconds": 0.05,
        },
        {
            "framework": "jax", "network": "CNN", "format": "ONNX", "outcome": "unsupported",
            "message": "Unsupported: no exporter", "latency_p50_seconds": None, "latency_p99_seconds": None,
            "latency_p99_lowest": None, "latency_p99_highest": None, "pressure_fraction": None, "rate_in_time": None,
            "rate_lowest": None, "rate_highest": None, "fixed_rate": 100.0, "highest_rate": 2400.0,
            "bound_seconds": 0.05,
        },
    ],
    "framework_ease": [
        {
            "framework": "pytorch", "outcome": "measured", "message": None, "lines_count": 15.0, "calls_count": 13.0,
            "installed_bytes": 740_800_000.0, "packages_count": 10.0, "install_seconds": 21.0, "import_seconds": 1.5,
            "first_gradient_seconds": 1.7, "first_gradient_mode": "eager", "wants_to_go_on_share": 0.705,
            "opinion_year": 2020.0,
        },
        {
            "framework": "jax", "outcome": "measured", "message": None, "lines_count": 20.0, "calls_count": 14.0,
            "installed_bytes": 543_700_000.0, "packages_count": 6.0, "install_seconds": None, "import_seconds": None,
            "first_gradient_seconds": None, "first_gradient_mode": None, "wants_to_go_on_share": None,
            "opinion_year": None,
        },
        {
            "framework": "tensorflow", "outcome": "unsupported", "message": "no program", "lines_count": None,
            "calls_count": None, "installed_bytes": None, "packages_count": None, "install_seconds": None,
            "import_seconds": None,
            "first_gradient_seconds": None, "first_gradient_mode": None, "wants_to_go_on_share": 0.65,
            "opinion_year": 2020.0,
        },
    ],
    "several_processes": [
        {
            "framework": "pytorch", "mode": "eager", "network": "MLP", "outcome": "measured", "message": None,
            "one_process_seconds": 0.012, "speedup_ratio": 1.5, "speedup_lowest": 1.4, "speedup_highest": 1.6,
            "overhead_seconds": 0.002,
        },
        {
            "framework": "jax", "mode": "compiled", "network": "MLP", "outcome": "unsupported", "message": "no way",
            "one_process_seconds": None, "speedup_ratio": None, "speedup_lowest": None, "speedup_highest": None,
            "overhead_seconds": None,
        },
    ],
    "idioms": [
        {
            "device": "cpu", "framework": "pytorch", "mode": "eager", "network": "MLP", "outcome": "measured",
            "message": None, "operations_seconds": 0.001, "layers_seconds": 0.0013, "ratio": 1.3,
            "ratio_lowest": 1.25, "ratio_highest": 1.4,
        },
        {
            "device": "cuda", "framework": "jax", "mode": "compiled", "network": "CNN", "outcome": "unsupported",
            "message": "no Flax", "operations_seconds": None, "layers_seconds": None, "ratio": None,
            "ratio_lowest": None, "ratio_highest": None,
        },
    ],
    "changing_shapes": [
        {
            "device": "cpu", "framework": "pytorch", "mode": "compiled, automatic", "network": "MLP",
            "outcome": "measured", "message": None, "shapes_count": 6.0, "graphs_count": 2.0,
            "further_shapes_seconds": 3.25, "step_ratio": 1.05, "step_ratio_lowest": 1.01, "step_ratio_highest": 1.1,
        },
        {
            "device": "cuda", "framework": "tensorflow", "mode": "xla", "network": "transformer",
            "outcome": "failed", "message": "no trace", "shapes_count": None, "graphs_count": None,
            "further_shapes_seconds": None, "step_ratio": None, "step_ratio_lowest": None, "step_ratio_highest": None,
        },
        {
            "device": "cpu", "framework": "tensorflow", "mode": "xla", "network": "MLP",
            "outcome": "measured", "message": None, "shapes_count": 6.0, "graphs_count": None,
            "further_shapes_seconds": 0.5, "step_ratio": 1.0, "step_ratio_lowest": 1.0, "step_ratio_highest": 1.0,
        },
    ],
    "loader_headroom": [
        {
            "framework": "pytorch", "loading_mode": "serial", "loading_rate": 40_000.0, "training_rate": 2000.0,
            "training_mode": "compiled", "headroom_ratio": 20.0,
        },
        {
            "framework": "tensorflow", "loading_mode": "parallel", "loading_rate": 500.0, "training_rate": None,
            "training_mode": None, "headroom_ratio": None,
        },
    ],
}  # fmt: skip


def view_of(rows):
    empty = {name: list(each[0]) for name, each in ROWS.items()}
    return lambda name: pd.DataFrame(rows.get(name, []), columns=empty[name])


def said(answers):
    return {question: [line.replace("\u00a0", " ") for line in lines] for question, lines in answers.items()}


def test_every_question_is_answered_from_the_figures():
    answers = said(answers_of(view_of(ROWS), TITLES))
    several, one = answers["Does compiling pay?"]
    assert several == (
        "PyTorch, compiled: faster in 1, slower in 1 and no difference shown in 2 of 4 cases; 0.50 to 2.00 times as "
        "fast as eager, 1.10 in the median."
    )
    assert one == "TensorFlow, xla: 3.00 times as fast as eager in one case."
    assert answers["Small models"] == [
        "TensorFlow, eager: slower in 2 and the same in 1 of 3 against PyTorch; 1.01 to 4.10 times PyTorch’s step time."
    ]
    assert answers["Mathematics on the CPU"] == [
        "JAX, compiled: slower in 2 and the same in 1 of 3 against PyTorch.",
        "PyTorch 2.13: oneMKL: plain (plain path).",
    ]
    assert answers["Memory of the same training"] == [
        "PyTorch, eager: 430 MB at the peak (200 MB after the import, 230 MB above).",
        "TensorFlow, eager, activations computed again: 750 MB at the peak (600 MB after the import, 150 MB above).",
    ]
    assert answers["ResNet-50 inference"] == [REMEDY.replace("bench", "bench --case resnet50_inference")]
    (on_gpu,) = answers["On a GPU"]
    assert on_gpu.startswith(
        "cuda, single operations: JAX, compiled: slower in 2 and the same in 1 of 3 against PyTorch;"
    )
    accuracy, same, alone = answers["Is the accuracy the same?"]
    assert "6 frameworks and modes end at 90.2 % to 90.4 %" in accuracy
    assert "differ by 0.4 points at most, of 5 starts" in accuracy
    assert accuracy.endswith("What was trained: handwritten digits.")
    assert same == (
        "JAX, compiled: 97.9 % (97.3–98.5 %), \N{MINUS SIGN}0.2 to +0.1 points beside the reference: same by a margin "
        "of 1 point."
    )
    assert alone == "PyTorch, eager: 98.0 % (no interval), not comparable."
    assert answers["What does it cost to ship?"] == [
        (
            "PyTorch, CNN as ONNX int8: 0.11 MB, loaded in 170 ms, then answers in 1.24 ms (95 % within 2 ms, "
            "99 % within 2.5 ms); 6.2 % of the answers changed."
        ),
        (
            "PyTorch, CNN as TorchScript: deprecated by its makers since 15 Jul 2025; 0.4 MB, loaded in 1.5 s, then "
            "answers in 1 ms (95 % within 2 ms, 99 % within 2.5 ms); it takes 1.9 processors, though one thread was "
            "asked for."
        ),
        "JAX, CNN as ONNX: unsupported (no exporter).",
    ]
    assert answers["How does it answer as a server?"] == [
        (
            "TensorFlow, CNN as LiteRT: answers in 2 ms at 100 requests a second, 99 % within 10 ms (8 ms to 12 ms); "
            "something waited for a processor in 5.0 % of that time; 99 % stay within 50 ms up to 700 requests a "
            "second (600 to 800)."
        ),
        (
            "JAX, CNN as jax.export: answers in 1 ms at 100 requests a second, 99 % within 2 ms (2 ms to 2 ms); 99 % "
            "stay within 50 ms up to 2,400 requests a second (2,400 to 2,400), the most that was tried."
        ),
        "JAX, CNN as ONNX: unsupported (no exporter).",
    ]
    assert answers["How much is there to write, and to wait for?"] == [
        (
            "PyTorch: 70.5 % of its users wanted to go on (survey of 2020); one small network and its training take 15 "
            "lines with 13 different calls; 741 MB in 10 packages, installed by pip in 21 s once downloaded; imported "
            "in 1.5 s, a first gradient after 1.7 s (eager)."
        ),
        (
            "JAX: no survey on file asks for an opinion of it; one small network and its training take 20 lines with "
            "14 different calls; 544 MB in 6 packages."
        ),
        "TensorFlow: unsupported (no program).",
    ]
    assert answers["Do further settings pay?"] == [
        (
            "PyTorch, compiled, frozen, mlp inference large: 0.80 times its step time in compiled (0.75 to 0.84, 24 "
            "samples): faster; compiled in 12 s."
        ),
        "PyTorch, eager, channels last, cnn training small: too few rounds beside eager.",
    ]
    assert answers["Do two processes train faster?"] == [
        (
            "PyTorch, eager, MLP: two processes take a step 1.50 times as fast as one (1.40 to 1.60); one takes "
            "12 ms, two take 2 ms more than half of that."
        ),
        "JAX, compiled, MLP: unsupported (no way).",
    ]
    assert answers["What do layers and an optimiser cost?"] == [
        "PyTorch, eager, MLP: 1.30 times plain operations (1.25 to 1.40): 1.3 ms a step against 1 ms.",
        "JAX, compiled, CNN, cuda: unsupported (no Flax).",
    ]
    assert answers["What do shapes that change cost?"] == [
        (
            "PyTorch, compiled, automatic, MLP: 2 graphs for 6 batch sizes; first steps at the 5 further ones took "
            "3.25 s together; a step then takes 1.05 times what it takes compiled for its size alone (1.01 to 1.10)."
        ),
        "TensorFlow, xla, transformer, cuda: failed (no trace).",
        (
            "TensorFlow, xla, MLP: graphs that nothing counts for 6 batch sizes; first steps at the 5 further ones "
            "took 500 ms together; a step then takes 1.00 times what it takes compiled for its size alone (1.00 to "
            "1.00)."
        ),
    ]
    compared, alone = answers["Does loading keep up with training?"]
    assert compared == (
        "PyTorch, serial: 40,000 images a second prepared, 2,000 images a second trained on (compiled): 20.00 times "
        "what training takes."
    )
    assert (
        alone == "TensorFlow, parallel: 500 images a second prepared; its training of the same images was not measured "
        "(`observatory bench --case cnn_training` does)."
    )


def test_unsteady_figures_are_left_out():
    unsteady = {**ROWS["mode_speedups"][0], "least_speedup": None, "median_speedup": None, "greatest_speedup": None}
    answers = said(answers_of(view_of({"mode_speedups": [unsteady]}), TITLES))
    assert answers["Does compiling pay?"] == ["PyTorch, compiled: stable in both modes in none of 4 cases."]


def test_what_can_be_counted_of_ease_is_told_beside_a_survey_only():
    unasked = [{**row, "wants_to_go_on_share": None, "opinion_year": None} for row in ROWS["framework_ease"]]
    answers = answers_of(view_of({"framework_ease": unasked}), TITLES)
    assert answers["How much is there to write, and to wait for?"] == [REMEDY.replace("bench", "bench --special ease")]


def test_what_was_not_measured_names_the_smallest_run_that_answers():
    answers = said(answers_of(view_of({}), TITLES))
    assert answers.pop("On a GPU") == [
        "Not measured on this machine: `observatory bench` measures every GPU that a framework sees."
    ]
    told = [re.fullmatch(re.escape(REMEDY).replace("bench", "bench(.*)"), line)[1] for (line,) in answers.values()]
    specials, cases = {each.name for each in SPECIAL_MEASUREMENTS}, {case.name: case for case in CASES}
    for options in filter(None, told):
        names = re.findall(r"--(special|case) (\w+)", options)
        assert names, "none takes the hours of a full run"
        assert all(name in {"special": specials, "case": cases}[kind] for kind, name in names)
    assert answers["Small models"] == [REMEDY]
    for question, group, name in (
        ("ResNet-50 inference", "ResNet-50 inference", "resnet50_inference"),
        ("A small language model", "language model", "language_model_decode"),
    ):
        assert answers[question] == [REMEDY.replace("bench", f"bench --case {name}")]
        assert cases[name].group == group


def test_a_difference_that_rounds_to_nought_has_no_sign():
    row = ROWS["accuracy_differences"][0] | {"difference_low": -0.0004, "difference_high": 0.0, "margin": 0.02}
    told = answers_of(view_of({"accuracy_differences": [row]}), TITLES)["Is the accuracy the same?"]
    assert "0.0 to 0.0 points beside the reference: same by a margin of 2 points." in told[0]


CERTIFICATE = {
    "machine_id": "m", "framework": "pytorch", "containing_count": 98, "comparisons_count": 100, "stable_count": 90,
    "containing_share": 0.98, "disturbed_share": 0.12,
    "median_deviation_fraction": 0.029, "widest_deviation_fraction": 0.279,
    "supported_margin_fraction": 0.11, "threads_count": 3, "measured_at": pd.Timestamp("2026-01-15"),
}  # fmt: skip
GAPS = [
    {
        "machine_id": "m", "requirement": name, "comparisons_count": 4, "met_count": 4 - unmet - unknown,
        "unmet_count": unmet, "unknown_count": unknown, "frameworks": frameworks, "complete_count": 1,
    }
    for name, unmet, unknown, frameworks in (
        ("warm-up flat", 2, 0, ["jax"]), ("versions", 0, 0, []), ("BLAS path", 1, 2, ["jax", "tensorflow"]),
    )
]  # fmt: skip


MACHINES = [
    {"machine_id": "m", "title": "A machine", "is_imported": False, "newest_run_at": pd.Timestamp("2026-01-15")},
    {"machine_id": "other", "title": "A machine", "is_imported": True, "newest_run_at": pd.Timestamp("2026-01-09")},
]


def trusted(certificates, gaps, shown=("m", "m")):
    views = {
        "machines": pd.DataFrame(MACHINES),
        "machine_certificate": pd.DataFrame(certificates, columns=list(CERTIFICATE)),
        "fairness_gaps": pd.DataFrame(gaps, columns=list(GAPS[0])),
        "blas_paths": pd.DataFrame([{"machine_id": "m", **row} for row in ROWS["blas_paths"]]),
    }
    facts = trust_footnotes(views.__getitem__, pd.DataFrame({"machine_id": shown}), TITLES)
    return {fact.term: fact.text.replace("\u00a0", " ") for fact in facts}


def test_the_certificate_and_what_the_passport_misses_stand_at_the_chart():
    facts = trusted([CERTIFICATE], GAPS)
    assert facts["A/A certificate"] == (
        "PyTorch against itself: 98 of 100 intervals hold the true ratio 1.00 (98.0 %; 95 % is what they promise). The "
        "ratios stray by 2.9 % in the median and 27.9 % at most; other load disturbed 12.0 % of the samples. "
        "Frameworks are called different here beyond 11.0 %. 3 threads, 15 Jan 2026."
    )
    assert facts["Fairness passport"] == (
        "1 of 4 comparisons meet all 3 requirements. Missing: BLAS path, missing in 1 and not recorded in 2 (JAX and "
        "TensorFlow); warm-up flat, missing in 2 (JAX)."
    )
    assert facts["BLAS path"] == "JAX 0.10: not reported by its library and PyTorch 2.13: oneMKL: plain (plain path)."


def test_of_several_machines_each_line_names_its_own():
    others = [{**gap, "machine_id": "other"} for gap in GAPS]
    facts = trusted([{**CERTIFICATE, "machine_id": "other"}], others, ["m", "other"])
    assert facts["A/A certificate"].startswith("A machine, 9 Jan 2026: PyTorch against itself: 98 of 100")
    assert facts["Fairness passport"].startswith("A machine, 9 Jan 2026: 1 of 4 comparisons")
    assert facts["BLAS path"].startswith("A machine, 15 Jan 2026: JAX 0.10")


def test_too_few_stable_comparisons_and_none_at_all_are_said():
    unsteady = {**CERTIFICATE, "stable_count": 7, "supported_margin_fraction": None}
    assert "Only 7 were stable, too few to set the margin by" in trusted([unsteady], GAPS)["A/A certificate"]
    assert trusted([], [])["A/A certificate"] == "None on file: run `observatory bench certify`."
    assert trusted([], [], ["other"])["A/A certificate"] == "None came with its figures.", (
        "nobody here can run it there"
    )
    assert "Fairness passport" not in trusted([], [])


@pytest.mark.parametrize(
    ("bound", "above", "stability", "reached", "remark"),
    [
        ("arithmetic", False, "stable", "50.0 of 100.0 GFLOP/s", ""),
        ("memory", True, "stable", "30.0 of 20.0 GB/s", "above the plain peak"),
        ("memory", True, "unstable", "30.0 of 20.0 GB/s", "above the plain peak, unstable"),
    ],
)
def test_a_share_above_the_peak_says_so_and_an_unsteady_one_too(bound, above, stability, reached, remark):
    row = {
        "case_name": "mlp_training", "size": "small", "dtype": "bfloat16", "framework": "jax", "mode": "compiled",
        "workload": "w", "operations_per_second": 50e9, "product_peak": 100e9, "bytes_per_second": 30e9,
        "copy_peak": 20e9, "bound_by": bound, "peak_share": 1.5 if above else 0.5, "is_above_peak": above,
        "stability": stability,
    }  # fmt: skip
    (row,) = rows_of(pd.DataFrame([row]))
    shown = environment(TITLES).get_template("tables.html").module.roofline_row(row).replace("\u00a0", " ")
    assert 'data-view="roofline"' in shown, "the share opens what is behind it"
    shown = re.sub(r"</?button[^>]*>", "", shown)
    share = "150.0 %" if above else "50.0 %"
    case = "mlp training, small, bfloat16"
    assert re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", shown) == [
        case, "JAX, compiled", f"<b>{share}</b>", bound, reached, remark
    ]  # fmt: skip


def test_the_page_of_a_machine_says_what_is_missing(measured_page):
    text = html.unescape(re.sub(r"<[^>]+>", " ", measured_page.read_text(encoding="utf-8")))
    assert "What this machine answers" in text
    assert "run  observatory bench certify" in text
    assert "0 of 2 comparisons meet all 13 requirements" in text
    assert "TensorFlow, compiled: 1.00 times as fast as eager in one case." in text
    assert "How much of this machine’s peak is reached" not in text, "no peak was taken"
