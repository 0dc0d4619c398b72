"""Runs the harness in a process of its own, which a test then interrupts or kills; prints what it has to say."""

import json
import sys
from pathlib import Path

from pipeline.bench.plan import BenchOptions
from pipeline.bench.run import run_benchmarks
from pipeline.records.benchmarks import BenchRun, BenchSample
from pipeline.reference.frameworks import BenchEntry


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


result = run_benchmarks(
    BenchOptions(
        run_id="interrupted",
        cache_folder=Path(sys.argv[1]),
        cases=("matmul",),
        threads_count=1,
        launches_count=1,
        rounds_count=100_000,
        budget_seconds=600,
        registered=(BenchEntry(id="steady", title="Steady", adapter="bench_fakes:Steady"),),
    ),
    lambda event: say(event.kind),
)
say(json.dumps({"interrupted": result.of(BenchRun)[0].is_interrupted, "samples": len(result.of(BenchSample))}))
