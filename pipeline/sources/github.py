"""Shared by the sources of GitHub: its terms, its headers and the token that widens what may be asked."""

from pipeline.fetch.addresses import Key

TERMS_URL = "https://docs.github.com/en/site-policy/github-terms/github-terms-of-service#h-api-terms"
LICENCE = "GitHub terms of service; counts only"
TOKEN = Key(setting="github_token", header="Authorization", prefix="Bearer ")
HEADERS = (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28"))
