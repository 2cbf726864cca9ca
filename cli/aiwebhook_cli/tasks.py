"""`aiwebhook task …`."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from aiwebhook.domain.page import DEFAULT_PAGE, MAX_PAGE
from aiwebhook.domain.task import AT_REST, TERMINAL
from aiwebhook.errors import AiWebhookError, NotFound
from aiwebhook_cli.arguments import agents_to_complete, json_object, present, text_or_stdin
from aiwebhook_cli.exits import ExitCode, Interrupted
from aiwebhook_cli.live import shown_live
from aiwebhook_cli.long_lists import ListView, PageCursor, RowLimit, ids_on_pages, print_list
from aiwebhook_cli.printing import Json, print_content, print_done, print_json, print_rows
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect
from aiwebhook_cli.task_view import print_task

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(help="Delegate tasks to agents and follow them.", no_args_is_help=True)
TaskId = Annotated[str, typer.Argument(metavar="TASK_ID", help="The task.")]
_COLUMNS = (
    Column(name="task_id", title="task"),
    Column(name="status"),
    Column(name="agent_name", title="agent", rank=1),
    Column(name="session_id", title="session", rank=4),
    Column(name="created_at", title="created", rank=2),
    Column(name="what", sentence=True, rank=3),
)
_ARTIFACT_COLUMNS = (
    Column(name="name", sentence=True),
    Column(name="type"),
    Column(name="size", rank=1),
    Column(name="created_at", title="created", rank=2),
    Column(name="artifact_id", title="artifact", rank=3),
)
_A_DAY_S = 86_400.0
_TASKS = ListView(
    rows="tasks",
    columns=_COLUMNS,
    nothing="No tasks.",
    row=lambda task: {**task, "what": task.get("say") or task.get("description")},
)


@app.command(epilog='Example: aiwebhook task delegate plan researcher "Write a brief" --wait')
# reason: an option of the command is a parameter of its function
def delegate(
    ctx: typer.Context,
    session_id: Annotated[str, typer.Argument(help="The session it belongs to.")],
    agent: Annotated[
        str,
        typer.Argument(
            help="Which agent; see 'aiwebhook agent list'.", autocompletion=agents_to_complete
        ),
    ],
    description: Annotated[
        str | None, typer.Argument(help="What should be done; - is standard input, @file a file.")
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", help="The agent's input: a JSON object, @file, or -.")
    ] = None,
    task_id: Annotated[str | None, typer.Option(help="An id of your choice.")] = None,
    priority: Annotated[int | None, typer.Option(help="0–9; 9 is most urgent.")] = None,
    timeout: Annotated[int | None, typer.Option(help="Seconds until a run is stopped.")] = None,
    depends_on: Annotated[
        list[str] | None, typer.Option(help="A task that must complete first; repeatable.")
    ] = None,
    callback_url: Annotated[
        str | None, typer.Option(help="URL that receives a callback when the task ends.")
    ] = None,
    repo: Annotated[
        str | None, typer.Option(help="Work on a clone: an https URL, or owner/name on GitHub.")
    ] = None,
    ref: Annotated[str | None, typer.Option(help="Branch, tag or commit to start from.")] = None,
    pr: Annotated[
        str | None, typer.Option(help="What to do with the changes: none, branch, draft or ready.")
    ] = None,
    max_cost_usd: Annotated[
        float | None,
        typer.Option(help="Stop the agent when its model calls have cost this many US dollars."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the result; a terminal shows what happens.")
    ] = False,
) -> None:
    """Hand work to an agent."""
    options = cast("Globals", ctx.obj)
    fields = present(
        agent_name=agent,
        description=text_or_stdin(description, "DESCRIPTION"),
        input_data=json_object(input_, "--input"),
        task_id=task_id,
        priority=priority,
        timeout_s=timeout,
        depends_on=depends_on or None,
        callback_url=callback_url,
        repo=repo,
        ref=ref,
        pr=pr,
        max_cost_usd=max_cost_usd,
    )
    with connect(options) as client:
        task = client.delegate_task(session_id, **fields)
        if not wait:
            print_done(options, task, f"Task {task['task_id']} is {task['status']}.")
            return
        with _keeps_running(task["task_id"]):
            if sys.stdout.isatty() and not options.json:  # somebody looks on
                ended = _watched(options, client, task, until=AT_REST)
            else:
                ended = client.wait_for_task(task["task_id"], timeout_s=_A_DAY_S)
        _show(options, client, ended)


@app.command(epilog="Example: aiwebhook task show task_0199… --wait 20")
def show(
    ctx: typer.Context,
    task_id: TaskId,
    wait: Annotated[int, typer.Option(help="Wait up to this many seconds, 0–20.")] = 0,
) -> None:
    """Show a task's status and result. Exits with 1 if it failed."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        task = client.task(_whole(client, task_id), wait_s=wait or None)
        _show(options, client, task)


