"""The published Parquet files in object storage, where OBSERVATORY_PUBLISH_URL names some, e.g. `s3://bucket/figures`.

They are sent by a process of their own, which is ended when it takes too long. Needs the `objects` extra; what the
storage asks for, such as a key, it finds in its own usual variables.
"""

import re
import subprocess
import sys
from pathlib import Path

from pipeline.jobs.run_log import tell_webhook
from pipeline.log import logger
from pipeline.settings import Settings

LONGEST_SECONDS = 600
_LOG = logger("refresh")


def send_release(settings: Settings) -> list[str]:
    """Send the files of the release that is shown; what was wrong is a warning, told to the webhook and returned."""
    address = settings.source_urls.get("publish")
    if not address:
        return []
    words = [sys.executable, "-P", "-m", __name__, str((settings.published_folder / "parquet").resolve())]
    try:
        subprocess.run(  # noqa: S603 — our own interpreter, fixed words
            words, input=address, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        fault = f"not within {LONGEST_SECONDS} s"
    except subprocess.CalledProcessError as error:
        # Its text may hold the address, and that a secret; its kind does not.
        fault = ["ended", *re.findall(r"^([A-Za-z][\w.]*)(?:: |$)", error.stderr, re.MULTILINE)][-1]
    else:
        return []
    sentence = (
        f"The published files did not all reach OBSERVATORY_PUBLISH_URL ({fault}); the release here is whole. Look at "
        "the address and the storage's own variables; s3:// needs the extra `objects`."
    )
    _LOG.warning("%s", sentence)
    tell_webhook(settings, [sentence])
    return [sentence]


if __name__ == "__main__":
    from fsspec.core import url_to_fs

    storage, root = url_to_fs(sys.stdin.read())
    for file in sorted(Path(sys.argv[1]).glob("*.parquet")):
        storage.put_file(str(file), f"{root.rstrip('/')}/{file.name}")
