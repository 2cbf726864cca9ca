"""Starts and stops the server of a folder of sessions: relay and session_api, without a database
and without AWS. The store's own folder records the running server.
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
import time
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
_USERS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW


class FolderServerRunning(Exception):
    """Another server already serves the folder; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFolder:
    """How to reach the server of a folder."""

    url: str
    pid: int
    api_key: str = field(repr=False)


class FolderFiles:
    """The files that a server keeps in the store's own folder."""

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
        """Locked exclusively as long as a server lives."""
        return self.own / "server.lock"

    @property
    def users(self) -> Path:
        """Locked, shared, by each command that uses the server, and exclusively by a server that
        ends because nobody does.
        """
        return self.own / "server.users"


def served_folder(folder: Path) -> ServedFolder | None:
    """The server of the folder; None if there is none, or it is still starting."""
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
def folder_server(folder: Path) -> Generator[ServedFolder]:
    """Use the running server, or start one that ends when its last user has left. Raises
    FolderServerRunning if another one neither comes up nor ends in time, FrontNotStarted, and
    OSError for the folder.
    """
    files = FolderFiles(folder)
    files.own.mkdir(parents=True, exist_ok=True)
    with _joined_users(files.users) as users, contextlib.ExitStack() as own_server:
        deadline = time.monotonic() + _START_TIMEOUT_S
        # We count as a user from here on, so a server that is found will not end for lack of users.
        while (found := served_folder(folder)) is None:
            try:
                started = own_server.enter_context(own_folder_server(folder, port=0, users=users))
                found = started.served
                break
            except FolderServerRunning:
                # Another process is starting or stopping one.
                if time.monotonic() > deadline:
                    raise
                wait_until(lambda: served_folder(folder) is not None, timeout_s=0.1)
        yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer:
    """A server that this process has started."""

    process: "subprocess.Popen[bytes]"
    served: ServedFolder


@contextlib.contextmanager
def own_folder_server(
    folder: Path, *, port: int | None, users: int | None = None
) -> Generator[OwnServer]:
    """Run a server until the block ends; if this process is killed, until the last user has left.
    `users` is the lock of `folder_server`: while other processes share it, the server is left
    running for them.
    """
    # The kernel closes our end of the pipe even if this process is killed.
    read_end, write_end = os.pipe()
    try:
        process, served = start_folder_server(folder, port=port, owner_pipe=read_end)
    except BaseException:
        os.close(write_end)
        raise
    finally:
        os.close(read_end)
    try:
        yield OwnServer(process=process, served=served)
    finally:
        if users is None or _is_last_user(users):
            _stop(process)
        os.close(write_end)


def start_folder_server(
    folder: Path, *, port: int | None = 0, owner_pipe: int | None = None
) -> tuple["subprocess.Popen[bytes]", ServedFolder]:
    """Start a server and wait until it serves. `port` None means 8787 if it is free. `owner_pipe`
    is the read end of a pipe: once its other end is closed, the server ends when its last user has
    left. Raises FolderServerRunning, FrontNotStarted, OSError.
    """
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
    files.record.unlink(missing_ok=True)  # left by a server that was killed
    key = f"aiw_{secrets.token_urlsafe(32)}"
    listener = listen_on(port) if port == 0 else take_port(port)
    with listener, files.users.open("wb") as users:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        inherited = [listener.fileno()]
        if owner_pipe is not None:
            inherited += [owner_pipe, users.fileno()]
        process = _launch(files, folder, (url, key), inherited, lock)
    os.close(lock)  # the server's inherited copy keeps it locked
    try:
        write_private(files.key, key)
        write_private(files.record, json.dumps({"url": url, "pid": process.pid}))
        _wait_until_serving(url, files.log)
    except BaseException:
        _stop(process)
        raise
    return process, ServedFolder(url=url, pid=process.pid, api_key=key)


@contextlib.contextmanager
def _joined_users(users: Path) -> Generator[int]:
    """Count as a user of the server until the block ends; yields the descriptor of the lock. Waits
    for a server that is ending because it had no user.
    """
    handle = os.open(users, _USERS, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


def _is_last_user(users: int) -> bool:
    """Whether nobody else shares this lock. If so, it is now exclusive: nobody can join before
    it is closed.
    """
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _launch(
    files: FolderFiles, folder: Path, served: tuple[str, str], inherited: Sequence[int], lock: int
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
            [sys.executable, "-m", module, *map(str, inherited)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(*inherited, lock),
            start_new_session=True,
        )


def _wait_until_serving(url: str, log: Path) -> None:
    """Block until the server answers; its socket accepts the request before that. Raises
    FrontNotStarted with the end of the log.
    """
    server = HTTPConnection(url.removeprefix("http://"), timeout=_START_TIMEOUT_S)
    with contextlib.closing(server):
        try:
            server.request("GET", "/readyz")
            ready = server.getresponse().status == 200
        except (OSError, HTTPException):
            ready = False
    if not ready:
        last_output = log.read_text(errors="replace")[-2000:]
        raise FrontNotStarted(f"the server of the folder did not start:\n{last_output}")


def stop_folder_server(folder: Path) -> bool:
    """Stop the folder's server, if necessary by SIGKILL; False if there is none."""
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
