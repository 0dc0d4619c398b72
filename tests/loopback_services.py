"""One loopback server that stands in for every service: it answers whatever each source asks, in the service's shape.

Every body is that of an example page below tests/pages, with the numbers of `count_of` put in. To add a service, add
its function to `INLETS`.
"""

import csv
import dataclasses
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from urllib.parse import unquote

from fault_server import Answer, Asked
from source_pages import PAGES, Examples

from pipeline.reference import known_frameworks
from pipeline.settings import Settings

WEIGHTS = {"jax": 9, "flax": 2, "pytorch": 4, "torch": 4, "tensorflow": 3, "tf": 3, "keras": 2}
"""JAX leads everywhere, which no shipped series says."""


@cache
def other_words() -> re.Pattern[str]:
    """Finds what the services are asked for of all frameworks, in lower case."""
    services = (word for entry in known_frameworks() for words in entry.services.values() for word in words)
    named = (each.name for entry in known_frameworks() for each in (*entry.packages, *entry.repositories))
    words = {re.escape(word.lower()) for word in (*services, *named)}
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(words, key=len, reverse=True))})(?!\w)")


def count_of(word: str, unit: int = 1000) -> int:
    """A number for a question: the least for any other framework, ten times the greatest where it names none."""
    names = [name for name in WEIGHTS if re.search(rf"(?i)\b{name}\b", word)]
    return unit * (WEIGHTS[names[0]] if names else 1 if other_words().search(word.lower()) else 90)


@cache
def downloads_of(package: str) -> int:
    """Next to none for the other builds of a family, which is summed."""
    mains = {each.name for _, each in known_frameworks().packages("pypi") if each.is_main}
    return count_of(package, 1000 if package in mains else 1)


def shipped(file: str) -> list[dict[str, str]]:
    """The rows of a shipped file: what is near them is believed."""
    with (Settings().archive_folder / file).open() as stream:
        return list(csv.DictReader(stream))


def example(page: str) -> object:
    return json.loads((PAGES / f"{page}.body").read_text())


def as_json(found: object, **headers: str) -> Answer:
    return Answer(json.dumps(found).encode(), headers=headers)


