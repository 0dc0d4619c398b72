"""Rules for reading MLPerf's entries: the framework below a wrapper, and the marks of entries that a program made."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from pipeline.records.record import Closed
from pipeline.reference.frameworks import known_frameworks
from pipeline.reference.toml_file import Text, read_toml, validated
from pipeline.settings import Settings

UNRESOLVED = "unresolved"
"""The label of a field that holds words, none of which says which framework it was."""


class Wrapper(Closed):
    """A name in the framework field that stands for the framework below it."""

    text: Text
    framework: Text | None = None
    """None: it runs on several, and its name does not say which."""
    reason: Text


class Automated(Closed):
    """A mark of entries that a program made by running all combinations; all that is given must hold."""

    organisation: Text | None = None
    division: Text | None = None
    text: Text | None = None
    reason: Text


class MlperfRules(Closed):
    """All rules of `data/reference/mlperf.toml`."""

    wrappers: tuple[Wrapper, ...] = Field(default=(), alias="wrapper")
    automated: tuple[Automated, ...] = ()

    def label_set_of(self, framework_text: str, labels: Mapping[str, str]) -> str:
        """Return the frameworks that a framework field names, in alphabetical order joined by `|`.

        `labels` holds the framework of each label (`fw_` and a name). Empty for an empty field; `unresolved` where
        words are left that neither a name nor a wrapper explains.
        """
        words = framework_text.casefold()
        named = {framework for label, framework in labels.items() if label.removeprefix("fw_") in words}
        named |= {each.framework for each in self.wrappers if each.framework and each.text.casefold() in words}
        return "|".join(sorted(named)) or (UNRESOLVED if words.strip() else "")

    def is_automated(self, organisation: str, division: str, framework_text: str) -> bool:
        """Return whether a program made the entry: it bears a mark, whatever the case of its organisation's letters."""
        return any(
            (each.organisation or organisation).casefold() == organisation.casefold()
            and (each.division or division) == division
            and (each.text or "") in framework_text
            for each in self.automated
        )


def read_mlperf_rules(reference_folder: Path) -> MlperfRules:
    """Read and validate `mlperf.toml`.

    Raises:
        BadInput: it is missing, is no TOML, or an entry is not what it should be.
    """
    path = reference_folder / "mlperf.toml"
    return validated(path, MlperfRules, read_toml(path))


def label_set(source_id: str, framework_text: str | None) -> str:
    """Return the frameworks that a framework field of this source names, as `label_set_of` does."""
    rules, labels = read_mlperf_rules(Settings().reference_folder), known_frameworks().labels_of(source_id)
    return rules.label_set_of(framework_text or "", labels)
