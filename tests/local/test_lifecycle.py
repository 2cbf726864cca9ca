"""Start and end of the whole stack: nothing stays behind, data does, also after kill -9."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from aiwebhook_local.database import Coordinates
from aiwebhook_local.home import Home
from aiwebhook_local.ports import is_free
from aiwebhook_local.processes import ProcessIdentity
from aiwebhook_local.stack import StackAlreadyRunning, running_stack
from aiwebhook_local.supervisor import StackStatus, down, stack_status
from tests.local.conftest import toy_options
from tests.support.waiting import eventually

UP = """
import sys
from pathlib import Path
from typing import Any
from aiwebhook_local.supervisor import up
from tests.local.conftest import toy_options
up(toy_options(Path(sys.argv[1])))
"""


@contextlib.contextmanager
def started_up(folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """`up` as a process of its own, like a person starts it; killed if the test did not end it."""
    path = os.pathsep.join([str(Path.cwd()), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", UP, str(folder)],
        env={**os.environ, "PYTHONPATH": path},  # noqa: TID251 - as a shell hands it on
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until_ready(home: Home, process: subprocess.Popen[bytes]) -> StackStatus:
    """Wait until the REST API answers."""

    def probe() -> StackStatus | None:
        assert process.poll() is None, "up ended early"
        now = stack_status(home)
        if now.url is None:
            return None
        try:
            return now if httpx.get(f"{now.url}/v1/things", timeout=20).is_success else None
        except httpx.TransportError:
            return None

    return eventually(probe, within_s=60)


def family(pids: dict[str, int]) -> list[ProcessIdentity]:
    """The processes and everything they started."""
    roots = [psutil.Process(pid) for pid in pids.values()]
    members = [*roots, *(child for root in roots for child in root.children(recursive=True))]
    return [ProcessIdentity(pid=member.pid, started=member.create_time()) for member in members]


def have_ended(processes: Sequence[ProcessIdentity]) -> bool:
    """Whether none runs any more; who reaps what a killed parent left is not our affair."""
    return not any(process.alive for process in processes)


def assert_nothing_left(home: Home, was: StackStatus, processes: list[ProcessIdentity]) -> None:
    """No process, port or temporary folder of the run exists any more."""
    eventually(lambda: have_ended(processes))
    assert [port for port in was.ports.values() if not is_free(port)] == []
    assert not home.temporary.exists()
    assert not home.tasks.exists()
    assert not home.stack_file.exists()


@pytest.mark.req("O5")
def test_a_stopped_stack_leaves_nothing_and_a_killed_one_is_recovered(folder: Path) -> None:
    options = toy_options(folder)
    home = options.home

    with started_up(folder) as first:
        was = until_ready(home, first)
        processes = family(was.pids)
        assert len(processes) > 3
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
    assert_nothing_left(home, was, processes)
    assert not stack_status(home).running

    with started_up(folder) as second:
        was = until_ready(home, second)
        processes = family(was.pids)
        second.kill()
    if sys.platform == "linux":
        eventually(lambda: have_ended(processes))

    with running_stack(options=options) as stack:
        assert httpx.get(f"{stack.url}/v1/things", timeout=20).is_success
        assert stack.invoke("reaper", {})["recorded"] is True
        with pytest.raises(StackAlreadyRunning), running_stack(options=options):
            pass
        with psycopg.connect(stack.dsn) as connection:
            row = connection.execute("select count(*) from toy_records").fetchone()
        assert row is not None
        assert row[0] >= 1


@pytest.mark.slow
@pytest.mark.req("O5")
def test_the_end_of_the_block_ends_tasks_and_keeps_objects(folder: Path) -> None:
    options = toy_options(folder)
    home = options.home
    with running_stack(options=options) as stack:
        bucket = stack.outputs["ArtifactBucketName"]
        stack.aws.client("s3").put_object(Bucket=bucket, Key="kept", Body=b"bytes")
        run_task_for_ever(stack.aws.client("ecs"), stack.outputs["ClusterArn"])
        was, processes = stack_status(home), family(stack.pids)
        assert any("task_init.py" in command_of(process) for process in processes)
    assert_nothing_left(home, was, processes)

    with running_stack(options=options) as stack:
        kept = stack.aws.client("s3").get_object(Bucket=bucket, Key="kept")
        assert kept["Body"].read() == b"bytes"
    assert down(home) is False


def command_of(process: ProcessIdentity) -> str:
    """Its command line; empty when it is gone."""
    alive = process.process
    return " ".join(alive.cmdline()) if alive else ""


def run_task_for_ever(ecs: Any, cluster: str) -> None:
    """Start two tasks that do not end by themselves, one of them beside a gateway."""
    environment = [{"name": "TOY_SCRIPT", "value": "time.sleep(600)"}]
    overrides = {"containerOverrides": [{"name": "runner", "environment": environment}]}
    for definition in ("toy-runner", "toy-model"):
        ecs.run_task(cluster=cluster, taskDefinition=definition, overrides=overrides)


@pytest.mark.slow
@pytest.mark.req("O5")
def test_down_stops_a_stack_of_another_process(folder: Path) -> None:
    home = toy_options(folder).home
    with started_up(folder) as process:
        was = until_ready(home, process)
        processes = family(was.pids)

        assert down(home) is True

        assert process.wait(30) == 0
    assert_nothing_left(home, was, processes)


@pytest.mark.req("O5")
def test_up_starts_a_killed_database_again_at_the_same_port(folder: Path) -> None:
    home = toy_options(folder).home
    with started_up(folder) as process:
        was = until_ready(home, process)
        os.kill(was.pids["postgres"], signal.SIGKILL)

        dsn = f"postgresql://127.0.0.1:{was.ports['postgres']}/aiwebhook"
        answer = eventually(lambda: refusal(dsn, "no password supplied"))

        assert "no password supplied" in answer
        process.terminate()
        assert process.wait(30) == 0


def refusal(dsn: str, wanted: str) -> str | None:
    """What the server says when we come without a password; None while it says something else."""
    try:
        psycopg.connect(dsn, user="aiwebhook", connect_timeout=5)
    except psycopg.OperationalError as error:
        return str(error) if wanted in str(error) else None
    raise AssertionError("a server without password")


@pytest.mark.req("O5")
def test_a_stack_is_told_to_be_ready_when_it_can_be_used_and_not_before(folder: Path) -> None:
    options = toy_options(folder)
    seen: list[StackStatus] = []

    def prepare(coordinates: Coordinates, key_file: Path) -> str:
        seen.append(stack_status(options.home))
        return options.prepare(coordinates, key_file)

    with running_stack(options=replace(options, prepare=prepare)) as stack:
        seen.append(stack_status(options.home))
    assert [(told.running, told.ready, told.url) for told in seen] == [
        (True, False, None),
        (True, True, stack.url),
    ]
