"""Shared by the sources of GitHub: its headers and the token that widens what may be asked."""

from pipeline.fetch.addresses import Key

TOKEN = Key(setting="github_token", header="Authorization", prefix="Bearer ")
HEADERS = (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28"))
