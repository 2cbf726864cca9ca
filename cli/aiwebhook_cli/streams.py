"""Standard input, output and error, made ready before anything is printed, and silenced after."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def prepare_streams() -> None:
    """A closed stream becomes one that takes anything, and no character is too much for one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 open while the process lives
        elif isinstance(stream, io.TextIOWrapper) and mode == "w":
            stream.reconfigure(errors="backslashreplace")


def write_own(text: str) -> None:
    """Text of this package, which nobody else had a hand in: as it is."""
    sys.stdout.write(text)


def silence(stream: TextIO) -> None:
    """What is left in the stream goes nowhere, so that Python does not complain while it exits."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return
