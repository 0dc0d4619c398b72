"""Some training steps by one framework in a process of its own: how far its weights are from the reference's.

Called with an adapter's address, a mode, a case (or `recomputed`) and a number of steps; says the distance over the
way that the weights have gone, the worst of them.
"""

import sys

import numpy as np

from pipeline.bench.reference import trained
from pipeline.bench.registry import adapter_class, case_named
from pipeline.bench.special_measurements.costs import RECOMPUTED_TRAINING

address, mode, name, steps_count = sys.argv[1:]
framework, case = adapter_class(address)(), RECOMPUTED_TRAINING if name == "recomputed" else case_named(name)
framework.start(1, "cpu")
problem = case.problem("small", "float32", 7)
state = framework.setup(case, problem, mode)
for _ in range(int(steps_count)):
    result = state.step()
framework.sync(result)
found, (_, right) = framework.weights(state, problem), trained(case, problem, [problem.inputs] * int(steps_count))
begun = {key: laid.values for key, laid in problem.parameters.items()}
worst = max(np.linalg.norm(found[key] - each) / np.linalg.norm(each - begun[key]) for key, each in right.items())
sys.stdout.write(f"{worst:.3g}\n")
