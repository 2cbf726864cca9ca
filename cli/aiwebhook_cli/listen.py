"""`aiwebhook listen`: what comes in, live, behind any NAT."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from aiwebhook.domain.plain_text import plain_line
from aiwebhook.ids import new_id
from aiwebhook_cli.arguments import moment_of
from aiwebhook_cli.json_shape import having
from aiwebhook_cli.printing import console, print_hint, print_line, print_news
from aiwebhook_cli.target import Globals, cli_state_folder, connect, find_target
from aiwebhook_cli.value_text import short_ids, size_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiwebhook_cli.listening.handing_on import Attempted, HandOn

Json = dict[str, Any]
EXAMPLES = """Example: aiwebhook listen --channel laptop

  aiwebhook listen --forward http://localhost:3000  post each there as well

  aiwebhook listen --exec ./on-push.sh --event push

  aiwebhook listen --handler on_push --concurrency 4

  aiwebhook listen --replay 2h                      begin two hours ago
"""
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


def listen(
    ctx: typer.Context,
    forward: Annotated[
        str | None, typer.Option(help="Post each delivery to this URL, as it came.")
    ] = None,
    execute: Annotated[
        str | None,
        typer.Option(
            "--exec", help="Run this for each delivery, with its bytes on standard input."
        ),
    ] = None,
    handler: Annotated[
        str | None,
        typer.Option(help="Pass each to this installed Python handler (docs/listen.md)."),
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Only show them: the default.")] = False,
    channel: Annotated[
        str | None,
        typer.Option(
            help="Clients of one channel take turns. Default: a channel for this machine."
        ),
    ] = None,
    replay: Annotated[
        str | None, typer.Option(help="Start again from there: 30m, 2h, 3d, or an RFC 3339 time.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(help="How many at once, 1–20; still one at a time per source.")
    ] = 1,
    any_order: Annotated[
        bool, typer.Option("--any-order", help="Also several at once per source.")
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="Only from this source, such as github.")
    ] = None,
    event: Annotated[str | None, typer.Option(help="Only this event, such as push.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, such as opened.")] = None,
    repository: Annotated[str | None, typer.Option(help="Only about this owner/name.")] = None,
) -> None:
    """Show incoming webhooks, and forward them. They come in order, at least once, from where this
    channel stopped. A target that is away holds them up; after a 4xx, or three 5xx, a delivery is
    marked as failed ('aiwebhook deliveries list --status failed') and skipped.
    """
    # reason: an option each
    from aiwebhook_cli.listening.channel_calls import ChannelCalls  # noqa: PLC0415 HTTP costs 40 ms
    from aiwebhook_cli.listening.lanes import Concurrency  # noqa: PLC0415 as above
    from aiwebhook_cli.listening.listen_place import ListenPlaceFile  # noqa: PLC0415 as above
    from aiwebhook_cli.listening.listener import Following, Listener, ListenerOutside  # noqa: PLC0415 as above

    if sum((forward is not None, execute is not None, handler is not None, show)) > 1:
        raise typer.BadParameter("give one of --forward, --exec, --handler and --print.")
    if not 1 <= concurrency <= MOST_AT_ONCE:
        raise typer.BadParameter(f"--concurrency must be 1–{MOST_AT_ONCE}, got {concurrency}.")
    options = cast("Globals", ctx.obj)
    wanted = {"source": source, "event": event, "action": action, "repository": repository}
    name = channel or f"listen-{_NOT_A_NAME.sub('-', socket.gethostname())[:60]}"
    since = moment_of(replay)
    with (
        _handling(forward, execute, handler) as handle,
        connect(options) as client,
        _shown(options) as shown,
    ):
        calls = ChannelCalls(
            client, channel=name, holder=new_id("lsn"), lease_s=LISTENER_LEASE_S, wanted=wanted
        )
        outside = ListenerOutside(hint=print_hint, show=shown, pause=_pause)
        following = Following(
            since=since,
            concurrency=Concurrency(at_once=concurrency, any_order=any_order),
            place=ListenPlaceFile(_place_of(options, client.base_url, name), hint=print_hint),
        )
        print_hint(f"Listening on channel {name} of {client.base_url}. Ctrl-C ends it.")
        Listener(calls, handle, outside, following).run()


LISTENER_LEASE_S = 30
"""After a client that was killed, another waits so long at most."""
MOST_AT_ONCE = 20
"""As many as a page of a channel has."""


def _place_of(options: Globals, url: str, channel: str) -> Path:
    """The file of a channel, as a key sees it: another project has channels of its own."""
    key = find_target(options).key
    named = json.dumps([url, channel, key])
    name = hashlib.sha256(named.encode()).hexdigest()[:16]
    return cli_state_folder(options) / "listen" / f"{name}.json"


@contextmanager
def _handling(forward: str | None, execute: str | None, handler: str | None) -> Generator[HandOn]:
    """What is done with each."""
    from aiwebhook_cli.listening.handing_on import Executor, Forwarder, only_shown  # noqa: PLC0415 HTTP costs 40 ms

    if forward is not None:
        with closing(Forwarder(forward)) as forwarder:
            yield forwarder
        return
    if handler is not None:
        from aiwebhook_cli.listening.handlers import delivery_handler  # noqa: PLC0415 few have one

        yield delivery_handler(handler, print_hint)
        return
    if execute is None:
        yield only_shown
        return
    try:
        words = shlex.split(execute)
    except ValueError as exc:
        raise typer.BadParameter(f"--exec: {exc}.") from exc
    if not words:
        raise typer.BadParameter("--exec needs a program.")
    yield Executor(words, os.environ)  # noqa: TID251 the edge


@contextmanager
def _shown(options: Globals) -> Generator[Callable[[Json, Attempted], None]]:
    """Give each delivery, with how it ended, to what this yields: a line each; below them, on a
    terminal, how many there were.
    """
    if options.json:
        yield lambda delivery, tried: print_line(
            having({**delivery, "outcome": tried.verdict, "reason": tried.reason}, options.fields)
        )
        return
    screen = console()
    if not sys.stdout.isatty():
        yield lambda delivery, tried: print_news(line_of_delivery(delivery, tried))
        return
    counts = {"handed on": 0, "failed": 0}
    with screen.status("waiting for webhooks …") as status:

        def show(delivery: Json, tried: Attempted) -> None:
            line = line_of_delivery(delivery, tried, columns=screen.width)
            screen.print(line, soft_wrap=True)
            counts["handed on" if tried.verdict == "done" else "failed"] += 1
            status.update(", ".join(f"{count} {what}" for what, count in counts.items()))

        yield show


def line_of_delivery(delivery: Json, tried: Attempted, *, columns: int | None = None) -> str:
    """Such as: 14:03:11  github  issues labeled  octo/tree  1.2 kB  in_…  HTTP 200. Where there are
    not so many columns, the id is abbreviated, then the size goes, then the repository's owner.
    """
    line = _line(delivery, tried)
    if columns is None or len(line) <= columns:
        return line
    delivery_id, repository = delivery["delivery_id"], delivery["repository"]
    shown = {**delivery, "delivery_id": short_ids([delivery_id])[delivery_id]}
    for left_out in ({}, {"size": None}, {"repository": (repository or "").rpartition("/")[2]}):
        shown |= left_out
        line = _line(shown, tried)
        if len(line) <= columns:
            break
    return line


def _line(delivery: Json, tried: Attempted) -> str:
    time = str(delivery["received_at"]).partition("T")[2][:8]
    what = " ".join(filter(None, (delivery["event"], delivery["action"])))
    size = None if delivery["size"] is None else size_text(delivery["size"])
    told = [time, delivery["source"], what, delivery["repository"], size, delivery["delivery_id"]]
    told += ["again" if delivery["replayed"] else None, tried.reason]
    if delivery["conflict"]:
        told.append("its GUID came before with other bytes")
    return plain_line("  ".join(str(each) for each in told if each))


def _pause(seconds: float) -> None:
    """Time has to pass; nothing would tell that the target is back."""
    threading.Event().wait(seconds)
