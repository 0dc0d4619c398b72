"""Recognises the address of a code repository."""

import re
from unicodedata import normalize

# Case and spaces vary: "https: //GitHub.com/…"; some addresses name the forge twice.
_REPOSITORY = re.compile(
    r"(?:(?:github\.com|gitlab\.[a-z.]+|bitbucket\.org|gitee\.com)[/:]+)+(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)",
    re.IGNORECASE | re.ASCII,
)
# Accounts and repositories that nobody has: filled in by a program, or a stand-in for a blinded review.
_PLACEHOLDER_OWNER = re.compile(
    r"(anonymous|anonmyous|alice-bob|author_or).*|authors?|authorname|user|(your-?)?username|xxx|example"
    r"|publish_after_accepting|\W+"
)
_PLACEHOLDER_NAMES = {"paper-summarizer", "example-research-project"}
_GUESS = re.compile(r"not (?:been )?provided|assuming this|may vary|link is hidden", re.IGNORECASE)


def repository_of(address: str) -> str | None:
    """Return `owner/name` in lower case for the first repository that an address names, or None where it names none.

    Project pages, shortened addresses, an owner alone, placeholders and addresses that say they are guesses name none.
    Folders below the repository, a closing `.git` and a closing full stop are dropped.
    """
    # Addresses copied out of a PDF hold ligatures (one character for "fi").
    match = _REPOSITORY.search(normalize("NFKC", address))
    if match is None or _GUESS.search(address):
        return None
    owner, name = match["owner"].lower(), match["name"].lower().rstrip(".").removesuffix(".git")
    if _PLACEHOLDER_OWNER.fullmatch(owner) or name in _PLACEHOLDER_NAMES or not name.strip("._-"):
        return None
    return f"{owner}/{name}"
