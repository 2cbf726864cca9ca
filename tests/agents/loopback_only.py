"""Runs a command where only loopback exists, and writes down who wanted to go further.

    python tests/agents/loopback_only.py EGRESS.jsonl -- pytest -m agents

A network namespace of its own has no way out. Its name server (ours) answers every name with
127.0.0.2, where a trap listens: each line of EGRESS.jsonl is a name asked for or a connection made.
Where namespaces are not allowed (no root), the command runs without, and says so.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

TRAP = "127.0.0.2"
TRAPPED_PORTS = (80, 443)
LOG_VARIABLE = "AIWEBHOOK_EGRESS_LOG"
_INSIDE = "--inside"


def main(arguments: list[str]) -> int:
    """Exit code of the command."""
    if arguments[:1] == [_INSIDE]:
        return _run_inside(Path(arguments[1]), arguments[3:])
    log, command = Path(arguments[0]).absolute(), arguments[2:]
    if not _may_unshare():
        sys.stderr.write("no network namespace here: nobody watches for egress\n")
        return subprocess.run(command, check=False).returncode
    namespace = ["unshare", "--net", "--mount", "--fork", "--kill-child=KILL"]
    own = [sys.executable, __file__, _INSIDE, str(log), "--", *command]
    return subprocess.run([*namespace, *own], check=False).returncode


def _may_unshare() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    probe = ["unshare", "--net", "--mount", "ip", "link", "set", "lo", "up"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _run_inside(log: Path, command: list[str]) -> int:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolver:
        resolver.write("nameserver 127.0.0.1\n")
        resolver.flush()
        Path(resolver.name).chmod(0o644)
        subprocess.run(["mount", "--bind", resolver.name, "/etc/resolv.conf"], check=True)
        log.unlink(missing_ok=True)
        log.touch()
        trap = _Trap(log)
        trap.start()
        environment = {**os.environ, LOG_VARIABLE: str(log)}  # noqa: TID251 - reason: a launcher passes its environment on
        return subprocess.run(command, env=environment, check=False).returncode


class _Trap:
    """A name server and listeners, each in a thread that ends with the process."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()

    def start(self) -> None:
        """Listens when this returns."""
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind(("127.0.0.1", 53))
        threading.Thread(target=self._answer_names, args=(names,), daemon=True).start()
        for port in TRAPPED_PORTS:
            server = socket.create_server((TRAP, port))
            threading.Thread(target=self._accept, args=(server, port), daemon=True).start()

    def _write(self, **line: object) -> None:
        with self._lock, self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _answer_names(self, names: socket.socket) -> None:
        while True:
            query, client = names.recvfrom(2048)
            name, end = _name_of(query)
            kind = struct.unpack(">H", query[end : end + 2])[0]
            self._write(kind="name", name=name)
            head = query[:2] + b"\x81\x80" + query[4:6]
            question = query[12 : end + 4]
            if kind == 1:  # A
                address = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(TRAP)
                names.sendto(head + b"\0\1\0\0\0\0" + question + address, client)
            else:
                names.sendto(head + b"\0\0\0\0\0\0" + question, client)

    def _accept(self, server: socket.socket, port: int) -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(2)
                try:
                    first = connection.recv(2048)
                except OSError:
                    first = b""
            self._write(kind="connection", port=port, first=first[:120].decode("latin-1"))


def _name_of(query: bytes) -> tuple[str, int]:
    """The name asked for, and where it ends."""
    labels: list[str] = []
    place = 12
    while query[place]:
        size = query[place]
        labels.append(query[place + 1 : place + 1 + size].decode("latin-1"))
        place += size + 1
    return ".".join(labels), place + 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
