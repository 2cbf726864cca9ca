"""`--store DIR`: the command line on a folder of sessions, over HTTP, with nothing else running."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest

from aiwebhook.client import Client
from aiwebhook.errors import Unauthorized
from aiwebhook_cli.main import run_command_line
from aiwebhook_local.folder_server import (
    FolderFiles,
    ServedFolder,
    folder_server,
    served_folder,
    start_folder_server,
    stop_folder_server,
)
from aiwebhook_local.waiting import wait_until

pytestmark = pytest.mark.req("S6", "S8")
LARGE = "words of a long meeting " * 150_000


@pytest.fixture
def folder(tmp_path: Path, nowhere: Path) -> Path:
    (tmp_path / "sessions").mkdir()
    return tmp_path / "sessions"


@pytest.fixture
def served(folder: Path) -> Iterator[ServedFolder]:
    with folder_server(folder) as found:
        yield found


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run_command_line(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_a_command_serves_the_folder_as_long_as_it_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ("--store", str(folder))
    assert run(capsys, "session", "create", "plan", "--title", "Plan", *store)[0] == 0
    assert served_folder(folder) is None
    assert json.loads((folder / "plan/session.json").read_text())["title"] == "Plan"
    code, out, _ = run(capsys, "session", "list", "--json", *store)
    assert code == 0
    assert [each["session_id"] for each in json.loads(out)["sessions"]] == ["plan"]


def test_up_serves_until_down(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", str(folder))
    # A program of its own: it leaves a process behind.
    words = ("--json", "local", "up", "--detach", "--port", "0", *store)
    up = [sys.executable, "-m", "aiwebhook_cli", *words]
    told = json.loads(subprocess.run(up, check=True, capture_output=True).stdout)
    found = served_folder(folder)
    assert found is not None
    assert told["url"] == found.url
    assert Path(told["api_key_file"]).stat().st_mode & 0o777 == 0o600
    assert run(capsys, "local", "status", *store)[0] == 0
    assert run(capsys, "local", "up", "--detach", *store)[0] == 1
    assert run(capsys, "session", "create", "plan", *store)[0] == 0
    assert served_folder(folder) == found, "a command uses the server that is there"
    assert run(capsys, "local", "down", *store)[0] == 0
    assert run(capsys, "local", "status", *store)[0] == 1


def test_what_needs_the_queue_says_so(
    served: ServedFolder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ("--store", str(folder))
    run(capsys, "session", "create", "plan", *store)
    for words in (
        ("task", "delegate", "plan", "researcher", "Write"),
        ("agent", "list"),
        ("keys", "list"),
        ("endpoints", "list"),
    ):
        code, _, err = run(capsys, *words, *store)
        assert (code, "needs Postgres" in err, "aiwebhook local up" in err) == (1, True, True)


def test_a_session_is_exported_and_large_content_comes_whole(
    served: ServedFolder, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Client(served.url, api_key=served.api_key) as client:
        client.command("create_session", "plan", {"title": "Plan"})
        client.append_conversation("plan", LARGE, chunk_id="c")
        client.add_artifact("plan", name="x.md", type="t", content=LARGE, artifact_id="x")
        told = client.artifact("x")
        with urlopen(told["content_url"]) as answer:
            assert answer.read() == LARGE.encode()
        with pytest.raises(OSError, match="404"):
            urlopen(told["content_url"].replace("signature=", "signature=0"))
    out = tmp_path / "out"
    assert run(capsys, "session", "export", "plan", str(out), "--store", str(folder))[0] == 0
    assert (out / "plan/artifacts/x.md").read_text() == LARGE
    chunk = json.loads((out / "plan/conversation/chunk_c.json").read_text())
    assert chunk["content"] == LARGE


def test_only_who_has_the_key_is_served(served: ServedFolder) -> None:
    with (
        Client(served.url, api_key="aiw_another") as client,
        pytest.raises(Unauthorized, match="not known"),
    ):
        client.session("plan")


def test_a_server_ends_with_the_command_that_started_it(folder: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path;"
        " from aiwebhook_local.folder_server import folder_server;"
        " folder_server(Path(sys.argv[1])).__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert wait_until(lambda: served_folder(folder) is None, timeout_s=20)


NOT_UNDER_NOHUP = pytest.mark.skipif(
    signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, reason="nohup keeps what it starts alive"
)


@pytest.mark.parametrize(
    "sent",
    [
        (signal.SIGINT,),
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM,),
        pytest.param((signal.SIGHUP,), marks=NOT_UNDER_NOHUP),
        (signal.SIGKILL,),
    ],
    ids=lambda sent: "+".join(number.name for number in sent),
)
def test_up_takes_its_server_along_however_it_ends(
    folder: Path, sent: tuple[signal.Signals, ...]
) -> None:
    words = ("local", "up", "--port", "0", "--store", str(folder))
    with subprocess.Popen([sys.executable, "-m", "aiwebhook_cli", *words]) as up:
        assert wait_until(lambda: served_folder(folder) is not None, timeout_s=60)
        server = served_folder(folder)
        assert server is not None
        for number in sent:
            up.send_signal(number)
        code = up.wait(30)
    assert code == (-signal.SIGKILL if signal.SIGKILL in sent else 0)
    assert wait_until(lambda: served_folder(folder) is None, timeout_s=30)
    assert wait_until(lambda: not Path(f"/proc/{server.pid}").exists(), timeout_s=30)


@pytest.mark.parametrize("killed", [False, True])
def test_a_server_outlives_who_started_it_while_others_use_it(folder: Path, killed: bool) -> None:
    program = (
        "import sys; from pathlib import Path;"
        " from aiwebhook_local.folder_server import folder_server;"
        " server = folder_server(Path(sys.argv[1])); server.__enter__(); print(flush=True);"
        " sys.stdin.read(); server.__exit__(None, None, None)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdin is not None
        assert starter.stdout.readline()
        with folder_server(folder) as found:
            if killed:
                starter.kill()
            starter.stdin.close()
            starter.wait()
            with Client(found.url, api_key=found.api_key) as client:
                client.command("create_session", "plan", {"title": "Plan"})
    assert wait_until(lambda: served_folder(folder) is None, timeout_s=20)


def test_who_comes_while_a_server_starts_or_ends_waits_for_it(folder: Path) -> None:
    """Before, the second of two commands was refused: served already."""
    lock = FolderFiles(folder).lock
    lock.parent.mkdir()
    with lock.open("w") as held, ThreadPoolExecutor() as pool:
        fcntl.flock(held, fcntl.LOCK_EX)

        def session() -> None:
            with folder_server(folder) as found, Client(found.url, api_key=found.api_key) as client:
                client.command("create_session", "plan", {"title": "Plan"})

        come = pool.submit(session)
        with pytest.raises(TimeoutError):
            come.result(0.5)
        fcntl.flock(held, fcntl.LOCK_UN)
        come.result(60)


def test_a_killed_server_leaves_a_folder_that_is_served_again(folder: Path) -> None:
    process, found = start_folder_server(folder)
    with Client(found.url, api_key=found.api_key) as client:
        client.command("create_session", "plan", {"title": "Plan"})
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert served_folder(folder) is None
    with folder_server(folder) as again, Client(again.url, api_key=again.api_key) as client:
        assert again.api_key != found.api_key
        assert client.session("plan")["title"] == "Plan"
    assert stop_folder_server(folder) is False
