"""What can go wrong, named by what the reader of the message can do about it.

Every error carries one sentence with the remedy. `exit_code` is what the `observatory` command ends with.
"""


class ObservatoryError(Exception):
    """Base of every error this project raises on purpose; its text is one sentence that names the remedy."""

    exit_code = 1


class Transient(ObservatoryError):
    """Trying again later may help: time-outs, 429, 5xx."""


class Refused(ObservatoryError):
    """The service said no: change a setting, a key or the pace."""


class LayoutChanged(ObservatoryError):
    """A page no longer has the shape the parser relies on: the parser needs mending."""


class Incomplete(ObservatoryError):
    """A walk ended without proof that everything was reached: nothing of it was loaded."""


class ContractBroken(ObservatoryError):
    """Our own mistake: a promise between two parts of the pipeline does not hold."""


class BadInput(ObservatoryError):
    """Something the user gave is wrong: a query, a name, a file, a folder."""

    exit_code = 2


class BadArchive(ObservatoryError):
    """A shipped figure file does not match its manifest or holds a row that does not validate."""


class Unmeasured(ObservatoryError):
    """Something that was to be measured went wrong; its outcome is recorded, and the rest stands."""


class Interrupted(ObservatoryError):
    """A person ended the work early; what was done until then is kept."""

    exit_code = 130


class Busy(ObservatoryError):
    """Another run holds what this one needs."""
