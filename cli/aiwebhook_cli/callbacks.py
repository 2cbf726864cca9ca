"""`aiwebhook callbacks …`: what goes out. What comes in is `aiwebhook deliveries`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.errors import Unavailable
from aiwebhook_cli.arguments import moment_of, present
from aiwebhook_cli.exits import ExitCode
from aiwebhook_cli.long_lists import (
    ListView,
    PageCursor,
    RowLimit,
    ids_on_pages,
    pages_of,
    print_list,
)
from aiwebhook_cli.printing import Json, console, print_done, print_fields, print_hint, print_table
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(
    help="Callbacks that were sent, or should have been. Needs a key with the scope admin.",
    no_args_is_help=True,
)
CallbackId = Annotated[
    str, typer.Argument(metavar="CALLBACK_ID", help="Its id, as in 'callbacks list'.")
]
_CALLBACKS = ListView(
    rows="items",
    columns=(
        Column(name="delivery_id", title="callback"),
        Column(name="event_type", title="event"),
        Column(name="status"),
        Column(name="attempts", rank=2),
        Column(name="url", sentence=True, least=16),
        Column(name="created_at", title="created", rank=1),
        Column(name="next_attempt_at", title="next try", rank=3),
        Column(name="delivered_at", title="delivered", rank=4),
        Column(name="task_id", title="task", rank=5),
        Column(name="endpoint_id", title="endpoint", rank=6),
    ),
    nothing="No callbacks.",
)
_ONCE_MORE_MS = 500


@app.command("list", epilog="Example: aiwebhook callbacks list --status dead")
def list_(
    ctx: typer.Context,
    status: Annotated[str | None, typer.Option(help="pending, delivered, dead or held.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Only to this endpoint.")] = None,
    task: Annotated[str | None, typer.Option(help="Only about this task.")] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """List callbacks, newest first."""
    options = cast("Globals", ctx.obj)
    wanted = {"status": status, "endpoint_id": endpoint, "task_id": task}
    with connect(options) as client:
        print_list(
            options,
            pages_of(client, "/v1/deliveries", wanted),
            _CALLBACKS,
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook callbacks show dlv_0199…")
def show(ctx: typer.Context, callback_id: CallbackId) -> None:
    """Show a callback with the outcome of each attempt."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(_path(client, callback_id))
    _print_callback(options, found)


@app.command(epilog="Example: aiwebhook callbacks redeliver --failed --since 2h")
def redeliver(
    ctx: typer.Context,
    callback_id: Annotated[
        str | None, typer.Argument(metavar="CALLBACK_ID", help="Which one; or --failed.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="All that were given up (status dead).")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(help="With --failed: only those since 30m, 2h, 3d, or an RFC 3339 time."),
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="With --failed: only those to this endpoint.")
    ] = None,
) -> None:
    """Send a callback again, or all that failed. The webhook-id stays the same."""
    if (callback_id is not None) == failed or ((since or endpoint) and not failed):
        raise typer.BadParameter("give either CALLBACK_ID or --failed, with --since or --endpoint.")
    options = cast("Globals", ctx.obj)
    if callback_id is None:
        _redeliver_failed(options, present(since=moment_of(since), endpoint_id=endpoint))
        return
    with connect(options) as client:
        due = client.post(f"{_path(client, callback_id)}/redeliver")
    print_done(options, due, f"{due['delivery_id']} is queued again.")


def _redeliver_failed(options: Globals, wanted: Json) -> None:
    """As many requests as it needs: one takes a hundred."""
    number = 0
    with connect(options) as client:
        while True:
            done = client.post("/v1/deliveries/redeliver", wanted)
            number += done["redelivered"]
            if done["complete"]:
                break
            print_hint(f"{number} are queued, there are more …")
    body = {"redelivered": number}
    callbacks = "callback is" if number == 1 else "callbacks are"
    print_done(options, body, f"{number} {callbacks} queued again.")


def wait_for_callback(
    options: Globals,
    client: Client,
    delivery_id: str,
    *,
    wait_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Show a callback once it was tried; exits with 1 unless it arrived. Raises Unavailable where
    nobody has tried it until then.
    """
    until = clock() + wait_s
    found = client.get(f"/v1/deliveries/{quote(delivery_id, safe='')}")
    while not found["attempts"] and clock() < until:
        client.pause_after({"next_poll_ms": _ONCE_MORE_MS})
        found = client.get(f"/v1/deliveries/{quote(delivery_id, safe='')}")
    if not found["attempts"]:
        raise Unavailable(
            f"Callback {delivery_id} has not been tried within {wait_s:g} s.",
            code="wait_timeout",
            remedy=f"'aiwebhook callbacks show {delivery_id}' shows the outcome.",
        )
    _print_callback(options, found)
    if found["status"] != "delivered":
        raise typer.Exit(ExitCode.FAILED)


def _print_callback(options: Globals, found: Json) -> None:
    if options.json:
        print_fields(options, found)
        return
    tries: list[Json] = found.get("log") or []
    print_fields(options, {name: value for name, value in found.items() if name != "log"})
    if tries:
        screen = console()
        screen.print()
        names = dict.fromkeys(name for each in tries for name in each)
        columns = [
            Column(name=name, rank=number, sentence=number > 1) for number, name in enumerate(names)
        ]
        print_table(screen, tries, columns)


def _path(client: Client, callback_id: str) -> str:
    whole = whole_id(
        callback_id,
        lambda: ids_on_pages(
            pages_of(client, "/v1/deliveries"),
            "items",
            "delivery_id",
        ),
    )
    return f"/v1/deliveries/{quote(whole, safe='')}"
