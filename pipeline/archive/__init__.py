"""Published figures that ship with the project: importers, the manifest, and reading them back."""
