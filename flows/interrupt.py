"""Ctrl-C as a wish to end early: the step that is at it stops, and what it has done so far is kept."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def set_by_interrupt(stop: threading.Event) -> Iterator[None]:
    """Let the first Ctrl-C in this block set `stop`; the next one interrupts as usual.

    Outside the main thread, which alone hears of Ctrl-C, and in a process that ignores it, nothing is changed.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is signal.SIG_IGN:
        yield
        return

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
