"""Ctrl-C or SIGTERM as a wish to end early: the step in work stops, and what it has done so far is kept."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def set_by_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C or SIGTERM in this block sets; the next one does what it usually does.

    Outside the main thread, which alone receives them, nothing is changed, nor is a signal that the process ignores.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    answered = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in answered:
        signal.signal(number, on_signal)
    try:
        yield stop
    finally:
        for number in answered:
            signal.signal(number, before[number])
