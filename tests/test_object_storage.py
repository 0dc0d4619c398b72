"""OBSERVATORY_PUBLISH_URL: the published files in object storage, sent over S3 to a server on this machine."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import fsspec
import pytest
from fault_server import Answer, FaultServer
from loopback_s3 import Bucket, loopback_s3

from pipeline.jobs import object_storage
from pipeline.jobs.object_storage import send_release
from pipeline.settings import PROJECT_ROOT, Settings

SECRET = "a-secret-of-the-storage"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with loopback_s3() as bucket:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        monkeypatch.setenv("OBSERVATORY_PUBLISH_URL", "s3://figures/of/today")
        yield bucket


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two small published views."""
    folder = tmp_path / "data" / "published" / "parquet"
    folder.mkdir(parents=True)
    for name, count in (("adoption", 3000), ("series", 7)):
        duckdb.sql(f"select range as n, repeat(md5(range::varchar), 9) as t from range({count})").write_parquet(
            str(folder / f"{name}.parquet")
        )
    return tmp_path


def test_the_files_arrive_whole_and_duckdb_reads_them_from_there(bucket: Bucket, home: Path) -> None:
    assert send_release(Settings(home=home)) == []
    local = {f"of/today/{file.name}": file.read_bytes() for file in home.glob("data/published/parquet/*.parquet")}
    assert bucket.objects == local
    with duckdb.connect() as connection:
        connection.register_filesystem(fsspec.filesystem("s3", skip_instance_cache=True))
        rows = connection.execute("select count(*), max(n) from 's3://figures/of/today/adoption.parquet'").fetchall()
    assert rows == [(3000, 2999)]
    assert any(asked == "GET of/today/adoption.parquet" for asked in bucket.requests)


def test_what_the_readme_shows_reads_a_release_from_there(
    bucket: Bucket, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.setenv("OBSERVATORY_PUBLISH_URL", *re.findall(r"`OBSERVATORY_PUBLISH_URL=(\S+)`", readme))
    assert send_release(Settings(home=home)) == []
    (code,) = (each for each in re.findall(r"```py\n(.*?)```", readme, re.DOTALL) if "fsspec" in each)
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "3000 rows" in shown.stdout, shown.stderr


def test_a_storage_that_refuses_is_told_everywhere_without_the_address_and_fails_nothing(
    bucket: Bucket, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.refuses = True
    with FaultServer(lambda asked: Answer(status=200)) as webhook:
        monkeypatch.setenv("OBSERVATORY_WEBHOOK_URL", webhook.address)
        (told,) = send_release(Settings(home=home))
    assert "did not all reach OBSERVATORY_PUBLISH_URL (PermissionError)" in told
    assert json.loads(webhook.asked[0].body)["text"] == told
    assert "figures/of" not in told
    assert SECRET not in told
    assert bucket.objects == {}


@pytest.mark.parametrize(
    ("address", "fault"), [("s3://figures", "not within 0.5 s"), ("nosuch://figures", "ValueError")]
)
def test_a_storage_that_hangs_or_is_none_holds_nothing_up(
    bucket: Bucket, home: Path, address: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if address.startswith("s3"):
        monkeypatch.setattr(object_storage, "LONGEST_SECONDS", 0.5)
    monkeypatch.setenv("OBSERVATORY_PUBLISH_URL", address)
    (told,) = send_release(Settings(home=home))
    assert f"({fault})" in told


def test_nothing_is_sent_where_no_address_is_set_and_one_that_is_none_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send_release(Settings(home=home)) == []
    monkeypatch.setenv("OBSERVATORY_PUBLISH_URL", "bucket")
    with pytest.raises(ValueError, match="OBSERVATORY_PUBLISH_URL must begin with"):
        Settings(home=home)
