"""One name for each venue, whatever the lists call it."""

from pipeline.errors import LayoutChanged

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


def venue_of(where: object, code: str) -> str:
    """Return the venue that a list calls `code`, in any case: `nips` and `NeurIPS` are one.

    Raises:
        LayoutChanged: the code is not known.
    """
    try:
        return _VENUES[code.strip().lower()]
    except KeyError:
        raise LayoutChanged(
            f"{where}: the venue {code!r} is not known; add it to pipeline/sources/venues.py."
        ) from None
