"""Files of samples that the data loaders of frameworks are measured with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class SampleFiles:
    """Images of raw bytes in files, one behind the other, and what a loader is to make of each."""

    paths: tuple[Path, ...]
    samples_a_file: int
    shape: tuple[int, int, int]
    """Height, width, channels."""

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.paths) * self.samples_a_file

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return int(np.prod(self.shape))

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """Read one sample and prepare it: from 0 to 1, and every second one mirrored."""
        file, place = divmod(index, self.samples_a_file)
        with self.paths[file].open("rb") as content:
            content.seek(place * self.sample_bytes)
            pixels = np.frombuffer(content.read(self.sample_bytes), dtype=np.uint8).reshape(self.shape)
        prepared = pixels.astype(np.float32) / np.float32(255)
        return prepared[:, ::-1].copy() if index % 2 else prepared
