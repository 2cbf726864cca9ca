"""`aiwebhook events …`: what happened in the project, and what happens now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, cast

import typer

from aiwebhook.domain.page import MAX_PAGE
from aiwebhook_cli.exits import Interrupted
from aiwebhook_cli.json_shape import having
from aiwebhook_cli.live import line_of
from aiwebhook_cli.printing import Json, print_hint, print_line, print_news
from aiwebhook_cli.target import Globals, connect

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(help="What happens in the project, in order.", no_args_is_help=True)
Session = Annotated[str | None, typer.Option(help="Only of this session.")]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this type, such as task.failed; repeatable."),
]
_POLL_S = 20.0


@app.command("list", epilog="Example: aiwebhook events list --type task.failed --limit 1000")
def list_(
    ctx: typer.Context,
    session: Session = None,
    type_: Types = None,
    after: Annotated[str | None, typer.Option(help="After this cursor. Default: all.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 100,
) -> None:
    """List events, oldest first, a line each; with --json an object each."""
    options = cast("Globals", ctx.obj)
    feed = _Feed(after=after, types=type_, session=session)
    with connect(options) as client:
        shown = 0
        for event in feed.events(client, wait_s=None, limit=limit):
            _show(options, event)
            shown += 1
    if shown == limit:
        print_hint(f"More: add --after {feed.after}")
    elif not shown and not options.json:
        print_news("No events.")


@app.command(epilog="Example: aiwebhook events tail --session plan --type task.completed")
def tail(
    ctx: typer.Context,
    session: Session = None,
    type_: Types = None,
    after: Annotated[
        str | None, typer.Option(help="After this cursor. Default: only new events.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Stop after this many. Default: at Ctrl-C.", min=1)
    ] = None,
) -> None:
    """Show events as they happen, a line each; with --json an object each."""
    options = cast("Globals", ctx.obj)
    feed = _Feed(after=after or "latest", types=type_, session=session)
    try:
        with connect(options) as client:
            for event in feed.events(client, wait_s=_POLL_S, limit=limit):
                _show(options, event)
    except KeyboardInterrupt as exc:
        raise Interrupted(
            "The events go on without us.",
            remedy=f"'aiwebhook events tail --after {feed.after}' goes on from here.",
        ) from exc


class _Feed:
    """The project's events behind a cursor; `after` is where the reader stands."""

    def __init__(self, *, after: str | None, types: list[str] | None, session: str | None) -> None:
        self.after = after
        self._types = ",".join(types) if types else None
        self._session = session

    def events(self, client: Client, *, wait_s: float | None, limit: int | None) -> Iterator[Json]:
        """At most `limit`; without `wait_s` to the end of what there is. No page is longer than
        what is left of the limit, so that `after` stands behind the last event that was given.
        """
        left = limit
        while left is None or left > 0:
            page = client.project_events(
                after=self.after,
                types=self._types,
                limit=left and min(left, MAX_PAGE),
                wait_s=wait_s,
            )
            if page.get("truncated"):
                print_hint("Events before these are deleted, or a restore cut them off.")
            found = [
                event for event in page["items"] if self._session in (None, event.get("session_id"))
            ]
            yield from found
            self.after = page["next_cursor"]
            if left is not None:
                left -= len(found)
            if wait_s is None and not page["items"]:
                return
            client.pause_after(page)


def _show(options: Globals, event: Json) -> None:
    if options.json:
        print_line(having(event, options.fields))
        return
    _, _, text = line_of(event) or ("", "", "")
    time = str(event["time"]).replace("T", " ").removesuffix("Z").split(".")[0]
    about = event.get("task_id") or event.get("session_id") or ""
    print_news("  ".join(part for part in (time, event["type"], about, text) if part))
