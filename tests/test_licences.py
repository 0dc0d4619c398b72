"""The licence of the code and those of the shipped figures are stated where people look for them."""

import tomllib

from pipeline.archive.manifest import LICENCES, licences_of, read_manifest
from pipeline.settings import PROJECT_ROOT, Settings


def test_the_licences_of_the_figures_are_those_of_the_manifest():
    """`observatory archive build` writes them; an entry that is changed by hand changes them too."""
    folder = Settings().archive_folder
    manifest = read_manifest(folder)
    assert (folder / LICENCES).read_text(encoding="utf-8") == licences_of(manifest)
    files = {file.name for source in manifest.source for file in source.file}
    assert files == {path.name for path in folder.iterdir() if path.suffix in {".csv", ".gz"}}


def test_the_code_is_under_the_apache_licence():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "LICENSE" in project["license-files"]
    assert all((PROJECT_ROOT / name).is_file() for name in project["license-files"])
    text = (PROJECT_ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
