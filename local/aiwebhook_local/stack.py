"""The local stack as a context manager: `with running_stack(...) as stack:`."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from aiwebhook.private_file import write_private
from aiwebhook_local import database, deploy
from aiwebhook_local.agent_reports import AgentReports, sweep_agents
from aiwebhook_local.front_launch import FrontProcess, take_port
from aiwebhook_local.home import Home, Project
from aiwebhook_local.hot_reload import HotReload, TreeSnapshot, snapshot
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions, stop_leftover_server
from aiwebhook_local.processes import ProcessIdentity, stop_processes, working_in
from aiwebhook_local.sam_variables import keep_variables
from aiwebhook_local.secret_values import agent_secrets, database_logins, own_secrets
from aiwebhook_local.settings import agent_keys, has_lambda_runtime, task_variables
from aiwebhook_local.transform import LocalNames

# Source tree of an editable installation or a checkout: local/aiwebhook_local/stack.py.
SOURCE_ROOT = Path(__file__).resolve().parents[2]


class StackAlreadyRunning(Exception):
    """Another process runs the stack of this folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """How to run the stack.

    `port` None: 8787 or any free one; 0: any. `public_url`: what a tunnel is reached under, without
    a slash at its end; None: the front's own address. `emulator`: the emulator runs the functions,
    instead of warm processes of the front. `prepare` brings the database to its schema and returns
    the API key, `sign_in` returns the owner's sign-in code, once; tests with toy functions pass
    their own. `say` gets one line per event. `agent_keys` go into the stack's
    AgentSecrets, which the emulator keeps in memory only; `task_variables` reach every task.
    """

    project: Project = field(default_factory=lambda: Project(root=SOURCE_ROOT))
    home: Home = field(default_factory=lambda: Home(root=SOURCE_ROOT / ".local"))
    port: int | None = None
    public_url: str | None = None
    hot_reload: bool = False
    emulator: bool = field(default_factory=lambda: not has_lambda_runtime())
    prepare: Callable[[database.Coordinates, Path], str] = database.migrate_and_seed
    sign_in: Callable[[database.Coordinates], str | None] = database.first_sign_in_code
    say: Callable[[str], None] = print
    agent_keys: Mapping[str, str] = field(default_factory=agent_keys, repr=False)
    task_variables: Mapping[str, str] = field(default_factory=task_variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackInfo:
    """A running stack: everything that a client, a demo or a test needs.

    `postgres.stop()` and `postgres.start()` take the database away and bring it back, at the same
    port. `pids` are those at the start.
    """

    url: str
    public_url: str
    api_key: str
    coordinates: database.Coordinates
    github_secret: str
    home: Home
    aws: deploy.Aws
    outputs: dict[str, str]
    functions: dict[str, str]
    pids: dict[str, int]
    postgres: EmbeddedPostgres
    agents: AgentReports
    ready_s: float

    @property
    def dsn(self) -> str:
        return self.coordinates.dsn

    def keep_agent_keys(self, keys: Mapping[str, str]) -> None:
        """Have the runs that start from now on use these keys, and no others."""
        deploy.put_secrets(self.aws, agent_secrets(self.outputs, keys))
        self.agents.send_changes(keys)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Invoke a function by its name in functions/ and return what it returned.

        `invoke("reaper", {})` does at once what the schedule does every minute.
        """
        answer = self.aws.client("lambda").invoke(
            FunctionName=self.functions[function], Payload=json.dumps(event).encode()
        )
        payload = answer["Payload"].read()
        if "FunctionError" in answer:
            raise RuntimeError(f"{function} failed: {payload.decode(errors='replace')}")
        return json.loads(payload or b"null")


@contextlib.contextmanager
def running_stack(
    *,
    home: Path | None = None,
    port: int | None = None,
    hot_reload: bool = False,
    options: StackOptions | None = None,
) -> Generator[StackInfo]:
    """Run the whole stack until the block ends; nothing of it is left then but the data.

    The other parameters are a shorthand for `options`. Use it in a thread that lives as long
    as the process (see `processes.start_process`). Raises StackAlreadyRunning, PostgresNotStarted,
    FrontNotStarted, DeployFailed or what the preparation of the database raises.
    """
    if options is None:
        folder = Home(root=home) if home is not None else Home(root=SOURCE_ROOT / ".local")
        options = StackOptions(home=folder, port=port, hot_reload=hot_reload)
    started = time.monotonic()
    with contextlib.ExitStack() as cleanup:
        cleanup.enter_context(locked(options.home))
        recover(options.home)
        cleanup.callback(options.home.remove_temporary)
        options.home.make_folders()
        yield _start(options, cleanup, started)


def recover(home: Home) -> None:
    """Stop and remove what a killed run left behind; only the holder of the lock may call it."""
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
        record = json.loads(home.stack_file.read_text())
        identities = [ProcessIdentity(**identity) for identity in record["processes"]]
        alive = [process for identity in identities if (process := identity.process)]
        # What the front had started is found by its working folder.
        stop_processes([*alive, *working_in(home.tasks), *working_in(home.temporary)], grace_s=5)
        sweep_agents()
    stop_leftover_server(home.postgres)
    home.stack_file.unlink(missing_ok=True)
    home.sam_variables.unlink(missing_ok=True)
    home.remove_temporary()


def _start(options: StackOptions, cleanup: contextlib.ExitStack, started: float) -> StackInfo:
    home = options.home
    server = EmbeddedPostgres(PostgresOptions(folder=home.postgres))
    front = _front(options)
    # The database goes last: runs and functions may still write while they stop.
    cleanup.callback(server.stop)
    cleanup.callback(front.stop)
    cleanup.callback(home.stack_file.unlink, missing_ok=True)
    code = snapshot(options.project)
    front.launch()
    server.launch()
    _write_stack_file(options, front, server, ready=False)
    outputs, coordinates, agents = _prepare(options, front, server)
    secrets = home.secrets()
    values = own_secrets(outputs, coordinates, secrets)
    deploy.put_secrets(front.aws, values | agent_secrets(outputs, options.agent_keys))
    deploy.put_parameters(front.aws, database_logins(outputs, coordinates))
    deploy.start_functions(front.aws)
    agents.send_changes()
    functions = deploy.deployed_functions(front.aws)
    cleanup.callback(keep_variables(home, front.aws, functions))
    if options.hot_reload:
        cleanup.enter_context(_hot_reload(options, front, functions, code).running())
    assert front.process is not None
    _write_stack_file(options, front, server, ready=True)
    return StackInfo(
        url=front.aws.url,
        public_url=options.public_url or front.aws.url,
        api_key=agents.api_key,
        coordinates=coordinates,
        github_secret=secrets["github_secret"],
        home=home,
        aws=front.aws,
        outputs=outputs,
        functions=functions,
        pids={"front": front.process.pid, "postgres": server.pid},
        postgres=server,
        agents=agents,
        ready_s=time.monotonic() - started,
    )


def _prepare(
    options: StackOptions, front: FrontProcess, server: EmbeddedPostgres
) -> tuple[dict[str, str], database.Coordinates, AgentReports]:
    """Prepare the database and deploy the templates, concurrently."""
    with ThreadPoolExecutor(1) as pool:
        prepared = pool.submit(_prepare_database, options, server)
        outputs = _deploy(options, front)
        coordinates, api_key = prepared.result()
    agents = AgentReports(
        url=front.aws.url,
        api_key=api_key,
        programs=options.project.agents,
        keys=options.agent_keys,
    )
    return outputs, coordinates, agents


def _front(options: StackOptions) -> FrontProcess:
    return FrontProcess(
        project=options.project,
        home=options.home,
        listener=take_port(options.port),
        public_url=options.public_url,
        emulator=options.emulator,
        task_variables=options.task_variables,
    )


def _hot_reload(
    options: StackOptions, front: FrontProcess, functions: dict[str, str], deployed: TreeSnapshot
) -> HotReload:
    return HotReload(
        aws=front.aws,
        project=options.project,
        compiled=options.home.compiled,
        functions=functions,
        deployed=deployed,
        say=options.say,
    )


def _deploy(options: StackOptions, front: FrontProcess) -> dict[str, str]:
    url = front.aws.url
    names = LocalNames(url=url, public_url=options.public_url or url)
    templates = deploy.local_templates(options.project, names)
    deploy.require_queues(options.project, templates)
    front.wait_until_serving()
    deploy.upload_code(front.aws, options.project, templates, options.home.compiled)
    return deploy.deploy(front.aws, templates)


def _prepare_database(
    options: StackOptions, server: EmbeddedPostgres
) -> tuple[database.Coordinates, str]:
    server.wait_until_ready()
    password = options.home.secrets()["database_password"]
    coordinates = database.prepare_database(server, password)
    return coordinates, options.prepare(coordinates, options.home.api_key_file)


def _write_stack_file(
    options: StackOptions, front: FrontProcess, server: EmbeddedPostgres, *, ready: bool
) -> None:
    """Called as soon as there is something to stop after a kill, and once the stack is ready."""
    assert front.process is not None
    home = options.home
    pids = {"supervisor": os.getpid(), "front": front.process.pid, "postgres": server.pid}
    identities = [ProcessIdentity.of(pid) for pid in pids.values()]
    record = {
        "url": front.aws.url if ready else None,
        "api_key_file": str(home.api_key_file),
        "ports": {"front": front.port, "postgres": server.port},
        "pids": pids,
        # Only the keys' names: `aiwebhook agent list` uses them to tell which agents have a model.
        "agent_keys": [name for name, value in options.agent_keys.items() if value],
        "processes": [{"pid": i.pid, "started": i.started} for i in identities],
    }
    write_private(home.stack_file, json.dumps(record, indent=1))


@contextlib.contextmanager
def locked(home: Home) -> Generator[IO[str]]:
    """Hold the folder's lock, so that one stack runs at a time. The kernel releases it when the
    holder dies, however it dies. Raises StackAlreadyRunning.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackAlreadyRunning(running_at(home)) from None
        yield lock


def running_at(home: Home) -> str:
    """Describes the running stack, for a message, as far as its stack file is written."""
    url = None
    with contextlib.suppress(OSError, ValueError, AttributeError):
        url = json.loads(home.stack_file.read_text()).get("url")
    where = f"at {url}" if url else "and is about to be ready"
    return (
        f"The stack of {home.root} already runs {where}."
        " Use it as it is, or stop it with 'aiwebhook local down' (make down)."
    )
