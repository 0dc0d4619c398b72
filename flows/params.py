"""The choices of a refresh."""

from pydantic import BaseModel, ConfigDict, Field


class RefreshParams(BaseModel):
    """The choices of one refresh, which Prefect also shows as a form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offline: bool = Field(
        default=False, description="Ask no service; use the shipped figures and what was collected before."
    )
    quick: bool = Field(default=False, description="Measure for a shorter time, with wider intervals.")
    bench: bool = Field(default=True, description="Measure the installed frameworks on this machine.")

    scheduled: bool = Field(default=False, description="Ask also what takes many nights, as the code of new papers.")

    @property
    def mode(self) -> str:
        """The choices in words, as the run is recorded, e.g. `offline, quick`."""
        chosen = {"offline": self.offline, "quick": self.quick, "no benchmarks": not self.bench}
        return ", ".join(word for word, is_chosen in chosen.items() if is_chosen) or "full"
