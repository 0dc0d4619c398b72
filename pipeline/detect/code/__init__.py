"""Frameworks that code imports and dependency files declare."""
