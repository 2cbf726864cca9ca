"""The same request on both paths: to a warm process of the front's own, and through the emulator's
gateway and function processes (`aiwebhook local up --emulator`). Byte for byte the same answer.

Left out of the corpus is what the emulator has differently from API Gateway: it joins repeated
headers to one, takes the first of a query's repeated values for the only one, and passes on what is
no answer. `test_rest_api.py` has these.
"""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.local.conftest import ToyStack, reachable_folder, run_toy_stack

RANDOM = re.compile(rb"(req_|requestid: )[0-9a-f-]{36}")
FORM = "Content-Type: application/x-www-form-urlencoded"
CORPUS = [
    ("GET /", ""),
    ("GET /v1/event", ""),
    ("GET /v1/event?x=1&y=&z=%20%C3%A4&%66=g+h", ""),
    ("GET /v1/event?%ff=%zz&=&&a", ""),
    ("GET /v1/event?x=a;b&q=a%26b%3Dc", ""),
    ("HEAD /v1/event", ""),
    ("DELETE /v1/event", ""),
    ("OPTIONS /v1/event", ""),
    ("BREW /v1/event", ""),
    ("POST /v1/event", "{}"),
    ("POST /v1/event", "\0\1\2\u00e4 not JSON"),
    (f"POST /v1/event\n{FORM}", "a=1&b=%20"),
    ("PUT /v1/event\nContent-Type: image/png\nAccept: image/png", "\x89PNG"),
    ("GET /v1/event\nAuthorization: Bearer secret\nCookie: a=1; b=2\nX-Odd: \u00e4", ""),
    ("GET /v1/event\nX-Forwarded-For: 203.0.113.7\nUser-Agent: corpus/1", ""),
    ("GET /v1/event\nX-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678", ""),
    ("GET /v1/%65vent", ""),
    ("GET //v1//event//", ""),
    ("GET /v1/things/a%20b%2Fc/%C3%A4", ""),
    ("GET /v1/things?status=404", ""),
    ("GET /v1/bytes?size=1000", ""),
    ("GET /v1/bytes?size=4720000", ""),
    ("GET /v1/crash", ""),
    ("GET /v1/exit", ""),
    ("POST /webhook", "not JSON"),
    ("POST /webhook/", "{}"),
    ("POST /v1/things", "x" * 4_900_000),
    ("GET /v1/things\nX-Long: " + "x" * 10_300, ""),
    ("GET /v1/things\nHost: elsewhere.example", ""),
    ("GET /v1/things\nOrigin: https://elsewhere.example", ""),
    ("FOO-BAR /v1/event", ""),
    ("CONNECT /v1/event", ""),
    ("OPTIONS *", ""),
    ("GET http://elsewhere.example/v1/event", ""),
    ("GET /v1/../v1/event", ""),
    ("GET /v1/%2e%2e/v1/event", ""),
    ("GET /v1%2Fevent", ""),
    ("GET /v1/things/%zz/%00/%ff", ""),
    ("GET /v1/event#fragment", ""),
    ("GET /v1/event?", ""),
    ("GET /v1/event??x=%00", ""),
    ("GET /v1/event?X-Amz-Security-Token=%C3%A4", ""),
    ("GET /v1/event?x=" + "y" * 9_000, ""),
    ("GET /v1/things/" + "x" * 9_000, ""),
    ("GET /v1/event\nX-Amz-Security-Token: \u00e4", ""),
    ("GET /v1/event\nX-Empty:\nX-Control: a\x01b", ""),
    ("GET /v1/event\nX-Folded: a\n b", ""),
    ("GET /v1/event\nAUTHORIZATION: bearer a\nACCEPT: text/html;q=0", ""),
    ("GET /v1/event\n" + "\n".join(f"X-{n}: {n}" for n in range(500)), ""),
    ("GET /v1/event\nTransfer-Encoding: gzip", ""),
    ("GET /v1/event\nContent-Length: 5", ""),
    ("POST /v1/event\nContent-Type: \u00ff/;;", "{}"),
    ("POST /v1/event\nContent-Encoding: gzip", "\x1f\x8b"),
    ("POST /v1/event\nExpect: 200-ok\nRange: bytes=0-3", "{}"),
    ("POST / \nX-Amz-Target: AmazonEC2ContainerServiceV20141113.ListTasks", "{}"),
]
WHOLE = {
    "HTTP/1.0": b"GET /v1/event HTTP/1.0\r\nHost: HOST\r\n\r\n",
    "no host": b"GET /v1/event HTTP/1.0\r\n\r\n",
    "two hosts": b"GET /v1/event HTTP/1.1\r\nHost: HOST\r\nHost: elsewhere.example\r\n\r\n",
    "only a path": b"GET /v1/event\r\n\r\n",
    "line feeds": b"GET /v1/event HTTP/1.1\nHost: HOST\nConnection: close\n\n",
    "no colon": b"GET /v1/event HTTP/1.1\r\nHost: HOST\r\nx\r\n\r\n",
    "path as bytes": b"GET /v1/\xe4 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "chunks": b"POST /v1/event HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\n{}\n\r\n1\r\n \r\n0\r\nX-Trailer: 1\r\n\r\n",
    "no chunks": b"POST /v1/event HTTP/1.1\r\nHost: HOST\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "two lengths": b"POST /v1/event HTTP/1.1\r\nHost: HOST\r\n"
    b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "no length": b"POST /v1/event HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    "100 continue": b"POST /v1/event HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n"
    b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "one after another": b"GET /v1/event HTTP/1.1\r\nHost: HOST\r\n\r\n"
    b"POST /v1/event HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\n{}"
    b"GET /nowhere HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
}
"""Requests as they are sent, where HOST stands for the front's own."""


