"""Which signals stop what runs until it is stopped."""

import os
import signal
from collections.abc import Iterator

import pytest

from aiwebhook_local.interrupting import signals_interrupt

pytestmark = pytest.mark.req("O5")


@pytest.fixture(autouse=True)
def closed_terminal() -> Iterator[None]:
    """What a closed terminal does to this process, as it was before."""
    before = signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_the_first_signal_interrupts_and_others_no_longer_do() -> None:
    with signals_interrupt():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL


def test_a_closed_terminal_stops_nothing_under_nohup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with signals_interrupt():
        os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
