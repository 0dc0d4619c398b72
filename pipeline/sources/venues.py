"""One name for each venue, whatever the lists call it."""

from pipeline.errors import LayoutChanged

_NAMES = (
    "3DV", "AAAI", "ACL", "ACML", "ACM MM", "AI4X", "AISTATS", "ALT", "AutoML", "COLING", "COLM", "COLT", "CoRL",
    "CVPR", "ECCV", "EMNLP", "ICCV", "ICLR", "ICML", "ICRA", "IJCAI", "IROS", "KDD", "NAACL", "NeurIPS", "RSS",
    "SIGGRAPH", "SIGGRAPH Asia", "UAI", "WACV", "WWW",
)  # fmt: skip
_VENUES = {"nips": "NeurIPS"} | {name.lower().replace(" ", ""): name for name in _NAMES}


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