@dataclass(frozen=True)
class Answer:
    """All that a caller sees, but for what is random in it."""

    status: bytes
    headers: list[bytes]
    body: bytes


@pytest.fixture(scope="module")
def emulated_stack() -> Iterator[ToyStack]:
    """A toy stack whose functions the emulator runs itself."""
    with reachable_folder("emulated") as folder:
        yield from run_toy_stack(folder, emulator=True)


def answer(stack: ToyStack, request: str, body: str) -> Answer:
    """Ask as bytes: no client shall repair anything."""
    port = int(stack.info.url.rpartition(":")[2])
    first, *headers = request.split("\n")
    content = body.encode()
    hosts = [line for line in headers if line.startswith("Host:")]
    more = [*([] if hosts else ["Host: 127.0.0.1:" + str(port)]), "Connection: close"]
    lines = [f"{first} HTTP/1.1", *headers, *more, f"Content-Length: {len(content)}", "", ""]
    received = received_for(port, "\r\n".join(lines).encode() + content)
    head, _, received_body = received.partition(b"\r\n\r\n")
    status, *names = without_chance(head, port).split(b"\r\n")
    kept = sorted(line for line in names if not line.lower().startswith(b"date:"))
    return Answer(status=status, headers=kept, body=without_chance(received_body, port))


def received_for(port: int, request: bytes) -> bytes:
    """All bytes until the front closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def without_chance(text: bytes, port: int) -> bytes:
    """Without request ids, and with one port for both stacks."""
    return RANDOM.sub(b"ID", text).replace(str(port).encode(), b"12345")


@pytest.mark.req("O5")
@pytest.mark.parametrize(("request_text", "body"), CORPUS, ids=lambda text: str(text)[:40])
def test_both_paths_answer_every_byte_alike(
    toy_stack: ToyStack, emulated_stack: ToyStack, request_text: str, body: str
) -> None:
    warm = answer(toy_stack, request_text, body)
    emulated = answer(emulated_stack, request_text, body)

    assert warm == emulated
    assert warm.status.startswith(b"HTTP/1.1 ")


@pytest.mark.req("O5")
@pytest.mark.parametrize("request_bytes", WHOLE.values(), ids=WHOLE)
def test_both_paths_answer_whatever_is_sent_alike(
    toy_stack: ToyStack, emulated_stack: ToyStack, request_bytes: bytes
) -> None:
    answers: list[list[bytes]] = []
    for stack in (toy_stack, emulated_stack):
        port = int(stack.info.url.rpartition(":")[2])
        whole = request_bytes.replace(b"HOST", f"127.0.0.1:{port}".encode())
        shown = without_chance(received_for(port, whole), port)
        answers.append(sorted(line for line in shown.split(b"\r\n") if line[:5] != b"date:"))
        assert shown.startswith(b"HTTP/1.1 ")

    assert answers[0] == answers[1]
