"""Which repositories and packages the importers keep: those that `data/reference/frameworks.toml` names."""

import tomllib
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.settings import PROJECT_ROOT

FRAMEWORKS = PROJECT_ROOT / "data" / "reference" / "frameworks.toml"


def tracked_repositories(path: Path = FRAMEWORKS) -> frozenset[str]:
    """Return the canonical `owner/name` of every repository that carries a framework's name."""
    return _named(path, "repositories")


def family_packages(path: Path = FRAMEWORKS) -> frozenset[str]:
    """Return every package of every framework's family."""
    return _named(path, "packages")


def _named(path: Path, key: str) -> frozenset[str]:
    try:
        frameworks = tomllib.loads(path.read_text(encoding="utf-8"))["framework"]
        return frozenset(str(name) for framework in frameworks for name in framework.get(key, ()))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__}); restore it from git.") from error
