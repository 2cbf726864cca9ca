"""What a process printed is heard to its last line, however late its reader comes to run."""

import os
import threading
from collections.abc import Iterator
from typing import IO

import pytest

from aiwebhook_runner.process.pipes import LONGEST_PIPE_BYTES, READ_BYTES, read_to_the_end

pytestmark = pytest.mark.req("T4")

Ends = tuple[IO[bytes], int]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Where it is read, and the descriptor that somebody keeps open for writing."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        yield pipe, writing
        os.close(writing)


@pytest.fixture
def gone() -> threading.Event:
    return threading.Event()


def test_a_reader_that_begins_after_the_end_still_takes_all(
    ends: Ends, gone: threading.Event
) -> None:
    pipe, writing = ends
    os.write(writing, b"x" * 60_000 + b"the result\n")
    gone.set()
    taken: list[bytes] = []
    read_to_the_end(pipe, taken.append, gone=gone)
    assert b"".join(taken) == b"x" * 60_000 + b"the result\n"


def test_what_is_written_between_two_looks_is_taken_though_the_writer_is_gone_by_then(
    ends: Ends, gone: threading.Event
) -> None:
    pipe, writing = ends
    taken: list[bytes] = []

    def take(data: bytes) -> None:
        taken.append(data)
        if not gone.is_set():
            os.write(writing, b"the result")
            gone.set()

    os.write(writing, b"working, ")
    read_to_the_end(pipe, take, gone=gone)
    assert b"".join(taken) == b"working, the result"


def test_one_who_outlived_the_writer_and_goes_on_is_not_listened_to(
    ends: Ends, gone: threading.Event
) -> None:
    pipe, writing = ends
    os.write(writing, bytes(READ_BYTES))
    gone.set()
    taken = 0

    def take(data: bytes) -> None:
        nonlocal taken
        taken += len(data)
        os.write(writing, data)

    read_to_the_end(pipe, take, gone=gone)
    assert LONGEST_PIPE_BYTES <= taken <= LONGEST_PIPE_BYTES + READ_BYTES


def test_closed_by_everybody_is_the_end_though_nobody_says_so(gone: threading.Event) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"all")
    os.close(writing)
    taken: list[bytes] = []
    with os.fdopen(reading, "rb") as pipe:
        read_to_the_end(pipe, taken.append, gone=gone)
    assert taken == [b"all"]
