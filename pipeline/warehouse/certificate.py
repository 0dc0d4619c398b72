"""Reading the certificate of a machine."""

from typing import NamedTuple

from duckdb import DuckDBPyConnection


class Certificate(NamedTuple):
    """The newest certificate of a machine, as the view `machine_certificate` has it."""

    threads_count: int
    comparisons_count: int
    containing_count: int
    containing_share: float
    disturbed_share: float
    median_deviation_fraction: float
    widest_deviation_fraction: float
    supported_margin_fraction: float | None
    """None where too few comparisons were stable."""
    holds: bool

    def margin_for(self, threads_count: int) -> float | None:
        """Return the margin that it supports with so many threads: its own number's, and no other's."""
        return self.supported_margin_fraction if threads_count == self.threads_count else None


def read_certificate(connection: DuckDBPyConnection, machine_id: str) -> Certificate | None:
    """Return the machine's newest certificate; None where it never compared a framework with itself."""
    found = connection.execute(
        f"select {', '.join(Certificate._fields)} from main.machine_certificate where machine_id = ?", [machine_id]
    ).fetchone()
    return Certificate(*found) if found else None
