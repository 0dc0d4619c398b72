"""The example pages of the sources, served as the services would, and the frameworks they were recorded for."""

import json
import tomllib
from pathlib import Path

from fault_server import Answer

from pipeline.records.collected import CollectWindow

PAGES = Path(__file__).parent / "pages"
CASES = sorted(path.parent for path in PAGES.glob("*/*/case.toml"))


def window_of(case: dict[str, object]) -> CollectWindow:
    return CollectWindow(window_id=case["window_id"], starts_on=case["starts_on"], ends_on=case["ends_on"])


class Examples:
    """The pages of one case, served at the addresses at which the service would."""

    def __init__(self, folder: Path) -> None:
        self.waiting: dict[str, Path] = {}
        for file in sorted(folder.glob("*.url")):
            self.waiting[file.read_text().strip()] = file
        self.served: set[str] = set()
        self.missing: list[str] = []

    def put_into(self, folder: Path) -> None:
        """Lay the bodies down as a user would who has downloaded them."""
        folder.mkdir()
        for question, file in self.waiting.items():
            (folder / question.rpartition("/")[2]).write_bytes(file.with_suffix(".body").read_bytes())
            self.served.add(question)

    def answer(self, question: str) -> Answer:
        file = self.waiting.get(question)
        if file is None:
            self.missing.append(question)
            return Answer(status=404)
        self.served.add(question)
        facts_file = file.with_suffix(".toml")
        facts = tomllib.loads(facts_file.read_text()) if facts_file.exists() else {}
        headers = facts.get("headers", {})
        kind = facts.get("content_type") or kind_of(file.with_suffix(".body"))
        return Answer(file.with_suffix(".body").read_bytes(), facts.get("status", 200), headers, kind)


def kind_of(body: Path) -> str:
    start = body.read_bytes()[:200].lstrip()
    if start.startswith(b"<?xml"):
        return "application/atom+xml"
    if start.startswith(b"<"):
        return "text/html; charset=utf-8"
    return "application/json" if start[:1] in {b"{", b"["} else "text/plain"


def know_recorded(source_name: str, folder: Path, monkeypatch) -> None:
    """Let the program know the frameworks that a source's pages were recorded for, and no others."""
    file = PAGES / source_name / "recorded_for.toml"
    if not file.exists():
        return
    frameworks = folder / "reference" / "frameworks"
    frameworks.mkdir(parents=True)
    for place, (name, asked) in enumerate(tomllib.loads(file.read_text()).items(), start=1):
        facts = {"id": name, "title": name, "kind": "framework", "is_deep_learning": True, "order": place, **asked}
        (frameworks / f"{name}.toml").write_text("".join(f"{key} = {_toml(value)}\n" for key, value in facts.items()))
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(frameworks.parent))


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)
