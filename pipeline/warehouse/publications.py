"""What was published, kept for good: the rows of each view by their content, once, and which content a release showed.

Releases are pruned, and loading overwrites rows that a service has sent anew; what is kept here is neither.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Final

import duckdb

from pipeline.errors import BadInput
from pipeline.storage import put_whole, storing, write_whole
from pipeline.warehouse.staging import literal

_FOLDER: Final = "publications"
NOT_KEPT: Final = {
    *(
        "benchmark_samples",
        "evidence",
        "evidence_history",
        "pairwise",
        "paper_code",
        "paper_code_frame",
        "paper_labels",
    ),
    *("publications", "rejects", "scanned_files", "scanned_subjects", "survey_combinations"),
}
"""Views that the page does not read, and whose rows are many or stay in the warehouse."""


def keep_publications(data_folder: Path) -> None:
    """Keep the views of each release that is not kept yet, but for `NOT_KEPT`; rows that are kept are stored once.

    A process killed in the middle has kept nothing of a release; the next call does it.

    Raises:
        BadInput: the folder cannot be written.
    """
    folder = data_folder / _FOLDER
    for release in sorted((data_folder / "releases").glob("*/parquet")):
        names = folder / f"{release.parent.name}.json"
        if names.exists():
            continue
        digests = {}
        for path in sorted(path for path in release.glob("*.parquet") if path.stem not in NOT_KEPT):
            content = path.read_bytes()
            digests[path.stem] = sha256(content).hexdigest()
            rows = _rows_file(folder, digests[path.stem])
            if not rows.exists():
                write_whole(rows, content)
        write_whole(names, json.dumps(digests, indent=1).encode())


def kept_publications(data_folder: Path) -> list[str]:
    """Return the names of the releases that are kept, the oldest first."""
    return sorted(path.stem for path in (data_folder / _FOLDER).glob("*.json"))


def restored(data_folder: Path, release: str) -> Path:
    """Return a database with the views of a kept release, which need not be on the disk any more.

    Raises:
        BadInput: what was kept is damaged, or the folder cannot be written.
    """
    folder = data_folder / _FOLDER
    database = folder / f"{release}.duckdb"
    if database.exists():
        return database
    with storing(folder), put_whole(database) as unfinished:
        with duckdb.connect(str(unfinished)) as connection:
            for view, digest in json.loads((folder / f"{release}.json").read_text("utf-8")).items():
                rows = _rows_file(folder, digest)
                if not rows.exists() or sha256(rows.read_bytes()).hexdigest() != digest:
                    raise BadInput(f"{rows} is lost or damaged; restore it from a copy of {folder}.")
                connection.execute(f'create table "{view}" as from read_parquet({literal(rows)})')
        unfinished.chmod(0o444)
    return database


def _rows_file(folder: Path, digest: str) -> Path:
    return folder / "rows" / f"{digest}.parquet"
