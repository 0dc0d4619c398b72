"""From raw files to the tracked archive: same raw files, same bytes."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.archive.importer import Importer
from pipeline.archive.manifest import MANIFEST, Manifest, describe, to_toml
from pipeline.archive.registry import IMPORTERS
from pipeline.archive.tabular import to_csv
from pipeline.errors import BadInput


def build_archive(raw: Path, archive: Path, importers: Sequence[Importer] = IMPORTERS) -> Manifest:
    """Write `archive/*.csv` and `archive/manifest.toml` from the raw folders below `raw`.

    Nothing is written before every importer has read its files, so a failure leaves the old archive whole.

    Raises:
        BadInput: a raw folder or file is missing or not what the importer expects.
    """
    if not raw.is_dir():
        raise BadInput(f"{raw} is no folder; give the folder that holds {', '.join(i.raw_folder for i in importers)}.")
    built = [(importer, _contents(importer, raw)) for importer in importers]
    manifest = Manifest(source=[describe(importer, contents) for importer, contents in built])
    archive.mkdir(parents=True, exist_ok=True)
    for _, contents in built:
        for name, content in contents.items():
            (archive / name).write_bytes(content)
    (archive / MANIFEST).write_text(to_toml(manifest), encoding="utf-8")
    return manifest


def _contents(importer: Importer, raw: Path) -> dict[str, bytes]:
    folder = raw / importer.raw_folder
    if not folder.is_dir():
        raise BadInput(f"{folder} is missing; it holds the raw files of {importer.public_address}.")
    return {file.name: to_csv(file.record, file.read(folder, importer.stamp)) for file in importer.files}
