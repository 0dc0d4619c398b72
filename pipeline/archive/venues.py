"""One name a venue, whatever the lists call it."""

from pathlib import Path

from pipeline.errors import BadInput

_VENUES = {
    "3dv": "3DV",
    "aaai": "AAAI",
    "acl": "ACL",
    "acml": "ACML",
    "acmmm": "ACM MM",
    "ai4x": "AI4X",
    "aistats": "AISTATS",
    "alt": "ALT",
    "automl": "AutoML",
    "coling": "COLING",
    "colm": "COLM",
    "colt": "COLT",
    "corl": "CoRL",
    "cvpr": "CVPR",
    "eccv": "ECCV",
    "emnlp": "EMNLP",
    "iccv": "ICCV",
    "iclr": "ICLR",
    "icml": "ICML",
    "icra": "ICRA",
    "ijcai": "IJCAI",
    "iros": "IROS",
    "kdd": "KDD",
    "naacl": "NAACL",
    "neurips": "NeurIPS",
    "nips": "NeurIPS",
    "rss": "RSS",
    "siggraph": "SIGGRAPH",
    "siggraphasia": "SIGGRAPH Asia",
    "uai": "UAI",
    "wacv": "WACV",
    "www": "WWW",
}


def venue_of(path: Path, code: str) -> str:
    """Return the venue that a raw file calls `code`, in any case: `nips` and `NeurIPS` are one.

    Raises:
        BadInput: the code is not known.
    """
    venue = _VENUES.get(code.strip().lower())
    if venue is None:
        raise BadInput(f"{path}: the venue {code!r} is not known; add it to pipeline/archive/venues.py.")
    return venue
