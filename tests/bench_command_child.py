"""The `observatory` command on frameworks of tests/bench_fakes.py: JSON of class by framework, then the words."""

import functools
import json
import sys

from flows.cli import app
from pipeline.bench import plan
from pipeline.bench.timing import SamplingTimes
from pipeline.reference.frameworks import BenchEntry

if __name__ == "__main__":
    chosen = json.loads(sys.argv[1])
    more = chosen.pop("options", {})
    # Commands and jobs are imported when they run, and take it from there.
    plan.BenchOptions = functools.partial(
        plan.BenchOptions,
        registered=tuple(
            BenchEntry(id=name, title=name, adapter=f"bench_fakes:{kind}") for name, kind in chosen.items()
        ),
        pace=SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02),
        limits=plan.RequestLimits(build_seconds=3),
        **more,
    )
    sys.exit(app.run_command(sys.argv[2:]))