@app.command("list", epilog="Example: aiwebhook task list --session plan --status failed")
def list_(
    ctx: typer.Context,
    session: Annotated[str | None, typer.Option(help="Only of this session.")] = None,
    status: Annotated[str | None, typer.Option(help="pending, running, failed, …")] = None,
    agent: Annotated[str | None, typer.Option(help="Only for this agent.")] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """List tasks, newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        print_list(
            options,
            lambda size, after: client.tasks(
                session_id=session, status=status, agent_name=agent, limit=size, cursor=after
            ),
            _TASKS,
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook task cancel task_0199…")
def cancel(ctx: typer.Context, task_id: TaskId) -> None:
    """Stop a task."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        task_id = _whole(client, task_id)
        task = client.change_task(task_id, "cancel")
    stopped = task.get("status") == "cancelled"
    print_done(
        options, task, f"Task {task_id} {'is cancelled' if stopped else 'is asked to stop'}."
    )


@app.command(epilog="Example: aiwebhook task retry task_0199…")
def retry(ctx: typer.Context, task_id: TaskId) -> None:
    """Queue a failed or cancelled task again."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        task_id = _whole(client, task_id)
        print_done(
            options, client.change_task(task_id, "retry"), f"Task {task_id} is queued again."
        )


@app.command(epilog='Example: aiwebhook task reply task_0199… "Use the second option"')
def reply(
    ctx: typer.Context,
    task_id: TaskId,
    message: Annotated[
        str, typer.Argument(help="The message for the agent; - is standard input, @file a file.")
    ],
) -> None:
    """Send a message to a running task."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        words = {"message": text_or_stdin(message, "MESSAGE")}
        sent = client.change_task(_whole(client, task_id), "reply", words)
    print_done(options, sent, "The message is on its way.")


@app.command(epilog="Example: aiwebhook task artifact task_0199… changes.patch | git apply")
def artifact(
    ctx: typer.Context,
    task_id: TaskId,
    name: Annotated[
        str | None, typer.Argument(help="The artifact to print. Default: list them.")
    ] = None,
) -> None:
    """List a task's artifacts, or print one unchanged."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        task_id = _whole(client, task_id)
        session_id = client.task(task_id)["session_id"]
        found = client.artifacts(session_id, task_id=task_id, limit=MAX_PAGE)
        if name is None:
            print_rows(
                options, found, found["artifacts"], _ARTIFACT_COLUMNS, nothing="No artifacts."
            )
            return
        match = next((a for a in found["artifacts"] if a["name"] == name), None)
        if match is None:
            names = ", ".join(a["name"] for a in found["artifacts"]) or "none"
            raise NotFound(
                f"Task {task_id} left no artifact '{name}'.",
                code="artifact_not_found",
                remedy=f"Name one of those that it left: {names}.",
            )
        content = client.artifact(match["artifact_id"])
    if options.json:
        print_json(options, content)
    else:
        from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 reason: as in connect()

        print_content(artifact_bytes(content))


@app.command(epilog="Example: aiwebhook task watch task_0199…")
def watch(ctx: typer.Context, task_id: TaskId) -> None:
    """Follow a task live until it ends. Exits with 1 if it did not complete."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        task = client.task(_whole(client, task_id))
        with _keeps_running(task["task_id"]):
            ended = _watched(options, client, task, until=TERMINAL)
        if options.json:
            _exit_as(ended)
        _show(options, client, ended)


def _watched(options: Globals, client: Client, task: Json, *, until: frozenset[str]) -> Json:
    """The task, when its events have been shown and one of them was the last."""
    with shown_live(options) as show_event:
        for event in client.follow_events(task["session_id"]):
            if event["task_id"] == task["task_id"]:
                show_event(event)
                if event["type"].removeprefix("task.") in until:
                    break
    return client.task(task["task_id"])


@contextmanager
def _keeps_running(task_id: str) -> Generator[None]:
    """Ctrl-C stops watching, not the task. Raises Interrupted."""
    try:
        yield
    except KeyboardInterrupt as exc:
        raise Interrupted(
            f"Task {task_id} keeps running.",
            remedy=f"'aiwebhook task watch {task_id}' follows it again;"
            f" 'aiwebhook task cancel {task_id}' stops it.",
        ) from exc


def _whole(client: Client, task_id: str) -> str:
    """The id of a task that may have been given as the short one of a table."""
    return whole_id(
        task_id,
        lambda: ids_on_pages(
            lambda size, after: client.tasks(limit=size, cursor=after), "tasks", "task_id"
        ),
    )


def _show(options: Globals, client: Client, task: Json) -> NoReturn:
    if options.json:
        print_json(options, task)
    else:
        artifacts: list[Json] = []
        with suppress(AiWebhookError):  # the task itself is worth showing all the same
            artifacts = client.artifacts(task["session_id"], task_id=task["task_id"])["artifacts"]
        print_task(options, task, artifacts)
    _exit_as(task)


def _exit_as(task: Json) -> NoReturn:
    raise typer.Exit(ExitCode.FAILED if task["status"] in ("failed", "cancelled") else 0)
