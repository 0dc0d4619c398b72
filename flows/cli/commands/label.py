"""`observatory label`: draw papers and repositories of a corpus, and ask what they use in truth."""

import re
import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from flows.cli.terminal import say, shown_progress
from pipeline.errors import BadInput
from pipeline.jobs.label_file import LabelledSubject, read_subjects, write_subjects
from pipeline.reference import known_frameworks
from pipeline.settings import Settings

_ASK = "uses: "
_HELP = (
    "Open each, and type the frameworks that it uses, apart by spaces; none; ? shows what the detector found; "
    "u: cannot tell; b: back to the one before; q: stop. What was answered is kept, and the same command goes on."
)


def label(
    *paths: Path,
    subjects: Path | None = None,
    to: Path = Path("labels.jsonl"),
    sample: int = 200,
    seed: int = 0,
    quiet: bool = False,
) -> None:
    """Draw subjects of a corpus for labelling and ask for each, in the terminal, which frameworks it uses.

    The draw is random with recorded probabilities: subjects that the rules are in doubt about are drawn more often, and
    `observatory audit FILE --corpus PATH…` undoes that. A file that has been drawn is gone on with.

    Args:
        paths: The corpus, as for `observatory scan`: files, folders, archives; not needed to go on.
        subjects: CSV file that says what the subjects of the corpus are, as for `observatory scan`.
        to: File of labels, one JSON object per line.
        sample: How many subjects to draw.
        seed: Another number draws other subjects.
        quiet: Show no progress.
    """
    if not to.exists() or (to.is_file() and not to.stat().st_size):
        write_subjects(to, _drawn(paths, subjects, sample, seed, is_quiet=quiet))
    drawn = read_subjects(to)
    _ask_all(to, drawn)
    unsure = sum(each.is_unsure for each in drawn)
    waiting = sum(each.is_open for each in drawn)
    say(f"{len(drawn) - waiting - unsure} labelled, {unsure} unsure, {waiting} open in {to}.")
    if not waiting:
        of_list = ["--subjects", str(subjects)] if subjects else []
        corpus = shlex.join([word for path in paths for word in ("--corpus", str(path))] + of_list)
        say(f"Next: observatory audit {to} {corpus or '--corpus …, the corpus that they were drawn from.'}")
    else:
        say("The same command goes on where you stopped.")


def _drawn(
    paths: tuple[Path, ...], listed: Path | None, sample: int, seed: int, *, is_quiet: bool
) -> list[LabelledSubject]:
    from pipeline.jobs.audit import scan_and_draw
    from pipeline.jobs.scan import local_scanner
    from pipeline.jobs.scan_subjects import WhatToScan

    if not paths and not listed:
        raise BadInput("Give the corpus to draw from: files, folders or archives.")
    if sample < 1:
        raise BadInput("Draw at least one: --sample 200.")
    what = WhatToScan(paths=paths, subjects_file=listed)
    with shown_progress(is_quiet=is_quiet):
        subjects, sentences = scan_and_draw(Settings(), what, local_scanner(), sample, seed)
    say(*sentences)
    return subjects


def _ask_all(path: Path, subjects: list[LabelledSubject]) -> None:
    """Ask for every open subject until there is none, or whoever answers stops; each answer is kept at once."""
    answered: list[int] = []
    index = _next_open(subjects)
    say(_HELP)
    while index is not None:
        word = _answer(f"{index + 1}/{len(subjects)}", subjects[index])
        if word is None or word == "q":
            return
        if word == "b":
            index = answered.pop() if answered else index
        elif given := _label_of(word, subjects[index]):
            subjects[index] = given
            write_subjects(path, subjects)
            answered.append(index)
            index = _next_open(subjects)


def _next_open(subjects: Sequence[LabelledSubject]) -> int | None:
    return next((index for index, each in enumerate(subjects) if each.is_open), None)


def _answer(number: str, subject: LabelledSubject) -> str | None:
    """Return what was typed; null where the input is at its end or was interrupted."""
    say(f"{number}  {subject.subject}", f"      {subject.at or ''}")
    try:
        return input(_ASK).strip().lower()
    except (EOFError, KeyboardInterrupt):
        return None


def _label_of(word: str, subject: LabelledSubject) -> LabelledSubject | None:
    """Return the subject with the answer; null where it is none, after saying why or showing what was asked for."""
    if word == "?":
        say(*(f"      {hint}" for hint in subject.hints or ["The detector found nothing."]))
        return None
    if word == "u":
        return subject.model_copy(update={"uses": None, "is_unsure": True})
    if not word:
        say("Type frameworks, none, or one of ? u b q.")
        return None
    known = {key: each.id for each in known_frameworks() for key in (each.id, each.title.lower())}
    names = [] if word == "none" else [word] if word in known else re.split(r"[,\s]+", word)
    if unknown := next((name for name in names if name not in known), None):
        near = get_close_matches(unknown, known, n=3)
        say(f"{unknown} is no framework that is known{'; did you mean ' + ', '.join(near) + '?' if near else '.'}")
        return None
    return subject.model_copy(update={"uses": sorted({known[name] for name in names}), "is_unsure": False})
