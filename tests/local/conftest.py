"""A stack of toy functions, one for all tests that do not end it."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from aiwebhook.ids import new_id
from aiwebhook_local import stand_in_folders
from aiwebhook_local.database import Coordinates
from aiwebhook_local.home import Home, Project
from aiwebhook_local.log_files import LogFiles
from aiwebhook_local.stack import StackInfo, StackOptions, running_stack
from tests.support.waiting import eventually

TOY = Path(__file__).with_name("toy_project")


def prepare_toy_database(coordinates: Coordinates, _key_file: Path) -> str:
    """One table for what the toy functions record."""
    with psycopg.connect(coordinates.dsn, autocommit=True) as connection:
        connection.execute(
            "create table if not exists toy_records"
            " (id bigint generated always as identity, what text, body jsonb)"
        )
    return "toy-key"


def toy_options(folder: Path, **changes: Any) -> StackOptions:
    """Options for a copy of the toy project in `folder`, on any free port: never on the default
    one, which another test's stack takes as soon as it is given back."""
    project = folder / "project"
    if not project.exists():
        shutil.copytree(TOY, project)
    return StackOptions(
        project=Project(root=project),
        home=Home(root=folder / "home"),
        prepare=prepare_toy_database,
        sign_in=lambda _coordinates: None,
        port=0,
        **changes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyStack:
    """A running toy stack and what tests do with it."""

    info: StackInfo
    project: Project
    said: list[str]
    client: httpx.Client
    """A client of the front, for all tests: a connection for each request, closed after it."""

    def own_client(self) -> httpx.Client:
        """A client that keeps its connections; the test closes it."""
        return httpx.Client(base_url=self.info.url, timeout=60)

    def run(self, script: str) -> str:
        """Start a run through webhook, queue and dispatcher; returns its attempt id."""
        attempt = new_id("att")
        answer = self.client.post("/webhook", json={"attempt": attempt, "script": script})
        assert answer.status_code == 202, answer.text
        return attempt

    def run_task(self, script: str, **changes: Any) -> dict[str, Any]:
        """Call RunTask directly, of `toy-model` to have a gateway too; returns its answer."""
        environment = [{"name": "TOY_SCRIPT", "value": script}]
        request = {
            "cluster": self.info.outputs["ClusterArn"],
            "taskDefinition": "toy-runner",
            "overrides": {"containerOverrides": [{"name": "runner", "environment": environment}]},
        }
        return self.info.aws.client("ecs").run_task(**(request | changes))

    def describe(self, task_arn: str) -> dict[str, Any]:
        """The task as DescribeTasks shows it."""
        return self.info.aws.client("ecs").describe_tasks(
            cluster=self.info.outputs["ClusterArn"], tasks=[task_arn]
        )["tasks"][0]

    def run_beside_gateway(self, script: str, **changes: Any) -> str:
        """Start a task of two containers; returns its ARN."""
        return self.run_task(script, taskDefinition="toy-model", **changes)["tasks"][0]["taskArn"]

    def stopped(self, task_arn: str) -> dict[str, Any]:
        """Wait for the end of a task; returns it."""

        def probe() -> dict[str, Any] | None:
            task = self.describe(task_arn)
            return task if task["lastStatus"] == "STOPPED" else None

        return eventually(probe)

    def recorded(self, started_by: str) -> dict[str, Any]:
        """Wait for the state event of a run in the toy's reaper; returns the event."""

        def probe() -> dict[str, Any] | None:
            with psycopg.connect(self.info.dsn) as connection:
                row = connection.execute(
                    "select body from toy_records where body -> 'detail' ->> 'startedBy' = %s",
                    (started_by,),
                ).fetchone()
            return row[0] if row else None

        try:
            return eventually(probe)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._last_words()}") from error

    def _last_words(self) -> str:
        """What the parts of the stack logged last, for whoever finds out why something is lost."""
        lines = LogFiles(folder=self.info.home.logs, parts=()).last_lines(30)
        return "\n".join(f"{line.part}: {line.text}" for line in lines)

    def log_of(self, task_arn: str) -> str:
        """What a task printed."""
        name = f"task-{task_arn.rpartition('/')[2]}.log"
        return (self.info.home.logs / name).read_text()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the database's user can reach (pytest's own are closed), gone afterwards."""
    with reachable_folder(tmp_path_factory.getbasetemp().name) as path:
        yield path


@contextlib.contextmanager
def reachable_folder(name: str) -> Generator[Path]:
    """A folder in the temporary folder of the machine, open to be passed through."""
    path = Path(tempfile.mkdtemp(prefix=f"aiwebhook-{name}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture(scope="session")
def toy_stack() -> Iterator[ToyStack]:
    """A toy stack with hot reload, running for the whole session."""
    with reachable_folder("toy") as folder:
        yield from run_toy_stack(folder)


def run_toy_stack(folder: Path, *, emulator: bool = False) -> Iterator[ToyStack]:
    """Run a toy stack in `folder` until the generator is closed."""
    said: list[str] = []
    options = toy_options(
        folder,
        hot_reload=True,
        emulator=emulator,
        say=said.append,
        agent_keys={"ANTHROPIC_API_KEY": "the-key", "GITHUB_TOKEN": "the-token"},
        task_variables={"AIWEBHOOK_UPSTREAM_ANTHROPIC": "http://127.0.0.1:1"},
    )
    limits = httpx.Limits(max_keepalive_connections=0)
    with (
        running_stack(options=options) as info,
        httpx.Client(base_url=info.url, timeout=60, limits=limits) as client,
    ):
        yield ToyStack(info=info, project=options.project, said=said, client=client)


def template_of_toy(name: str) -> dict[str, Any]:
    """One of the toy's synthesised templates."""
    path = TOY / "infra" / "synth" / "dev" / f"{name}.template.json"
    return json.loads(path.read_text())


@pytest.fixture
def var_tmp(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place like /var/tmp."""
    place = folder / "var-tmp"
    place.mkdir()
    place.chmod(0o1777)
    monkeypatch.setattr(stand_in_folders, "OPEN_TO_ALL", place)
    return place
