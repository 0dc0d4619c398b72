"""Folders and switches, read once from the environment (`OBSERVATORY_…`)."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
_IN_THE_WHEEL = Path(__file__).resolve().parent / "shipped"
IS_CHECKOUT = not _IN_THE_WHEEL.is_dir()
SHIPPED_FOLDER = PROJECT_ROOT / "data" if IS_CHECKOUT else _IN_THE_WHEEL
"""The tracked inputs, `reference` and `archive`: of the checkout, or as they were laid into the wheel."""
_SOURCE_URL = re.compile(r"^OBSERVATORY_([A-Z0-9_]+)_URL$")


def _one_line(text: str) -> str:
    text = text.strip()
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


def _trimmed_key(value: object) -> object:
    """A key copied with its line end is the same key; an empty one is none."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str):
        return value
    value = value.strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("a key holds no spaces, line ends or letters beyond ASCII")
    return value or None


def _source_urls() -> dict[str, str]:
    found = {name: _SOURCE_URL.match(name) for name in os.environ}
    return {match[1].lower(): os.environ[name].strip() for name, match in found.items() if match and os.environ[name]}


def _web_addresses(urls: dict[str, str]) -> dict[str, str]:
    for source, url in urls.items():
        wanted = r"[a-z][\w+.-]*://\S" if source == "publish" else r"https?://[^\s/]"
        if not re.match(wanted, url):
            raise ValueError(f"OBSERVATORY_{source.upper()}_URL must begin with http:// or https://, or as s3:// does")
    return urls


def _absolute(folder: Path) -> Path:
    """A relative folder counts from where the command was started, and `~` is the user's home."""
    folder = folder.expanduser().absolute()
    with suppress(OSError):  # what cannot be looked at is told where it is used
        existing = next(each for each in (folder, *folder.parents) if each.exists())
        if not existing.is_dir():
            raise ValueError(f"{existing} is no folder; name one")
    if not str(folder).isprintable() or {"?", "\\"} & set(str(folder)) - {os.sep}:
        raise ValueError("must be readable text in UTF-8 without `?` and `\\`, which databases take for something else")
    return folder


Key = Annotated[SecretStr | None, BeforeValidator(_trimmed_key)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Wait = Annotated[float, Field(ge=0, le=86_400)]


class Settings(BaseSettings):
    """All paths and switches. Nothing is written outside `home`.

    `home` holds `data/` (warehouse, published copy, raw answers) and `reports/`: the checkout, or without one the
    user's data folder of this system; the tracked inputs are read from the project itself.
    """

    model_config = SettingsConfigDict(
        env_prefix="OBSERVATORY_", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=lambda: (
            PROJECT_ROOT if IS_CHECKOUT else user_data_path("framework-observatory", appauthor=False)
        ),
        description="Folder that everything is written below (OBSERVATORY_HOME).",
    )

    reference_folder: Annotated[Path, AfterValidator(_absolute)] = Field(
        default=SHIPPED_FOLDER / "reference",
        description="Tracked, hand-readable reference lists (OBSERVATORY_REFERENCE_FOLDER).",
    )

    contact: Annotated[str, AfterValidator(_one_line)] | None = Field(
        default=None, description="Address that services may write to; part of our User-Agent."
    )
    source_urls: Annotated[dict[str, str], NoDecode, AfterValidator(_web_addresses)] = Field(
        default_factory=_source_urls,
        repr=False,  # the webhook's address is a secret
        description="Where sources are asked instead of their own address, each from OBSERVATORY_<SOURCE>_URL; "
        "`webhook` is where failures are posted, `publish` where the published files are sent, e.g. s3://bucket/figures.",
    )

    github_token: Key = Field(default=None, description="GitHub; any classic or fine-grained token without scopes.")
    openalex_key: Key = Field(default=None, description="OpenAlex; free.")
    semantic_scholar_key: Key = Field(default=None, description="Semantic Scholar.")
    stackexchange_key: Key = Field(default=None, description="Stack Exchange; free, 10,000 requests a day.")
    huggingface_token: Key = Field(default=None, description="Hugging Face Hub.")

    kaggle_folder: Annotated[Path | None, AfterValidator(lambda folder: folder and _absolute(folder))] = Field(
        default=None, description="Folder with the CSV files of Kaggle's surveys, as Kaggle names them."
    )

    accept_changes: bool = Field(default=False, description="Publish what differs much from the release before.")
    releases_kept: int = Field(default=5, ge=2, description="Published releases that stay, for a rollback.")

    connect_seconds: Seconds = Field(default=10, description="Longest wait for a connection.")
    read_seconds: Seconds = Field(default=30, description="Longest silence in the middle of an answer.")
    request_seconds: Seconds = Field(default=120, description="Longest time for one answer.")
    large_request_seconds: Seconds = Field(default=1800, description="The same for files of survey size.")
    body_limit_mb: int = Field(default=64, gt=0, description="Largest answer after decompression.")
    large_body_limit_mb: int = Field(default=2048, gt=0, description="The same for files of survey size.")
    retries_count: int = Field(default=8, ge=0, le=20, description="Further attempts after a failed one: minutes.")
    backoff_seconds: Wait = Field(default=1, description="First wait between attempts; it doubles, to a minute.")
    wait_limit_seconds: Wait = Field(default=300, description="Longest waiting of one source altogether.")
    bad_hour_seconds: Wait = Field(
        default=3600, description="After it a scheduled run asks those services once more that were out of order."
    )
    raw_answers_days: int = Field(
        default=90, ge=7, le=36_500, description="Scheduled runs drop older answers; the rows that they gave stay."
    )
    seconds_between_requests: Wait | None = Field(
        default=None, description="Replaces every source's own pace; for mirrors of your own only."
    )

    @property
    def archive_folder(self) -> Path:
        """Tracked published figures with their manifest."""
        return SHIPPED_FOLDER / "archive"

    @property
    def data_folder(self) -> Path:
        """Everything made at run time except the page."""
        return self.home / "data"

    @property
    def raw_folder(self) -> Path:
        """Answers of the services as they were sent, with their provenance."""
        return self.data_folder / "raw"

    @property
    def log_folder(self) -> Path:
        """Failures in full; the terminal shows one sentence."""
        return self.data_folder / "logs"

    @property
    def warehouse_file(self) -> Path:
        """The working database; one writer, never opened by people."""
        return self.data_folder / "warehouse.duckdb"

    @property
    def published_folder(self) -> Path:
        """The published database and one Parquet file per view, which people open. Replaced as a whole."""
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
