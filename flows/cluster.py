"""Scanning on an outside Dask cluster through Prefect: shards of tasks, the same scanner in each, the same rows.

The cluster's workers need the project and see the scanned paths under the same names. Needs the `cluster` extra.
"""

from collections.abc import Iterable, Iterator
from itertools import batched

from flows.prefect_environment import prepare_prefect
from pipeline.errors import BadInput
from pipeline.normalise.ruleset import Ruleset
from pipeline.normalise.scan import FileResult, KnownContent, Lookup, scan
from pipeline.normalise.subjects import Task
from pipeline.settings import Settings
