"""Who can ask the API that `observatory serve` opens: this user's own pages with the password, and nobody else.

One real server for all tests here, served with a schedule that never falls due meanwhile.
"""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from browser import chromium
from fault_server import Answer, FaultServer, wait_until

pytestmark = pytest.mark.prefect

OBSERVATORY = Path(sys.executable).with_name("observatory")
FOREIGN_NAME = "foreign.example"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A served schedule and how to ask its API."""

    process: subprocess.Popen
    home: Path
    port: int
    password: str

    def ask(self, method: str, path: str, body: object = None, *, password: str | None = None, **headers: str):
        """Return the status and the body of an answer; nothing is sent that is not named here."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Host": f"127.0.0.1:{self.port}", "Content-Type": "application/json"}
        if password is not None:
            sent["Authorization"] = "Basic " + b64encode(password.encode()).decode()
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, f"/api{path}", None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def own(self, method: str, path: str, body: object = None):
        """Ask as the user does, and return the decoded answer."""
        status, content, _ = self.ask(method, path, body, password=self.password)
        assert status < 300, content
        return json.loads(content) if content else None

    def deployment(self) -> dict:
        (found,) = self.own("POST", "/deployments/filter", {})
        return found

    def untouched(self) -> None:
        """Fail unless the schedule is as it was made and no run was asked for."""
        found = self.deployment()
        assert not found["paused"]
        assert [each["active"] for each in found["schedules"]] == [True]
        runs = self.own("POST", "/flow_runs/filter", {})
        assert all(run["auto_scheduled"] for run in runs)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    process = subprocess.Popen(
        [OBSERVATORY, "serve", "--cron", "0 3 1 1 *", "--offline", "--no-bench"],
        env={**os.environ, "OBSERVATORY_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+); (\S+) holds the password", line)
        assert found, line + (process.stderr.read() if process.poll() is not None else "")
        password = Path(found[2]).read_text(encoding="utf-8").strip()
        served = Served(process=process, home=home, port=int(found[1]), password=password)
        wait_until(lambda: served.own("POST", "/deployments/filter", {}) != [], seconds=60)
        yield served
        process.send_signal(signal.SIGINT)
        process.wait(60)
        assert not Path(found[2]).exists()
    finally:
        process.kill()
        process.communicate()


READS_AND_WRITES = [
    ("GET", "/admin/settings"),
    ("POST", "/deployments/filter"),
    ("POST", "/flow_runs/filter"),
    ("GET", "/version"),
]


@pytest.mark.parametrize(("method", "path"), READS_AND_WRITES)
def test_without_the_password_nothing_is_answered(served: Served, method: str, path: str) -> None:
    assert served.ask(method, path, {})[0] == 401
    assert served.ask(method, path, {}, password="guessed")[0] == 401
    assert served.ask(method, path, {}, password="")[0] == 401


def test_with_the_password_the_user_reads_settings_and_pauses_and_resumes(served: Served) -> None:
    assert "PREFECT" in json.dumps(served.own("GET", "/admin/settings")).upper()
    deployment = served.deployment()["id"]
    served.own("POST", f"/deployments/{deployment}/pause_deployment")
    assert served.deployment()["paused"]
    served.own("POST", f"/deployments/{deployment}/resume_deployment")
    served.untouched()


@pytest.mark.parametrize(
    "host", [FOREIGN_NAME, f"{FOREIGN_NAME}:{{port}}", "127.0.0.1", "127.0.0.1.nip.example:{port}", "[::1]:{port}", ""]
)
def test_a_foreign_host_is_refused_even_with_the_password(served: Served, host: str) -> None:
    named = host.format(port=served.port)
    assert served.ask("GET", "/admin/settings", password=served.password, Host=named)[0] in {400, 403}
    assert served.ask("GET", "/health", Host=named)[0] in {400, 403}


@pytest.mark.parametrize("origin", [f"http://{FOREIGN_NAME}", "http://127.0.0.1:1", "http://localhost", "null"])
def test_a_foreign_origin_is_refused_even_with_the_password_and_never_allowed(served: Served, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        status, _, headers = served.ask(
            method, "/admin/settings", password=served.password, Origin=origin, Access_Control_Request_Method="GET"
        )
        assert status == 403
        assert not [name for name in headers if name.lower().startswith("access-control")]
    for site in ("cross-site", "same-site"):
        assert served.ask("GET", "/version", password=served.password, Sec_Fetch_Site=site)[0] == 403


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    listening = Path("/proc/net/tcp").read_text(encoding="utf-8").split()
    assert f"0100007F:{served.port:04X}" in listening
    assert f"00000000:{served.port:04X}" not in listening


def test_the_password_is_on_no_command_line_in_no_log_and_readable_by_the_user_alone(served: Served) -> None:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            assert served.password.encode() not in (folder / "cmdline").read_bytes()
        except OSError:
            continue
    holders = [
        path for path in served.home.rglob("*") if path.is_file() and served.password.encode() in path.read_bytes()
    ]
    assert [path.name for path in holders] == ["password"]
    assert stat.S_IMODE(holders[0].stat().st_mode) == 0o600


def test_the_pages_are_served_and_ask_for_the_password(served: Served) -> None:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", "/ui-settings")
    settings = json.loads(connection.getresponse().read())
    assert (settings["auth"], settings["api_url"]) == ("BASIC", "/api")
    connection.close()


# A page of another origin in the user's own browser


ATTACK = """
async (api, deployment) => {
  const found = {};
  const run = JSON.stringify({state: {type: 'SCHEDULED'}});
  const calls = [
    ['GET', '/admin/settings'], ['GET', '/version'], ['GET', '/health'], ['POST', '/deployments/filter', '{}'],
    ['POST', `/deployments/${deployment}/pause_deployment`, '{}'],
    ['POST', `/deployments/${deployment}/create_flow_run`, run],
    ['DELETE', `/deployments/${deployment}`],
  ];
  for (const mode of ['cors', 'no-cors']) for (const type of ['application/json', 'text/plain', null])
    for (const [method, path, body] of calls) {
      const headers = type ? {'Content-Type': type} : {};
      let answer;
      try {
        const got = await fetch(api + path, {method, mode, body, headers, credentials: 'include'});
        answer = got.type === 'opaque' ? 'opaque' : `read ${got.status}: ${await got.text()}`;
      } catch (error) { answer = 'blocked'; }
      found[`${mode} ${type} ${method} ${path}`] = answer;
    }
  for (const path of [`pause_deployment`, `create_flow_run`]) {
    const frame = document.createElement('iframe');
    frame.name = path;
    const form = document.createElement('form');
    Object.assign(form, {method: 'POST', target: path, enctype: 'text/plain',
      action: `${api}/deployments/${deployment}/${path}`});
    const field = document.createElement('input');
    Object.assign(field, {name: '{"state": {"type": "SCHEDULED"}, "name": "', value: '"}'});
    form.append(field);
    document.body.append(frame, form);
    await new Promise(done => { frame.onload = done; form.submit(); setTimeout(done, 1000); });
  }
  for (const path of ['/events/in', '/events/out', '/logs/out'])
    found[`socket ${path}`] = await new Promise(done => {
      const socket = new WebSocket(api.replace('http', 'ws') + path, 'prefect');
      socket.onopen = () => done('open');
      socket.onclose = () => done('blocked');
      socket.onerror = () => done('blocked');
    });
  return found;
}
"""


@pytest.mark.browser
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", FOREIGN_NAME])
def test_a_page_of_another_origin_reads_nothing_pauses_nothing_and_starts_nothing(served: Served, name: str) -> None:
    deployment = served.deployment()["id"]
    here = "".join(f"MAP {each} 127.0.0.1, " for each in ("127.0.0.1", "localhost", FOREIGN_NAME))
    page = Answer(body=b"<title>foreign</title><body>", content_type="text/html")
    with FaultServer(lambda _: page) as foreign, chromium(here) as browser:
        browser.ask("Page.navigate", url=foreign.address.replace("127.0.0.1", name))
        browser.until("document.title === 'foreign'")
        for host in ("127.0.0.1", "localhost"):
            api = f"http://{host}:{served.port}/api"
            found = browser.value(f"({ATTACK})({json.dumps(api)}, {json.dumps(deployment)})")
            assert len(found) > 40
            assert set(found.values()) <= {"blocked", "opaque"}, found
            served.untouched()


@pytest.mark.browser
def test_a_foreign_name_that_leads_to_this_machine_is_not_taken_for_our_own(served: Served) -> None:
    with chromium(f"MAP {FOREIGN_NAME} 127.0.0.1, ") as browser:
        browser.ask("Page.navigate", url=f"http://{FOREIGN_NAME}:{served.port}/api/health")
        browser.until("document.body && document.body.innerText.includes('own pages')")
        read = browser.value("fetch('/api/admin/settings').then(got => got.status)")
        assert read == 403
