"""The choices of a refresh: of Prefect's form, and as options of `observatory run` and `observatory serve`."""

from typing import Annotated

from cyclopts import Parameter
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import BadInput


@Parameter(name="*")
class RefreshParams(BaseModel):
    """The choices of one refresh."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offline: bool = Field(
        default=False, description="Ask no service; use the shipped figures and what was collected before."
    )
    quick: bool = Field(default=False, description="Measure for a shorter time, with wider intervals.")
    bench: Annotated[bool, Parameter(negative="--no-bench")] = Field(
        default=True, description="Measure the installed frameworks on this machine; --no-bench leaves it out."
    )
    scheduled: bool = Field(
        default=False, description="Ask also what takes many nights, as the code of new papers; `serve` always does."
    )
    cluster: str | None = Field(
        default=None, description="Dask scheduler whose workers, which see this folder, read the code of new papers."
    )

    def refuse_idle_cluster(self) -> None:
        """Raise BadInput where a cluster is named on which nothing would be read."""
        if self.cluster and (self.offline or not self.scheduled):
            raise BadInput("--cluster is for the code of new papers: add --scheduled, without --offline, or drop it.")

    @property
    def mode(self) -> str:
        """The choices in words, as the run is recorded, e.g. `offline, quick`."""
        chosen = {"offline": self.offline, "quick": self.quick, "no benchmarks": not self.bench}
        return ", ".join(word for word, is_chosen in chosen.items() if is_chosen) or "full"


USUAL = RefreshParams()
