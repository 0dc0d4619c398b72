"""A large answer on its way to disk."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from pipeline.storage import storing


class Spool:
    """A file that is filled while an answer arrives; it vanishes again unless somebody takes it."""

    def __init__(self, folder: Path) -> None:
        """Make an empty file in `folder`."""
        self._folder = folder

    def __enter__(self) -> Self:
        with storing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            for leftover in self._folder.iterdir():  # of a process that was killed
                leftover.unlink()
            self._file = NamedTemporaryFile(dir=self._folder, delete=False)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            self._file.close()
            Path(self._file.name).unlink()

    def write(self, chunk: bytes) -> int:
        """Add to the end of the file."""
        with storing(self._folder):
            return self._file.write(chunk)

    def restart(self) -> None:
        """Empty the file: the answer begins anew."""
        with storing(self._folder):
            self._file.seek(0)
            self._file.truncate()

    def finished(self) -> Path:
        """Return the complete file; from now on it is the caller's."""
        with storing(self._folder):
            self._file.flush()
        self._file.close()
        return Path(self._file.name)
