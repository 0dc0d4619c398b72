"""Runs the harness on one fake framework in a folder where not everything fits; prints what became of each variant."""

import json
import sys
from pathlib import Path

from pipeline.bench.plan import BenchOptions
from pipeline.bench.run import run_benchmarks
from pipeline.records.benchmarks import BenchVariant
from pipeline.reference.frameworks import BenchEntry

result = run_benchmarks(
    BenchOptions(
        run_id="full",
        cache_folder=Path(sys.argv[1]),
        cases=("matmul", "mlp_inference"),
        threads_count=1,
        launches_count=1,
        rounds_count=1,
        registered=(BenchEntry(id="steady", title="Steady", adapter="bench_fakes:Steady"),),
    )
)
sys.stdout.write(
    json.dumps([(row.case_name, row.size, row.mode, row.outcome, row.message) for row in result.of(BenchVariant)])
)
