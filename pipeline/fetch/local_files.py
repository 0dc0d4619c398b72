"""Files on this disk: a large answer on its way there, and a folder of files that the user has downloaded."""

import shutil
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import Self
from urllib.parse import urlsplit

from pipeline.errors import BadInput
from pipeline.fetch.page import Page, Provenance, Request, digest
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


class LocalFiles:
    """The files of one folder, each found by the last part of a request's address. It answers as a `Client` does."""

    def __init__(self, folder: Path, own_folder: Path, *, now: Callable[[], datetime]) -> None:
        """Look into `folder`; copies that are on their way lie in `own_folder`. The user's files are only read."""
        self.folder = folder
        self._own_folder = own_folder
        self._now = now
        self.requests_count = 0
        self.unchanged_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def has(self, request: Request) -> bool:
        """Return whether the file lies there."""
        return self._file(request).is_file()

    def get(self, request: Request, *, fresh: bool = False) -> Page:  # noqa: ARG002 — a file is always read anew
        """Return a file as it lies there, copied, so that it can be read again when it is gone.

        Raises:
            BadInput: it is not there, cannot be read, or there is no room for the copy.
        """
        self.requests_count += 1
        file = self._file(request)
        with Spool(self._own_folder / "unfinished") as spool:
            try:
                opened = file.open("rb")
            except OSError as error:
                raise BadInput(f"{file} cannot be read ({error.strerror}); put it there, with the right to.") from error
            with opened as source, storing(self._own_folder):
                shutil.copyfileobj(source, spool)
            copy = spool.finished()
        moment = self._now()
        provenance = Provenance(
            request=request,
            address=request.address,
            status=HTTPStatus.OK,
            content_type=request.content_types[0],
            encoding=None,
            sha256=digest(copy),
            size_bytes=copy.stat().st_size,
            fetched_at=moment,
            seen_at=moment,
        )
        return Page(provenance=provenance, content=copy)

    def wait(self, seconds: float, why: str) -> None:
        """Files ask for no pause."""

    def forget(self, request: Request) -> None:
        """Nothing is held but the file itself."""

    def _file(self, request: Request) -> Path:
        return self.folder / PurePosixPath(urlsplit(request.url).path).name
