"""What can go wrong, named by what the reader of the message can do about it.

Every error carries one sentence, which names the remedy; where a source has failed, its `remedy` stands beside that
sentence in the list of sources. `exit_code` is what the `observatory` command ends with.
"""


class ObservatoryError(Exception):
    """Base of every error this project raises on purpose; its text is one sentence that names the remedy."""

    exit_code = 1
    remedy: str | None = None
    source_state: str = "failed"
    """The state of a source whose collection ends with it."""
    detail: str | None = None
    """Several lines to show above the sentence, such as the place of a mistake within a query."""


class Transient(ObservatoryError):
    """Trying again later may help: time-outs, 429, 5xx."""

    remedy = "Run again later."
    source_state = "unreachable"


class Refused(ObservatoryError):
    """The service said no: change a setting, a key or the pace."""

    remedy = "Check the key and the pace set for this source."
    source_state = "refused"


class TooLarge(Refused):
    """An answer is larger than the limit."""


class LayoutChanged(ObservatoryError):
    """A page no longer has the shape the parser relies on."""

    remedy = "Wait for a version of this project that reads the new layout; the figures loaded before stay."
    source_state = "layout changed"


class Incomplete(ObservatoryError):
    """Pages of a service ended without proof that everything was reached: nothing of it was loaded."""

    remedy = "Run again; the figures loaded before stay."
    source_state = "incomplete"


class ContractBroken(ObservatoryError):
    """Our own mistake: a promise between two parts of the pipeline does not hold."""

    remedy = "Report the message; the figures loaded before stay."


class BadInput(ObservatoryError):
    """Something the user gave is wrong: a query, a name, a file, a folder."""

    remedy = "Correct what the message names, then run again."
    exit_code = 2


class BadArchive(ObservatoryError):
    """A shipped figure file does not match its manifest or holds a row that does not validate."""

    remedy = "Restore data/archive from git, then run again."


class Unmeasured(ObservatoryError):
    """Something that was to be measured went wrong; its outcome is recorded, and the rest stands."""


class Interrupted(ObservatoryError):
    """A person ended the work early; what was done until then is kept."""

    exit_code = 130


class Busy(ObservatoryError):
    """Another run holds what this one needs."""
