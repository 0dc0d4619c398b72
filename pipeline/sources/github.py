"""Shared by the sources of GitHub: its headers."""

HEADERS = (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28"))
