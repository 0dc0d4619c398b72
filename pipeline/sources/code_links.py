"""Addresses of code repositories in running text: an abstract, a comment, a page."""

import re
from collections.abc import Iterator

_REPOSITORY = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<forge>github\.com|gitlab\.com|bitbucket\.org|gitee\.com|codeberg\.org)/"
    r"(?P<owner>[A-Za-z0-9][A-Za-z0-9_.-]{0,99})/(?P<name>[A-Za-z0-9_.-]{1,100})",
    re.IGNORECASE,
)
# Pages of the forges themselves that look like an owner.
_NO_OWNERS = frozenset({"about", "apps", "collections", "features", "marketplace", "orgs", "sponsors", "topics"})


def code_addresses(text: str) -> Iterator[tuple[str, str]]:
    """Yield forge and `owner/name` of each repository that a text names, once, in lower case, in the text's order.

    Folders below a repository, a closing `.git` and the sentence's own punctuation do not belong to the name; a
    forge's own pages, an owner alone and a project page (`….github.io`) are no repository.
    """
    found: dict[tuple[str, str], None] = {}
    for match in _REPOSITORY.finditer(text):
        owner = match["owner"].lower()
        name = match["name"].lower().rstrip(".-_").removesuffix(".git")
        if name and owner not in _NO_OWNERS:
            found[match["forge"].lower(), f"{owner}/{name}"] = None
    yield from found
