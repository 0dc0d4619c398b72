"""How fast names are found in clean text, against ripgrep with the same names on the same files, one thread each.

    python tests/benchmarks/matching_speed.py [MEGABYTES] [ROUNDS]

Text of two kinds is drawn from the project's own labelled snippets: of papers, in which one line in thirty names
something, and of repositories that are dense with names, in which every second line does. Snippets stand among other
words each time, but come again, so that what is remembered of a sentence helps more than in text that never repeats.
Each side reads every file from the disk's cache; rounds alternate, and the median of the rounds' ratios is told. What
counts is processor time, of which other work on the machine takes nothing.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from pipeline.detect.rules.matcher import Matcher
from pipeline.detect.rules.ruleset import read_rules
from pipeline.detect.text.mentions import MentionFinder, finder_of
from pipeline.settings import PROJECT_ROOT, Settings

FILE_BYTES = 1_000_000
ROUNDS = 3
LONGEST_SECONDS = 600
PLAIN_LINES_A_NAME = {"paper": 30, "name-dense": 1}
"""Lines of plain words for each line of a snippet: most of a paper is about something else."""


def corpus(folder: Path, kind: str, megabytes: int, matcher: Matcher) -> list[Path]:
    """Write the files and return them; the same at every call. Plain words are those in which nothing is found."""
    generator = random.Random(2024)
    snippets = [
        json.loads(line)["text"]
        for file in sorted((PROJECT_ROOT / "tests" / "detector_snippets").glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    words = sorted({word for text in snippets for word in text.split() if word.isalpha() and word.islower()})
    words = [word for word in words if not any(matcher.hits(word.encode()))]
    files = []
    for number in range(megabytes):
        file = folder / f"{kind}-{number}.txt"
        with file.open("w", encoding="utf-8") as output:
            while output.tell() < FILE_BYTES:
                output.write(generator.choice(snippets) + "\n")
                for _ in range(PLAIN_LINES_A_NAME[kind]):
                    output.write(" ".join(generator.choices(words, k=12)) + "\n")
        files.append(file)
    return files


def processor_seconds(work: Callable[[], object]) -> float:
    """The time of this process and of those that it starts and that end."""
    started = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - started


def with_ripgrep(ripgrep: str, spellings: tuple[str, ...], folder: Path, files: list[Path]) -> Callable[[], object]:
    """Return a run over the files that looks for every name, in any case, on one thread."""
    patterns = folder / "names"
    patterns.write_text("\n".join(spellings), encoding="utf-8")
    command = [ripgrep, "-c", "-i", "-F", "-j1", "-a", "--no-config", "-f", str(patterns), *map(str, files)]
    return lambda: subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_SECONDS)


def names(matcher: Matcher, files: list[Path]) -> None:
    for file in files:
        for _ in matcher.hits(file.read_bytes()):
            pass


def mentions(finder: MentionFinder, files: list[Path]) -> None:
    for file in files:
        with file.open("rb") as stream:
            for _ in finder.stream(iter(lambda: stream.read(1 << 16), b"")):
                pass


def main(megabytes: int, rounds_count: int) -> int:
    ripgrep = shutil.which("rg")
    if ripgrep is None:
        sys.stderr.write("ripgrep is not installed, so nothing can be compared: install it (rg) and run again.\n")
        return 1
    ruleset = read_rules(Settings().reference_folder)
    matcher, finder = Matcher(ruleset), finder_of(ruleset)
    for kind in PLAIN_LINES_A_NAME:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            files = corpus(folder, kind, megabytes, matcher)
            search = with_ripgrep(ripgrep, matcher.spellings, folder, files)
            rounds = [
                tuple(
                    processor_seconds(work)
                    for work in (search, partial(names, matcher, files), partial(mentions, finder, files))
                )
                for _ in range(rounds_count)
            ]
        size = megabytes * FILE_BYTES / 1e6
        for title, place in (("ripgrep -c", 0), ("names", 1), ("mentions with section, stance and role", 2)):
            taken = median(each[place] for each in rounds)
            ratio = median(each[place] / each[0] for each in rounds)
            sys.stdout.write(f"{kind} text, {title}: {size / taken:.1f} MB/s, {ratio:.2f} times ripgrep's time\n")
    return 0


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*given, *(200, ROUNDS)[len(given) :]))
