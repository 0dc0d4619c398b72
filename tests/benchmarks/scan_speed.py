"""How a scan of PDF files scales with its processes, what part of it is getting the text out, and the memory it takes.

    python tests/benchmarks/scan_speed.py [PAPERS] [WORKERS]

Papers are written on the spot: a dozen pages of plain words each, with a labelled snippet here and there. One process
and WORKERS of them (as many as there are cores if not given) take turns; the median of the rounds' ratios is told, and
beside it how much faster as many processes were that only count, since a busy machine has no cores to give.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from detector import SNIPPETS, pdf, rules

from pipeline.detect.files.scan import ScanControl, scan
from pipeline.detect.files.scan_units import FileResult, scan_units_of
from pipeline.detect.rules.matcher import Matcher

ROUNDS = 3
PAGES = 12
LINES = 48
PLAIN_LINES_A_NAME = 30
MEGABYTE = 1 << 20
COUNT = "x = 0\nfor number in range(20_000_000): x += number"


def papers(folder: Path, count: int) -> None:
    """Write the papers, the same at every call."""
    generator = random.Random(2024)
    lines = (SNIPPETS / "tuning.jsonl").read_text(encoding="utf-8").splitlines()
    snippets = [text for line in lines if is_printable(text := json.loads(line)["text"])]
    words = sorted({word for text in snippets for word in text.split() if word.isalpha() and word.islower()})
    matcher = Matcher(rules())
    words = [word for word in words if not any(matcher.hits(word.encode()))]
    for number in range(count):
        pages = [[line_of(generator, snippets, words) for _ in range(LINES)] for _ in range(PAGES)]
        (folder / f"{number}.pdf").write_bytes(pdf(pages))


def is_printable(text: str) -> bool:
    """Whether a PDF's string can hold it as it is, on one line."""
    return text.isascii() and text.isprintable() and len(text) < 90 and not set(text) & set("()\\")


def line_of(generator: random.Random, snippets: list[str], words: list[str]) -> str:
    if generator.randrange(PLAIN_LINES_A_NAME) == 0:
        return generator.choice(snippets)
    return " ".join(generator.choices(words, k=11))


class Timed(NamedTuple):
    """The seconds that a scan took, those of all processors together, and the part that went into getting text out."""

    seconds: float
    processor_seconds: float
    extraction_share: float


def timed(folder: Path, workers_count: int) -> Timed:
    started, processors_started = perf_counter(), processor_seconds()
    total = extraction = 0.0
    for result in results_of(folder, workers_count):
        total += result.inspection.seconds
        extraction += result.inspection.extraction_seconds
    return Timed(perf_counter() - started, processor_seconds() - processors_started, extraction / total)


def cores_given(workers_count: int) -> float:
    """How many times as much as one process so many get done that need nothing but a processor."""
    return workers_count * counting_seconds(1) / counting_seconds(workers_count)


def counting_seconds(processes_count: int) -> float:
    started = perf_counter()
    counting = [subprocess.Popen([sys.executable, "-c", COUNT]) for _ in range(processes_count)]
    for process in counting:
        process.wait()
    return perf_counter() - started


def processor_seconds() -> float:
    """What this process and those that it started and that have ended took so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def results_of(folder: Path, workers_count: int) -> "list[FileResult]":
    return list(scan(scan_units_of(folder), rules(), ScanControl(), workers_count=workers_count, file_seconds=300))


def main(papers_count: int, workers_count: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        papers(folder, papers_count)
        rounds = [(timed(folder, 1), timed(folder, workers_count), cores_given(workers_count)) for _ in range(ROUNDS)]
    alone, together = (median(each[place].seconds for each in rounds) for place in (0, 1))
    busy_alone, busy_together = (median(each[place].processor_seconds for each in rounds) for place in (0, 1))
    ratio = median(each[0].seconds / each[1].seconds for each in rounds)
    share = median(each[0].extraction_share for each in rounds)
    given = median(each[2] for each in rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    sys.stdout.write(
        f"{papers_count} papers of {PAGES} pages: one process {alone:.1f} s, {workers_count} processes "
        f"{together:.1f} s, {ratio:.2f} times as fast\n"
        f"processor time: {busy_alone:.1f} s by one process, {busy_together:.1f} s by {workers_count}\n"
        f"{workers_count} processes that only count: {given:.2f} times as fast; load {os.getloadavg()[0]:.1f} "
        f"on {os.cpu_count()} cores\n"
        f"getting the text out of the PDF files: {share:.0%} of the work\n"
        f"memory of the process that directs them: {peak:.0f} MiB at most\n"
    )
    return 0


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:]]
    sys.exit(main(counts[0] if counts else 400, counts[1] if len(counts) > 1 else os.cpu_count() or 1))
