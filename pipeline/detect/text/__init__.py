"""Frameworks that texts name."""
