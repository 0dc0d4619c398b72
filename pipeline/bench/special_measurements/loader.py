"""How fast each framework's own data loader brings samples from files to batches.

Files of raw pixels are read, each sample is made float and every second one mirrored, and batches are formed.
Serial: in the process itself. Parallel: by two workers of the loader's own kind, processes or threads.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.contract import SampleFiles
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools, Values

_FILES, _SAMPLES_A_FILE, _SIDE, _CHANNELS = 16, 256, 32, 3
_BATCH = 64
_CLOSE = 1e-3


def _prepare(folder: Path, seed: int) -> None:
    """Write the files: the same bytes for the same seed."""
    generator = np.random.default_rng([seed, _FILES])
    for place in range(_FILES):
        pixels = generator.integers(0, 256, (_SAMPLES_A_FILE, _SIDE, _SIDE, _CHANNELS), dtype=np.uint8)
        (folder / f"{place:02}.bin").write_bytes(pixels.tobytes())


def _measure(tools: SpecialTools) -> Sequence[Values]:
    """Return samples a second over all files, the start of the workers included."""
    paths = sorted(tools.folder.glob("*.bin"))
    files = SampleFiles(paths=tuple(paths), samples_a_file=_SAMPLES_A_FILE, shape=(_SIDE, _SIDE, _CHANNELS))
    workers = 0 if tools.mode == "serial" else 2
    started = tools.clock.wall_seconds()
    batches = list(tools.framework.loaded(files, _BATCH, workers))
    seconds = tools.clock.wall_seconds() - started
    compare_batches(files, [np.asarray(batch) for batch in batches])
    return [{"throughput": len(files) / seconds}]


def compare_batches(files: SampleFiles, batches: Sequence[NDArray[np.generic]]) -> None:
    """Hold the first and the last batch against the files, sample by sample.

    Raises:
        OutputsDiffer: the batches are not what the files hold.
    """
    count = sum(len(batch) for batch in batches)
    if count != len(files):
        raise OutputsDiffer(f"{count} samples came out of {len(files)}")
    for place, sample in ((0, batches[0][0]), (1, batches[0][1]), (len(files) - 1, batches[-1][-1])):
        if np.abs(sample - files[place]).max() > _CLOSE:
            raise OutputsDiffer(f"sample {place} is not what its file holds")


SPECIAL = SpecialMeasurement(
    name="loader",
    title="Data loading",
    tier="default",
    workload=(
        f"{_FILES * _SAMPLES_A_FILE} samples of {_SIDE} x {_SIDE} x {_CHANNELS} bytes in {_FILES} files, "
        f"batches of {_BATCH}"
    ),
    measures={"throughput": "samples/s"},
    measure=_measure,
    is_host_only=True,
    modes=lambda _adapter: ("serial", "parallel"),
    prepare=_prepare,
)
