"""The program of a function process: AWS's runtime interface client around one handler.

`python -P program.py SEALED_FILE NAME`, started by `function_process`. Before anything of the
function is loaded, the process closes itself to others, takes its secrets and its memory limit,
and sees to it that it does not outlive the front. Everything else (loading the handler, the
context, errors, logs) is awslambdaric's own, but for the way to the Runtime API: it would be a port
that any program of the machine can ask for the next event; here it is a socket that the front has
given us, and nobody else has.

Standard library until then: the packages on the path are the function's.
"""

import contextlib
import ctypes
import importlib
import io
import os
import resource
import runpy
import signal
import socket
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_CALLS = "/2018-06-01/runtime"


class _Lines(io.TextIOBase):
    """Standard output and error, written in whole lines, so that those of two
    processes never mix; bytes given to `buffer` are written at once.
    """

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, descriptor: int) -> None:
        self.buffer = open(descriptor, "wb", buffering=0, closefd=False)  # noqa: SIM115 - as long as the process
        self._unfinished = ""

    def write(self, text: str) -> int:
        """Keeps an incomplete line."""
        lines, found, rest = (self._unfinished + text).rpartition("\n")
        self._unfinished = rest
        if found:
            # A full disk fails no function: Lambda's logs never do.
            with contextlib.suppress(OSError):
                self.buffer.write(f"{lines}\n".encode(errors="replace"))
        return len(text)

    def flush(self) -> None:
        """Writes at the end of a line."""

    def fileno(self) -> int:
        """For code that writes to the descriptor."""
        return self.buffer.fileno()

    def writable(self) -> bool:
        """For code that looks before it writes."""
        return True


class _Front:
    """The front's end of the Runtime API: HTTP/1.1 with lengths, one call at a time.

    Not http.client, whose reading of headers is a third of what a warm call costs.
    """

    def __init__(self, given: socket.socket) -> None:
        self._socket = given
        self._answers = given.makefile("rb")
        self._unsent = b""
        self._unread = 0

    def tell(self, path: str, body: bytes) -> None:
        """Sent with the next call, which follows at once: front and process are woken
        once, not twice.
        """
        self._unsent += _request("POST", path, body)
        self._unread += 1

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[dict[str, str], bytes]:
        """Headers (names in lower case) and body of the answer."""
        self._socket.sendall(self._unsent + _request(method, path, body))
        told, self._unsent, self._unread = self._unread, b"", 0
        for _ in range(told):
            self._read()
        return self._read()

    def _read(self) -> tuple[dict[str, str], bytes]:
        if not self._answers.readline():
            raise SystemExit("the front is gone")
        headers: dict[str, str] = {}
        while line := self._answers.readline().strip():
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        return headers, self._answers.read(int(headers["content-length"]))


def _request(method: str, path: str, body: bytes) -> bytes:
    head = f"{method} {_CALLS}{path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def main() -> None:
    """Serve one function until the front closes the connection."""
    environment = os.environ  # noqa: TID251 - a program of its own, and its environment the function's
    sealed_file, _name = sys.argv[1:]
    _end_with_the_front()
    runpy.run_path(sealed_file)["unseal"]()
    given = socket.socket(fileno=int(environment.pop("AIWEBHOOK_RUNTIME_SOCKET")))
    given.set_inheritable(False)
    _limit_memory(int(environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]))
    sys.stdout, sys.stderr = _Lines(1), _Lines(2)
    del sys.argv[1:]
    _serve(environment["_HANDLER"], _Front(given))


def _end_with_the_front() -> None:
    """Exit when the front does, even in the middle of an event: nobody would receive the answer."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _limit_memory(megabytes: int) -> None:
    """The most it may allocate; beyond that Python raises MemoryError, where Lambda would kill.
    Reserved thread stacks count, unlike on Lambda.
    """
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _serve(handler: str, front: _Front) -> None:
    # Imported by name, because it has no types, and only here, after the limits are set.
    bootstrap: Any = importlib.import_module("awslambdaric.bootstrap")
    lambda_runtime_client: Any = importlib.import_module("awslambdaric.lambda_runtime_client")

    class Client(lambda_runtime_client.LambdaRuntimeClient):
        """Has the methods of the awslambdaric client that it replaces."""

        def wait_next_invocation(self) -> Any:
            given, event = front.call("GET", "/invocation/next")
            return lambda_runtime_client.InvocationRequest(
                invoke_id=given["lambda-runtime-aws-request-id"],
                x_amzn_trace_id=None,
                invoked_function_arn=given["lambda-runtime-invoked-function-arn"],
                deadline_time_in_ms=int(given["lambda-runtime-deadline-ms"]),
                client_context=None,
                cognito_identity=None,
                tenant_id=None,
                content_type=given["content-type"],
                event_body=event,
                invocation_id=None,
            )

        def post_invocation_result(
            self, invoke_id: str, result_data: str | bytes, *_content_type_and_id: Any
        ) -> None:
            data = result_data.encode() if isinstance(result_data, str) else result_data
            front.tell(f"/invocation/{invoke_id}/response", data)

        def post_invocation_error(
            self, invoke_id: str, error_response_data: str, *_xray_and_id: Any
        ) -> None:
            front.tell(f"/invocation/{invoke_id}/error", error_response_data.encode())

        def post_init_error(self, error_response_data: Any, *_type: Any) -> None:
            front.call("POST", "/init/error", bootstrap.to_json(error_response_data).encode())

    bootstrap.run(handler, Client("the front"))


if __name__ == "__main__":
    main()
