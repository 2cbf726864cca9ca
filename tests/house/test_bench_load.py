"""What loads a stack for the bench, and whose CPU it counts."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.http_load import HttpLoad
from benchmarks.stack_cpu import CLIENT, OTHERS, PARTS, cpu_s

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nslow"


class Server:
    """Answers each request with the next of `answers`, and keeps what it was sent."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = [*answers]
        self.connections = 0
        self.bodies: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while self.answers:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            self.bodies.append(await reader.readexactly(length))
            writer.write(self.answers.pop(0))
        writer.close()

    def run(self, work: Callable[[HttpLoad], Awaitable[None]]) -> None:
        """Have `work` send requests here."""

        async def whole() -> None:
            async with await asyncio.start_server(self.serve, "127.0.0.1", 0) as listening:
                port = listening.sockets[0].getsockname()[1]
                load = HttpLoad(f"http://127.0.0.1:{port}", "any-key")
                try:
                    await work(load)
                finally:
                    await load.close()

        asyncio.run(whole())


def test_requests_follow_each_other_on_one_connection() -> None:
    server = Server(OK, OK, OK)

    async def three(load: HttpLoad) -> None:
        for number in range(3):
            await load.post("/webhook", {"n": number})

    server.run(three)
    assert server.bodies == [b'{"n": 0}', b'{"n": 1}', b'{"n": 2}']
    assert server.connections == 1


def test_an_answer_that_is_no_200_ends_the_measurement() -> None:
    async def one(load: HttpLoad) -> None:
        await load.post("/webhook", {})

    with pytest.raises(RuntimeError, match=r"429.*slow"):
        Server(REFUSED).run(one)


def test_cpu_is_counted_for_the_client_and_for_what_descends_from_it() -> None:
    before = cpu_s()
    busy = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"
    command = [sys.executable, "-c", busy]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        spent = cpu_s()
        child.communicate(b"\n")
    assert set(spent) == set(PARTS)
    assert spent[OTHERS] - before[OTHERS] >= 0.2
    assert spent[CLIENT] >= before[CLIENT]
