"""A headless Chromium over its own pipe: opens a file, emulates a device, and reports what the page did.

It talks the DevTools protocol through two pipes, so that a test needs no driver and opens no port.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-pipe",
)
PATIENCE_SECONDS = 30


class Browser:
    """One tab. `events` holds every event seen so far, oldest first."""

    def __init__(self, to_browser: int, from_browser: int):
        self._to, self._from = to_browser, from_browser
        self._pending, self._sent = b"", 0
        self._session: str | None = None
        self.events: list[dict] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters):
        """Send one command and return its result; events that arrive meanwhile are kept."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._sent:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def _receive(self) -> dict:
        while b"\0" not in self._pending:
            ready, _, _ = select([self._from], [], [], PATIENCE_SECONDS)
            assert ready, f"Chromium said nothing for {PATIENCE_SECONDS} s"
            received = os.read(self._from, 1 << 20)
            assert received, "Chromium closed its pipe"
            self._pending += received
        message, _, self._pending = self._pending.partition(b"\0")
        return json.loads(message)

    def device(self, width: int, height: int = 900, *, scheme: str = "light", is_phone: bool = False):
        """Take the size and the colour scheme of a device; holds for pages opened from now on."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, page: Path) -> None:
        """Open `page` and wait until it says that everything is drawn."""
        self.events.clear()
        self.ask("Page.navigate", url=page.resolve().as_uri())
        try:
            self.until("document.documentElement.dataset.complete === 'true'")
        except AssertionError as error:
            raise AssertionError(f"the page was never drawn to its end; it complained: {self.complaints()}") from error

    def until(self, condition: str):
        """Wait until the JavaScript `condition` holds."""
        wait = (
            "new Promise((done, fail) => { const late = Date.now() + 20000; const look = () => { let held = false;"
            f" try {{ held = {condition}; }} catch (error) {{ held = false; }}"
            " if (held) done(true); else if (Date.now() > late) fail(new Error('never held'));"
            " else setTimeout(look, 20); }; look(); })"
        )
        self.value(wait)

    def value(self, expression: str):
        """Return what the JavaScript `expression` is in the page, promises awaited."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def complaints(self) -> list[str]:
        """Return everything the page wrote to its console or threw since it was opened."""
        told = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in told]

    def requests(self) -> list[str]:
        """Return the addresses asked for since the page was opened, the page's own included."""
        asked = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in asked]

    def picture(self, file: Path) -> None:
        """Write a picture of the whole page."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(b64decode(shot["data"]))


# Chromium reads commands from descriptor 3 and answers on 4.
_BECOME = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)


def _high(descriptor: int) -> int:
    """Move a descriptor out of the way of 3 and 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 50)
    os.close(descriptor)
    return moved


@contextmanager
def chromium(reachable: str = ""):
    """Run a Chromium for as long as the block lasts; skip the test where there is none.

    It resolves no name, except by the rules given as `reachable`.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(
            "no Chromium or Chrome on the path: install one (Debian: apt install chromium) to run the page's tests"
        )
    to_child, to_browser = map(_high, os.pipe())
    from_browser, from_child = map(_high, os.pipe())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        wired = [sys.executable, "-c", _BECOME, str(to_child), str(from_child)]
        process = subprocess.Popen(
            [
                *wired,
                program,
                *FLAGS,
                f"--host-resolver-rules={reachable}MAP * ~NOTFOUND",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            pass_fds=(to_child, from_child),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        try:
            yield Browser(to_browser, from_browser)
        finally:
            os.close(to_browser)
            os.close(from_browser)
            process.terminate()
            process.wait()
