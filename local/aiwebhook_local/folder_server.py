"""Starts and stops the server of a folder of sessions: relay and session_api, without a database
and without AWS. What runs is told in the store's own folder.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from aiwebhook.private_file import write_private
from aiwebhook.session_folder.session_files import STORE_FOLDER
from aiwebhook_local.front_launch import FrontNotStarted, take_port
from aiwebhook_local.ports import listen_on
from aiwebhook_local.stack import SOURCE_ROOT
from aiwebhook_local.waiting import wait_until

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 20.0


class FolderServerRunning(Exception):
    """Another server has the folder; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFolder:
    """A folder that is served."""

    url: str
    pid: int
    api_key: str = field(repr=False)


class FolderFiles:
    """The files of the store's own folder that a server writes."""

    def __init__(self, folder: Path) -> None:
        self.own = folder.resolve() / STORE_FOLDER

    @property
    def record(self) -> Path:
        return self.own / "server.json"

    @property
    def key(self) -> Path:
        """The API key of this run (0600)."""
        return self.own / "api_key"

    @property
    def log(self) -> Path:
        return self.own / "server.log"

    @property
    def lock(self) -> Path:
        """Held as long as a server lives."""
        return self.own / "server.lock"


def served_folder(folder: Path) -> ServedFolder | None:
    """Who serves it; None where nobody does."""
    files = FolderFiles(folder)
    if not _is_held(files.lock):
        return None
    try:
        record = json.loads(files.record.read_text(encoding="utf-8"))
        key = files.key.read_text(encoding="utf-8").strip()
        return ServedFolder(url=record["url"], pid=record["pid"], api_key=key)
    except (OSError, ValueError, KeyError):
        return None


@contextlib.contextmanager
def folder_server(folder: Path, *, port: int | None = 0) -> Generator[ServedFolder]:
    """The server that is there, or one that lives until the end of this. Raises FrontNotStarted,
    and OSError for the folder.
    """
    found = served_folder(folder)
    if found is not None:
        yield found
        return
    # Whoever is killed closes the pipe, and the server ends with it.
    ends, alive = os.pipe()
    try:
        process, served = start_folder_server(folder, port=port, ends=ends)
    except BaseException:
        os.close(alive)
        raise
    finally:
        os.close(ends)
    try:
        yield served
    finally:
        os.close(alive)
        _stop(process)


def start_folder_server(
    folder: Path, *, port: int | None = 0, ends: int | None = None
) -> tuple["subprocess.Popen[bytes]", ServedFolder]:
    """`port` None: 8787 if it is free; `ends`: a pipe whose other end the server lives as long as.
    Raises FolderServerRunning, FrontNotStarted, OSError."""
    files = FolderFiles(folder)
    files.own.mkdir(parents=True, exist_ok=True)
    lock = os.open(files.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(lock)
        found = served_folder(folder)
        at = "" if found is None else f" at {found.url} (process {found.pid})"
        raise FolderServerRunning(f"{folder} is served already{at}.") from exc
    key = f"aiw_{secrets.token_urlsafe(32)}"
    listener = listen_on(port) if port == 0 else take_port(port)
    with listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        handed = [listener.fileno(), *(() if ends is None else (ends,))]
        process = _launch(files, folder, (url, key), handed, lock)
    os.close(lock)  # the server's own copy keeps it
    write_private(files.key, key)
    write_private(files.record, json.dumps({"url": url, "pid": process.pid}))
    _wait_until_serving(process, url, files.log)
    return process, ServedFolder(url=url, pid=process.pid, api_key=key)


def _launch(
    files: FolderFiles, folder: Path, served: tuple[str, str], handed: Sequence[int], lock: int
) -> "subprocess.Popen[bytes]":
    url, key = served
    paths = (SOURCE_ROOT / "functions", *(path for path in sys.path if path))
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "STORAGE_BACKEND": "json",
        "STORAGE_FOLDER": str(folder.resolve()),
        "STORAGE_KEY_SHA256": hashlib.sha256(key.encode()).hexdigest(),
        "PUBLIC_URL": url,
        "POWERTOOLS_SERVICE_NAME": "folder",
        "POWERTOOLS_METRICS_NAMESPACE": "AiWebhook",
    }
    module = "aiwebhook_local.folder_process"
    with files.log.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", module, *map(str, handed)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(*handed, lock),
            start_new_session=True,
        )


def _wait_until_serving(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """The socket takes the request at once; the answer comes when the server is up."""
    front = HTTPConnection(url.removeprefix("http://"), timeout=_START_TIMEOUT_S)
    with contextlib.closing(front):
        try:
            front.request("GET", "/readyz")
            ready = front.getresponse().status == 200
        except (OSError, HTTPException):
            ready = False
    if not ready:
        _stop(process)
        said = log.read_text(errors="replace")[-2000:]
        raise FrontNotStarted(f"the server of the folder did not start:\n{said}")


def stop_folder_server(folder: Path) -> bool:
    """Stop who serves it; False where nobody does."""
    found = served_folder(folder)
    if found is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
    lock = FolderFiles(folder).lock
    if not wait_until(lambda: not _is_held(lock), timeout_s=_STOP_TIMEOUT_S, period_s=0.05):
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGKILL)
    return True


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_held(lock: Path) -> bool:
    try:
        handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
