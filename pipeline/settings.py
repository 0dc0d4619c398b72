"""Where things lie and what a user may set, read once from the environment (`OBSERVATORY_…`)."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All paths and switches. Nothing is written outside `home`.

    `home` holds `data/` (warehouse, published copy, raw answers) and `reports/`; the tracked inputs
    (`data/reference`, `data/archive`) are always read from the project itself.
    """

    model_config = SettingsConfigDict(env_prefix="OBSERVATORY_", frozen=True, extra="ignore")

    home: Path = Field(default=PROJECT_ROOT, description="Folder that everything is written below (OBSERVATORY_HOME).")

    @property
    def reference_folder(self) -> Path:
        """Tracked, hand-readable reference lists."""
        return PROJECT_ROOT / "data" / "reference"

    @property
    def archive_folder(self) -> Path:
        """Tracked published figures with their manifest."""
        return PROJECT_ROOT / "data" / "archive"

    @property
    def data_folder(self) -> Path:
        """Everything made at run time except the page."""
        return self.home / "data"

    @property
    def warehouse_file(self) -> Path:
        """The working database; one writer, never opened by people."""
        return self.data_folder / "warehouse.duckdb"

    @property
    def published_folder(self) -> Path:
        """What people open: the published database and one Parquet file a view. Replaced as a whole."""
        return self.data_folder / "published"

    @property
    def published_file(self) -> Path:
        """The published DuckDB database."""
        return self.published_folder / "observatory.duckdb"

    @property
    def reports_folder(self) -> Path:
        """Where the page is written."""
        return self.home / "reports"

    @property
    def page_file(self) -> Path:
        """The report."""
        return self.reports_folder / "index.html"
