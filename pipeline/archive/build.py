"""From raw files to the tracked archive: same raw files, same bytes."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from pipeline.archive import counts, papers, surveys
from pipeline.archive import manifest as shipped
from pipeline.archive.importer import Importer
from pipeline.archive.manifest import MANIFEST, Manifest, ManifestFile, read_manifest
from pipeline.errors import BadArchive, BadInput
from pipeline.storage import write_whole

IMPORTERS: tuple[Importer, ...] = tuple(
    each for module in (papers, surveys, counts) for each in vars(module).values() if isinstance(each, Importer)
)
"""All of these files."""


def build_archive(raw: Path, archive: Path, importers: Sequence[Importer] = IMPORTERS) -> Manifest:
    """Write the CSV files of `archive` from the raw folders below `raw`, with its manifest and its list of licences.

    Nothing is written before every importer has read its files, so a failure leaves the old archive whole.

    Raises:
        BadInput: a raw folder or file is missing or not what the importer expects.
        BadArchive: the manifest cannot be read or does not describe a source.
    """
    if not raw.is_dir():
        raise BadInput(f"{raw} is no folder; give the folder that holds {', '.join(i.raw_folder for i in importers)}.")
    sources = {source.source_id: source for source in read_manifest(archive).source}
    built: dict[str, bytes] = {}
    for importer in importers:
        source = sources.get(importer.source_id)
        if source is None:
            raise BadArchive(f"{archive / MANIFEST} has no source {importer.source_id}; describe it there.")
        folder = raw / importer.raw_folder
        if not folder.is_dir():
            raise BadInput(f"{folder} is missing; it holds the raw files of {source.public_address}.")
        files = []
        for file in importer.files:
            built[file.name] = content = shipped.to_csv(file.record, file.read(folder, importer.stamp))
            facts = {"name": file.name, "table": file.record.table, "sha256": sha256(content).hexdigest()}
            files.append(ManifestFile(**facts, rows_count=content.count(b"\n") - 1))
        files += [file for file in source.file if file.name not in {each.name for each in files}]  # brought by others
        sources[importer.source_id] = source.model_copy(update={"file": files})
    manifest = Manifest(source=list(sources.values()))
    built |= {MANIFEST: shipped.to_toml(manifest).encode(), shipped.LICENCES: shipped.licences_of(manifest).encode()}
    for name, content in built.items():
        write_whole(archive / name, content)
    return manifest
