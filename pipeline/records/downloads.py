"""Records about package downloads."""

from datetime import date
from typing import ClassVar

from pipeline.records.record import Count, Identifier, Record


class DownloadWindow(Record):
    """Downloads of one package within one window, both days included."""

    table: ClassVar[str] = "core.download_window"
    key: ClassVar[tuple[str, ...]] = ("source_id", "package", "client_scope", "window_end")

    package: Identifier
    client_scope: Identifier
    """Whose downloads are counted, e.g. `all clients`."""
    window_start: date
    window_end: date
    downloads_count: Count
    counting_system: Identifier


class DownloadList(Record):
    """One published ranking of packages: how long it was and where it was cut off."""

    table: ClassVar[str] = "core.download_list"
    key: ClassVar[tuple[str, ...]] = ("source_id", "window_end")

    window_end: date
    packages_count: Count
    cutoff_count: Count
    """The smallest count on the list: a package that is not on it had at most this many, not zero."""
    counting_system: Identifier