class Services:
    """Answers at `<address>/<source>/…`; `today` is the day of asking."""

    def __init__(self, today: date) -> None:
        self.today = today

    def urls(self, address: str) -> dict[str, str]:
        return {name: f"{address}/{name}" for name in INLETS}

    def respond(self, asked: Asked) -> Answer:
        name, _, path = asked.path.lstrip("/").partition("/")
        return INLETS[name](self, asked, unquote(path))

    def arxiv(self, asked: Asked, path: str) -> Answer:
        body = (PAGES / "arxiv/two_pages/001.body").read_text()
        query, entry = asked.params["search_query"], re.search(r"<entry>.*?</entry>", body, flags=re.DOTALL)[0]
        if "cat:" in query:
            return self._feed(re.sub(r"<entry>.*</entry>", lambda _: entry, body, flags=re.DOTALL), 900)
        month = re.search(r"submittedDate:\[(\d{4})(\d\d)", query).groups()
        titles = [name for name in ("JAX", "PyTorch", "TensorFlow") for _ in range(count_of(name, 10))]
        entries = []
        for number, title in enumerate(titles):
            each = re.sub(r"(<id>\S*/abs/)[^<]*", rf"\g<1>{month[0][2:]}{month[1]}.{number:05}v1", entry)
            each = re.sub(r"<title>[^<]*", f"<title>Networks in {title}", each)
            each = re.sub(r"<summary>[^<]*", "<summary>We use it", each)
            each = re.sub(r"<published>[^<]*", f"<published>{month[0]}-{month[1]}-01T10:00:00Z", each)
            entries.append(re.sub(r"<arxiv:comment[^>]*>[^<]*</arxiv:comment>", "", each))
        return self._feed(re.sub(r"<entry>.*</entry>", lambda _: "".join(entries), body, flags=re.DOTALL), len(titles))

    def arxiv_code(self, asked: Asked, path: str) -> Answer:
        body = (PAGES / "arxiv_code/a_month/001.body").read_text()
        month = re.search(r"submittedDate:\[(\d{4})(\d\d)", asked.params["search_query"]).groups()
        body = re.sub(r"<published>[^<]*", f"<published>{month[0]}-{month[1]}-01T10:00:00Z", body)
        return self._feed(body, body.count("<entry>"))

    def arxiv_full_text(self, asked: Asked, path: str) -> Answer:
        """Of the identifiers that are asked for the first two are papers, and their text is that of the examples."""
        folder = PAGES / "arxiv_full_text/a_night"
        if "pdf/" in asked.path:
            return Answer((folder / "002.body").read_bytes(), content_type="application/pdf")
        body, numbers = (folder / "001.body").read_text(), asked.params["id_list"].split(",")[:2]
        entry = re.search(r"<entry>.*?</entry>", body, flags=re.DOTALL)[0]
        entries = "".join(re.sub(r"(<id>\S*/abs/)[^<]*", rf"\g<1>{number}v1", entry) for number in numbers)
        return self._feed(re.sub(r"<entry>.*</entry>", lambda _: entries, body, flags=re.DOTALL), len(numbers))

    @staticmethod
    def _feed(body: str, total: int) -> Answer:
        body = re.sub(r"(totalResults>)\d+", rf"\g<1>{total}", body)
        return Answer(body.encode(), content_type="application/atom+xml")

    def openalex(self, asked: Asked, path: str) -> Answer:
        years = range(self.today.year - 2, self.today.year)
        groups = [{"key": str(year), "count": count_of(asked.params["filter"])} for year in years]
        whole = example("openalex/two_years/001")
        return as_json(whole | {"group_by": groups, "meta": whole["meta"] | {"groups_count": len(groups)}})

    def semantic_scholar(self, asked: Asked, path: str) -> Answer:
        return as_json(example("semantic_scholar/a_year/001") | {"total": count_of(asked.params["query"])})

    def openreview(self, asked: Asked, path: str) -> Answer:
        return as_json(example("openreview/a_month/001") | {"count": count_of(asked.params["term"])})

    def proceedings(self, asked: Asked, path: str) -> Answer:
        """Every year's edition is that of the examples; a publisher of whom there is none has none out yet."""
        year = re.search(r"20\d\d", asked.target)[0]
        for case in ("with_abstracts", "a_gone_page", "abstracts_in_the_index"):
            examples = Examples(PAGES / "proceedings" / case)
            for question in examples.waiting:
                if re.sub(r"20\d\d", year, question).endswith(asked.target.removeprefix("/proceedings")):
                    found = examples.answer(question)
                    body = re.sub(rb"20\d\d", year.encode(), found.body).replace(b"A Paper", b"Kernels in JAX")
                    return dataclasses.replace(found, body=body)
        return Answer(b"<html></html>", status=404, content_type="text/html")

    def conference_tracker(self, asked: Asked, path: str) -> Answer:
        folder = PAGES / "conference_tracker/a_version"
        if "data.csv" in path:
            return Answer((folder / "002.body").read_bytes(), content_type="text/plain")
        return Answer((folder / "001.body").read_bytes())

    def stackoverflow_survey(self, asked: Asked, path: str) -> Answer:
        body = (PAGES / "stackoverflow_survey/an_edition/001.body").read_bytes()
        return Answer(body, content_type="text/plain")

    def pwc_archive(self, asked: Asked, path: str) -> Answer:
        return Answer((PAGES / "pwc_archive/links/001.body").read_bytes(), content_type="application/octet-stream")

    def hub_daily_papers(self, asked: Asked, path: str) -> Answer:
        """The first page of each month holds some of its papers, and the next one none."""
        year, month = asked.params["month"].split("-")
        paper = example("hub_daily_papers/two_pages/001")[0]["paper"] | {"summary": "We use it"}
        titles = [name for name in ("JAX", "PyTorch", "TensorFlow") for _ in range(count_of(name, 10))]
        items = [
            {"paper": paper | {"id": f"{year[2:]}{month}.{number:05}", "title": title}}
            for number, title in enumerate(titles if asked.params["p"] == "0" else ())
        ]
        return as_json(items)

    def paperswithcode(self, asked: Asked, path: str) -> Answer:
        whole = example("paperswithcode/a_day/001")
        for each in whole["domains"][0]["categories"][0]["frameworks"]:
            each["paper_count"] = count_of(each["slug"])
        return as_json(whole | {"domains": whole["domains"][:1]})

    def github_repositories(self, asked: Asked, path: str) -> Answer:
        template = example("github_repositories/with_a_token/001")["data"]["r0"]
        query = json.loads(asked.body)["query"]
        pushed = f"{self.today - timedelta(days=2)}T10:00:00Z"
        found = {}
        for number, (alias, owner, name) in enumerate(
            re.findall(r'(r\d+): repository\(owner: "([^"]*)", name: "([^"]*)"\)', query)
        ):
            own = {"databaseId": 9000 + number, "nameWithOwner": f"{owner}/{name}", "pushedAt": pushed}
            # Above what the shipped lists end with, and near enough to be believed.
            found[alias] = template | own | {"stargazerCount": count_of(f"{owner}/{name}", 20_000)}
        return as_json({"data": found})

    def github_star_history(self, asked: Asked, path: str) -> Answer:
        sunday = self.today - timedelta(days=self.today.isoweekday() % 7)
        first = datetime.combine(sunday, datetime.min.time(), UTC)
        template = example("github_star_history/two_pages/001")[0]
        weeks = [first - timedelta(weeks=number) for number in range(30)]
        return as_json([template | {"week": int(each.timestamp()), "total": 100} for each in weeks])

    def github_new_repositories(self, asked: Asked, path: str) -> Answer:
        body = example("github_new_repositories/a_month_cut_in_days/001")
        return as_json(body | {"total_count": count_of(asked.params["q"], 100)})

    def github_innovation_graph(self, asked: Asked, path: str) -> Answer:
        first = self.today.replace(day=1, month=1)  # the last quarter of the year before
        # Near enough to what the shipped file ends with to be believed.
        rows = [f"{first.year - 1},4,{topic},IN,{count_of(topic, 60)}" for topic in ("pytorch", "tensorflow", "jax")]
        head = (PAGES / "github_innovation_graph/a_quarter/001.body").read_text().partition("\n")[0]
        return Answer("\n".join([head, *rows, ""]).encode(), content_type="text/plain")

    def stackexchange_questions(self, asked: Asked, path: str) -> Answer:
        body = example("stackexchange_questions/a_month/001")
        return as_json(body | {"total": count_of(asked.params.get("tagged", ""), 10)})

    def package_downloads(self, asked: Asked, path: str) -> Answer:
        package = path.split("/")[-2]
        template = example("package_downloads/a_day/001")
        days = [str(self.today - timedelta(days=number)) for number in range(1, 70)]
        data = [
            {"category": category, "date": day, "downloads": downloads_of(package)}
            for day in days
            for category in ("with_mirrors", "without_mirrors")
        ]
        return as_json(template | {"package": package, "data": data})

    def package_downloads_history(self, asked: Asked, path: str) -> Answer:
        package = re.search(r"project = '([^']*)'", asked.params["query"])[1]
        last = self.today.replace(day=1) - timedelta(days=1)
        downloads = str(downloads_of(package))
        month = {"month": str(last.replace(day=1)), "days_count": str(last.day), "mirrors_count": "0"}
        month |= {"all_count": downloads, "whole_count": downloads}
        return as_json(example("package_downloads_history/a_day/001") | {"data": [month], "rows": 1})

    def conda_downloads(self, asked: Asked, path: str) -> Answer:
        package = path.rpartition("/")[2]
        return as_json(example("conda_downloads/a_day/001") | {"name": package, "ndownloads": count_of(package)})

    def package_index(self, asked: Asked, path: str) -> Answer:
        """The list of a month, with what the newest shipped list says of each package."""
        moment = path.partition("/")[0].replace(".", "-") + "-01 06:34:06"
        newest = {row["package"]: int(row["downloads_count"]) for row in shipped("download_windows.csv")}
        rows = [{"project": name, "download_count": count} for name, count in newest.items()]
        whole = example("package_index/a_list/001") | {"last_update": moment, "rows": rows, "total_rows": len(rows)}
        return Answer(json.dumps(whole).encode(), content_type="text/plain")

    def npm_downloads(self, asked: Asked, path: str) -> Answer:
        period, _, package = path.partition("/")
        start, end = map(date.fromisoformat, period.split(":"))
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        ours = [row for row in shipped("npm_downloads.csv") if row["subject"].startswith(f"{package}: ")]
        months = {row["period_start"][:7]: int(row["items_count"]) // 31 for row in ours}
        usual = sum(months.values()) // len(months)
        counts = [{"day": str(each), "downloads": months.get(f"{each:%Y-%m}", usual)} for each in days]
        template = example("npm_downloads/a_month/001") | {"start": str(start), "end": str(end), "package": package}
        return as_json(template | {"downloads": counts})

    def hn_who_is_hiring(self, asked: Asked, path: str) -> Answer:
        """Each month has the thread of the example, under its own name."""
        if path.startswith("items"):
            return as_json(example("hn_who_is_hiring/a_month/002"))
        first = datetime.fromtimestamp(int(re.search(r">=(\d+)", asked.params["numericFilters"])[1]), UTC)
        whole = json.dumps(example("hn_who_is_hiring/a_month/001"))
        return Answer(whole.replace("March 2025", f"{first:%B %Y}").encode())

    def mlperf_training(self, asked: Asked, path: str) -> Answer:
        return self._round("mlperf_training/a_round", asked)

    def mlperf_inference(self, asked: Asked, path: str) -> Answer:
        return self._round("mlperf_inference/two_rounds", asked)

    @staticmethod
    def _round(case: str, asked: Asked) -> Answer:
        examples, below = Examples(PAGES / case), asked.target.lstrip("/").partition("/")[2]
        hosts = ("", "api.github.com/repos/mlcommons/", "raw.githubusercontent.com/mlcommons/")
        asked_for = [f"https://{host}{below}" for host in hosts]
        return next((examples.answer(each) for each in asked_for if each in examples.waiting), Answer(b"", 404))

    def hub_models(self, asked: Asked, path: str) -> Answer:
        tag = asked.params["filter"]
        template = example("hub_models/two_pages/001")[1]
        models = [template | {"id": f"o/{tag}-{number}", "library_name": tag} for number in range(count_of(tag, 10))]
        return as_json(models)


INLETS: dict[str, Callable[[Services, Asked, str], Answer]] = {
    function.__name__: function
    for function in (
        Services.arxiv, Services.arxiv_code, Services.arxiv_full_text, Services.openalex, Services.semantic_scholar,
        Services.openreview, Services.proceedings,
        Services.conference_tracker, Services.github_innovation_graph,
        Services.stackoverflow_survey, Services.pwc_archive, Services.github_repositories, Services.github_star_history,
        Services.github_new_repositories, Services.stackexchange_questions, Services.package_downloads,
        Services.package_downloads_history, Services.conda_downloads,
        Services.package_index, Services.npm_downloads, Services.hub_models, Services.hn_who_is_hiring,
        Services.mlperf_training, Services.mlperf_inference, Services.hub_daily_papers, Services.paperswithcode,
    )
}  # fmt: skip
