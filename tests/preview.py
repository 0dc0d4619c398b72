"""Takes the picture of the report that the README shows: `make preview`, after `make report`."""

import sys
from base64 import b64decode
from pathlib import Path

from browser import chromium

SIZE = {"width": 1200, "height": 2000}
SCALE = 0.62
MOST_BYTES = 300_000


def main(page: str, picture: str) -> None:
    """Write the top of `page` to `picture`."""
    with chromium() as browser:
        browser.device(**SIZE)
        browser.ask("Emulation.setScrollbarsHidden", hidden=True)
        browser.open(Path(page))
        shot = browser.ask("Page.captureScreenshot", format="png", clip={"x": 0, "y": 0, "scale": SCALE, **SIZE})
    content = b64decode(shot["data"])
    if len(content) > MOST_BYTES:
        sys.exit(f"The picture has {len(content)} bytes, more than {MOST_BYTES}: lower SCALE in {__file__}.")
    Path(picture).write_bytes(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
