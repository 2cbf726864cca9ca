"""How long a command line takes, next to an interpreter that does nothing."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.coldimport import ROOT
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times

TARGETS = {"--help": 4.0, "session list": 8.0}
_NOTHING = "python -c pass"
_SCRIPT = "import re, sys; from aiwebhook_cli.__main__ import entry; sys.exit(entry())"
"""What pip writes into the file `aiwebhook`."""
_LINES = ("--help", "session list", "session list --json", "session list --help")
_WHY = "typer, and http.client with ssl and email, are the most of it (ADR 0031)"
_SESSION = {"status": "active", "title": "Carbon", "last_activity_at": "2026-11-29T10:00:00Z"}
_ANSWER = {"sessions": [{"session_id": f"s{n}", **_SESSION} for n in range(20)]}


def run(lab: Lab, effort: Effort) -> Section:
    """Wall time of whole processes that write into a pipe and talk to a server in this process."""
    del lab
    say(f"command lines: {', '.join(_LINES)}")
    with _server() as url:
        cells: dict[str, Callable[[], float]] = {
            _NOTHING: partial(_seconds, ["-c", "pass"], url),
            **{x: partial(_seconds, ["-c", _SCRIPT, *x.split()], url) for x in _LINES},
        }
        shuffled_rounds(cells, 1)  # compiled files are written
        found = shuffled_rounds(cells, 5 if effort.quick else 30)
    medians = {name: statistics.median(seconds) for name, seconds in found.items()}
    ratios = {name: seconds / medians[_NOTHING] for name, seconds in medians.items()}
    rows = [
        (f"`{name}`", f"{seconds * 1000:.0f} ms", times(ratios[name]))
        for name, seconds in medians.items()
    ]
    return Section(
        title="Start of the command line",
        how="Whole processes that write into a pipe; the median. The server answers 20 sessions.",
        tables=(Table(header=("command line", "takes", "÷ nothing"), rows=rows),),
        verdicts=tuple(_verdict(name, ratios[name], most) for name, most in TARGETS.items()),
    )


def _verdict(name: str, ratio: float, most: float) -> Verdict:
    return Verdict(
        target=f"aiwebhook {name} ≤ {most:.0f}× `{_NOTHING}`",
        measured=times(ratio),
        met=ratio <= most,
        why="" if ratio <= most else _WHY,
    )


def _seconds(arguments: list[str], url: str) -> float:
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": f"{ROOT / 'layers/core/python'}{os.pathsep}{ROOT / 'cli'}",
        "AIWEBHOOK_URL": url,
        "AIWEBHOOK_API_KEY": "any",
    }
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
    return time.perf_counter() - begun


class _Sessions(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"data": _ANSWER}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its parent's name
        """Log nothing."""


@contextmanager
def _server() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sessions) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
