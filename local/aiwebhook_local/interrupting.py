"""Turns Ctrl-C, SIGTERM and a closed terminal into an orderly stop."""

import contextlib
import signal
from collections.abc import Generator
from types import FrameType


@contextlib.contextmanager
def signals_interrupt() -> Generator[None]:
    """The first signal raises KeyboardInterrupt. Further ones are ignored, because stopping takes a
    bounded time; so is a closed terminal under `nohup`.
    """
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
