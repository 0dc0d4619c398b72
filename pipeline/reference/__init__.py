"""The tracked, hand-readable lists of `data/reference`: what every framework, series and question is called."""

from pipeline.reference.frameworks import COMPARED, Frameworks, known_frameworks, read_frameworks

__all__ = ["COMPARED", "Frameworks", "known_frameworks", "read_frameworks"]
