"""`aiwebhook endpoints …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook_cli.arguments import confirm, present
from aiwebhook_cli.callbacks import wait_for_callback
from aiwebhook_cli.long_lists import (
    ListView,
    PageCursor,
    RowLimit,
    ids_on_pages,
    pages_of,
    print_list,
)
from aiwebhook_cli.printing import Json, print_done, print_fields
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(
    help="URLs that receive signed callbacks. Needs a key with the scope admin.",
    no_args_is_help=True,
)
EndpointId = Annotated[
    str, typer.Argument(metavar="ENDPOINT_ID", help="Its id, as in 'endpoints list'.")
]
SentTypes = Annotated[
    list[str] | None,
    typer.Option("--event", help="Only this type, such as task.completed; repeatable."),
]
Payload = Annotated[
    str | None, typer.Option(help="thin: ids and status; full: results too. Default: thin.")
]
_ENDPOINTS = ListView(
    rows="items",
    columns=(
        Column(name="endpoint_id", title="endpoint"),
        Column(name="url", sentence=True),
        Column(name="status"),
        Column(name="event_types", title="events", sentence=True, least=12, rank=3),
        Column(name="failures", rank=1),
        Column(name="payload", rank=5),
        Column(name="created_at", title="created", rank=2),
        Column(name="description", sentence=True, least=12, rank=4),
    ),
    nothing="No endpoints.",
    row=lambda endpoint: {**endpoint, "event_types": endpoint["event_types"] or "all"},
)


@app.command("list", epilog="Example: aiwebhook endpoints list")
def list_(ctx: typer.Context, limit: RowLimit = DEFAULT_PAGE, cursor: PageCursor = None) -> None:
    """List endpoints, newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        print_list(
            options,
            pages_of(client, "/v1/endpoints"),
            _ENDPOINTS,
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook endpoints show ep_0199…")
def show(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Show an endpoint, without its secret."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(_path(client, endpoint_id))
    print_fields(options, found)


@app.command(epilog="Example: aiwebhook endpoints add https://example.com/hook --event task.failed")
def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="https, a public domain name.")],
    event: SentTypes = None,
    payload: Payload = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
) -> None:
    """Register a URL. Its signing secret is shown only once."""
    options = cast("Globals", ctx.obj)
    body = present(url=url, event_types=event or None, payload=payload, description=description)
    with connect(options) as client:
        made = client.post_once("/v1/endpoints", body)
    print_fields(options, made, say="The secret is shown this once.")


@app.command(epilog="Example: aiwebhook endpoints change ep_0199… --event task.completed")
def change(
    ctx: typer.Context,
    endpoint_id: EndpointId,
    url: Annotated[str | None, typer.Option("--to", help="Another URL.")] = None,
    event: SentTypes = None,
    payload: Payload = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
) -> None:
    """Change what an endpoint is sent, and where to."""
    body = present(url=url, event_types=event or None, payload=payload, description=description)
    if not body:
        raise typer.BadParameter("say what to change: --to, --event, --payload or --description.")
    changed = _patch(ctx, endpoint_id, body)
    print_done(cast("Globals", ctx.obj), changed, f"{changed['endpoint_id']} is changed.")


@app.command(epilog="Example: aiwebhook endpoints disable ep_0199…")
def disable(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Send nothing to an endpoint until it is enabled again."""
    changed = _patch(ctx, endpoint_id, {"status": "disabled"})
    print_done(cast("Globals", ctx.obj), changed, f"Nothing is sent to {changed['url']} any more.")


@app.command(epilog="Example: aiwebhook endpoints enable ep_0199…")
def enable(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Send to an endpoint again, even if failures disabled it."""
    changed = _patch(ctx, endpoint_id, {"status": "active"})
    print_done(cast("Globals", ctx.obj), changed, f"{changed['url']} is sent to again.")


@app.command(epilog="Example: aiwebhook endpoints rotate ep_0199…")
def rotate(ctx: typer.Context, endpoint_id: EndpointId) -> None:
    """Give an endpoint a new signing secret, shown once. For a day the old one signs, too."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        made = client.post_once(f"{_path(client, endpoint_id)}/rotate", {})
    print_fields(options, made, say="The secret is shown this once.")


@app.command("test", epilog="Example: aiwebhook endpoints test ep_0199… --wait 20")
def send_test_event(
    ctx: typer.Context,
    endpoint_id: EndpointId,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the outcome.", min=0, max=60)] = 0,
) -> None:
    """Send a signed test event. With --wait, exits with 1 unless it arrived."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        due = client.post(f"{_path(client, endpoint_id)}/ping")
        if wait:
            wait_for_callback(options, client, due["delivery_id"], wait_s=wait)
            return
    delivery_id = due["delivery_id"]
    print_done(options, due, f"Queued. 'aiwebhook callbacks show {delivery_id}' shows the outcome.")


@app.command(epilog="Example: aiwebhook endpoints delete ep_0199… --yes")
def delete(
    ctx: typer.Context,
    endpoint_id: EndpointId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an endpoint with its callbacks, permanently."""
    options = cast("Globals", ctx.obj)
    confirm(f"Delete endpoint {endpoint_id} with its callbacks?", yes=yes)
    with connect(options) as client:
        gone = client.delete(_path(client, endpoint_id))
    print_done(options, gone, f"Endpoint {gone['deleted']} is deleted.")


def _patch(ctx: typer.Context, endpoint_id: str, body: Json) -> Json:
    with connect(cast("Globals", ctx.obj)) as client:
        return client.patch(_path(client, endpoint_id), body)


def _path(client: Client, endpoint_id: str) -> str:
    whole = whole_id(
        endpoint_id,
        lambda: ids_on_pages(
            pages_of(client, "/v1/endpoints"),
            "items",
            "endpoint_id",
        ),
    )
    return f"/v1/endpoints/{quote(whole, safe='')}"
