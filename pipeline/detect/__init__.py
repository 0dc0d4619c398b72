"""Evidence of frameworks in texts and code: rules as data, documents and archives read safely, one outcome per file."""

from pipeline.detect.frameworks_in import frameworks_in_file, frameworks_in_text, frameworks_in_tree

__all__ = ["frameworks_in_file", "frameworks_in_text", "frameworks_in_tree"]
