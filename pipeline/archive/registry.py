"""The one list of importers, in the order of the manifest."""

from pipeline.archive.base import Importer

IMPORTERS: tuple[Importer, ...] = ()
