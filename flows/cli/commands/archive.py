"""`observatory archive`: the figures that ship with the project."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows.cli.terminal import say
from pipeline.settings import Settings

archive = App(name="archive", help="The figures that ship with the project.")


@archive.command
def build(*, raw: Annotated[Path, Parameter(name="--from")]) -> None:
    """Make data/archive anew from the publishers' raw files; the same files give the same bytes.

    Args:
        raw: Folder that holds one folder per publisher.
    """
    from pipeline.archive.build import build_archive

    folder = Settings().archive_folder
    for source in build_archive(raw, folder).source:
        say(f"{source.source_id}: {sum(file.rows_count for file in source.file)} rows as of {source.as_of}")
    say(f"Written to {folder}")
