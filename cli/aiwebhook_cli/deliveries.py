"""`aiwebhook deliveries …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import quote

import typer

from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook_cli.arguments import moment_of
from aiwebhook_cli.long_lists import (
    ListView,
    PageCursor,
    RowLimit,
    ids_on_pages,
    pages_of,
    print_list,
)
from aiwebhook_cli.printing import print_content, print_done, print_fields
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

if TYPE_CHECKING:
    from aiwebhook.client import Client

Json = dict[str, Any]
app = typer.Typer(
    help="Webhooks that came in: list, read, replay.",
    no_args_is_help=True,
)
_COLUMNS = (
    Column(name="delivery_id", title="delivery"),
    Column(name="source", rank=2),
    Column(name="event"),
    Column(name="action", rank=1),
    Column(name="repository", sentence=True, rank=3),
    Column(name="status"),
    Column(name="conflict", rank=5),
    Column(name="size", rank=4),
    Column(name="received_at", title="received", rank=1),
)
DeliveryId = Annotated[str, typer.Argument(help="The delivery's id, as in 'deliveries list'.")]


@app.command("list", epilog="Example: aiwebhook deliveries list --event issues --action labeled")
def list_(
    ctx: typer.Context,
    source: Annotated[str | None, typer.Option(help="The source, such as github.")] = None,
    event: Annotated[str | None, typer.Option(help="What happened, such as push.")] = None,
    action: Annotated[
        str | None, typer.Option(help="The payload's action, such as opened.")
    ] = None,
    repository: Annotated[str | None, typer.Option(help="Its owner/name.")] = None,
    status: Annotated[str | None, typer.Option(help="received, failed or too_large.")] = None,
    since: Annotated[
        str | None, typer.Option(help="30m, 2h, 3d, or an RFC 3339 time: 2026-11-29T08:00:00Z.")
    ] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """List what came in, newest first."""
    options = cast("Globals", ctx.obj)
    wanted = {"source": source, "event": event, "action": action, "repository": repository}
    wanted |= {"status": status, "since": moment_of(since)}
    with connect(options) as client:
        print_list(
            options,
            pages_of(client, "/v1/inbound", wanted),
            ListView(rows="items", columns=_COLUMNS, nothing="Nothing came in."),
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook deliveries show in_0199…")
def show(ctx: typer.Context, delivery_id: DeliveryId) -> None:
    """Show a delivery with its headers; `deliveries body` has the bytes."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(_path(client, delivery_id))
    if not options.json:
        found = {name: value for name, value in found.items() if not name.startswith("body_base")}
    print_fields(options, found)


@app.command(epilog="Example: aiwebhook deliveries body in_0199… > payload.json")
def body(ctx: typer.Context, delivery_id: DeliveryId) -> None:
    """Write the exact bytes of a delivery into a pipe or a file."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(_path(client, delivery_id))
        raw = delivery_bytes(found)
    print_content(raw)


@app.command(epilog="Example: aiwebhook deliveries replay in_0199…")
def replay(
    ctx: typer.Context,
    delivery_id: DeliveryId,
    rules: Annotated[
        bool,
        typer.Option("--rules", help="Apply the rules again, too: they may start another task."),
    ] = False,
) -> None:
    """Send a delivery again to whoever listens, under the same id."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        done = client.post(f"{_path(client, delivery_id)}/replay", {"rules": True} if rules else {})
    print_done(options, done, f"Told again: {done['replayed']}.")


def delivery_bytes(found: Json) -> bytes:
    """The bytes of what GET /v1/inbound/… answered. Raises NotFound, Unavailable."""
    from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 HTTP costs 40 ms
    from aiwebhook.errors import NotFound  # noqa: PLC0415 as above

    if found["body_base64"] is None and found["body_url"] is None:
        raise NotFound(
            f"The bytes of delivery '{found['delivery_id']}' are not kept.", code="body_gone"
        )
    return artifact_bytes(
        {"content_base64": found["body_base64"], "content_url": found["body_url"]}
    )


def _path(client: Client, delivery_id: str) -> str:
    whole = whole_id(
        delivery_id,
        lambda: ids_on_pages(
            pages_of(client, "/v1/inbound"),
            "items",
            "delivery_id",
        ),
    )
    return f"/v1/inbound/{quote(whole, safe='')}"
