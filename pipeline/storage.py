"""Writing files so that a reader finds the whole of one or nothing, and a full disk is a clear error; reading one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.errors import BadInput


@contextmanager
def storing(place: Path) -> Iterator[None]:
    """Turn whatever the operating system refuses inside into one sentence.

    Raises:
        BadInput: the disk is full, the folder cannot be written, or the like.
    """
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"{place} cannot be written ({error.strerror}); make room there, or set OBSERVATORY_HOME to another folder."
        ) from error


def read_plain(path: Path) -> bytes:
    """Return the content of a file; a pipe or a device, which may never end, is an `OSError` as a missing one is."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return path.read_bytes()


def write_whole(path: Path, content: bytes) -> None:
    """Make `path` hold exactly `content`; whoever looks, even after a killed process, sees all of it or nothing.

    Raises:
        BadInput: it cannot be written; then nothing of it is left.
    """
    with storing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with put_whole(path) as unfinished:
            unfinished.write_bytes(content)


@contextmanager
def put_whole(path: Path) -> Iterator[Path]:
    """Yield where the block writes a file, and put it in place afterwards, or leave nothing where the block fails."""
    with TemporaryDirectory(dir=path.parent, prefix=".unfinished-", ignore_cleanup_errors=True) as folder:
        yield Path(folder, path.name)
        Path(folder, path.name).replace(path)


def append_line(path: Path, line: str) -> None:
    """Add one line to a file; what a killed process left of an earlier line stays a line of its own.

    Raises:
        BadInput: it cannot be written.
    """
    with storing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: the line is handed over in one piece, and an error comes here and not at closing.
        with path.open("ab+", buffering=0) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
            is_torn = file.read(1) not in {b"", b"\n"}
            file.write(("\n" * is_torn + line + "\n").encode())
