"""`aiwebhook sources …`."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import quote

import typer

from aiwebhook_cli.printing import print_done, print_fields, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

Json = dict[str, Any]
app = typer.Typer(
    help="Senders of webhooks, each with an address of its own. Needs a key with the scope admin.",
    no_args_is_help=True,
)
_COLUMNS = (
    Column(name="source_id", title="source"),
    Column(name="kind"),
    Column(name="status"),
    Column(name="url", title="address", rank=1),
    Column(name="description", sentence=True, rank=2),
    Column(name="created_at", title="created", rank=3),
)
_LOOK_S, _LOOKS = 2.0, 90
SourceId = Annotated[str, typer.Argument(help="The source's id, as in 'sources list'.")]
Secret = Annotated[
    str | None,
    typer.Option("--secret", help="The sender's secret; '-' reads it from standard input."),
]


@app.command(epilog="Example: aiwebhook sources create stripe --id billing --secret -")
def create(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Argument(help="github, standard_webhooks, stripe, slack, hmac or none.")
    ],
    source_id: Annotated[
        str | None, typer.Option("--id", help="The end of its address. Default: random.")
    ] = None,
    secret: Secret = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    header: Annotated[str | None, typer.Option(help="Kind hmac: where the signature is.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Kind hmac: hex or base64.")] = None,
    prefix: Annotated[
        str | None, typer.Option(help="Kind hmac: what precedes the signature, such as 'sha256='.")
    ] = None,
    dedupe_header: Annotated[
        str | None, typer.Option(help="The header whose value identifies a repeat.")
    ] = None,
    dedupe_pointer: Annotated[
        str | None, typer.Option(help="The same, as a JSON pointer into the body: '/id'.")
    ] = None,
    cidr: Annotated[
        list[str] | None, typer.Option(help="Only from this network; repeatable.")
    ] = None,
    networks: Annotated[
        str | None, typer.Option(help="github: only from GitHub's networks, plus --cidr.")
    ] = None,
    retention_days: Annotated[int | None, typer.Option(help="How long bytes are kept.")] = None,
) -> None:
    """Create a source of webhooks. Shows the address to give to its sender."""
    options = cast("Globals", ctx.obj)
    wanted = {"source_id": source_id, "secret": _secret(secret), "description": description}
    wanted |= {"header": header, "encoding": encoding, "prefix": prefix}
    wanted |= {"dedupe_header": dedupe_header, "dedupe_pointer": dedupe_pointer}
    wanted["networks"] = networks
    body: Json = {"kind": kind, "cidrs": cidr, "retention_days": retention_days, **wanted}
    with connect(options) as client:
        made = client.post("/v1/sources", {n: v for n, v in body.items() if v is not None})
    print_fields(
        options, made, say="The secret is shown this once." if made.get("secret") else None
    )


@app.command("list", epilog="Example: aiwebhook sources list")
def list_(ctx: typer.Context) -> None:
    """List sources, newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/sources", {"limit": 100})
    print_rows(options, found, found["items"], _COLUMNS, nothing="No sources but GitHub's own.")


@app.command(epilog="Example: aiwebhook sources show billing")
def show(ctx: typer.Context, source_id: SourceId) -> None:
    """Show a source, without its secrets."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(_path(source_id))
    print_fields(options, found)


@app.command(epilog="Example: aiwebhook sources rotate billing --secret - --overlap 3600")
def rotate(
    ctx: typer.Context,
    source_id: SourceId,
    secret: Secret = None,
    overlap: Annotated[
        int | None, typer.Option(help="Seconds for which the previous secret stays valid.")
    ] = None,
) -> None:
    """Give a source a new secret. The previous one stays valid for a day."""
    options = cast("Globals", ctx.obj)
    body = {"secret": _secret(secret), "overlap_s": overlap}
    with connect(options) as client:
        path = f"{_path(source_id)}/rotate"
        made = client.post(path, {n: v for n, v in body.items() if v is not None})
    print_fields(
        options, made, say="The secret is shown this once." if made.get("secret") else None
    )


@app.command(epilog="Example: aiwebhook sources disable billing")
def disable(ctx: typer.Context, source_id: SourceId) -> None:
    """Refuse a source's webhooks until it is enabled again."""
    _set_status(ctx, source_id, "disabled", f"Nothing is taken from {source_id} any more.")


@app.command(epilog="Example: aiwebhook sources enable billing")
def enable(ctx: typer.Context, source_id: SourceId) -> None:
    """Accept a source's webhooks again."""
    _set_status(ctx, source_id, "active", f"{source_id} may send again.")


@app.command(epilog="Example: aiwebhook sources delete billing")
def delete(ctx: typer.Context, source_id: SourceId) -> None:
    """Delete a source. What it sent is kept as long as the project says."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        gone = client.delete(_path(source_id))
    print_done(options, gone, f"The source {gone['deleted']} is forgotten.")


@app.command(
    epilog="Example: aiwebhook sources hook billing repos/acme/billing/hooks/4711 --token -"
)
def hook(
    ctx: typer.Context,
    source_id: SourceId,
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="[HOOK]",
            help="repos/OWNER/REPO/hooks/ID, orgs/ORG/hooks/ID or app/hook. Default: show it.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            help="A token that may administer the hook; '-' reads it from standard input."
        ),
    ] = None,
    app_id: Annotated[str | None, typer.Option(help="app/hook: the App's id.")] = None,
    private_key: Annotated[
        Path | None, typer.Option(help="app/hook: the file with the App's private key.")
    ] = None,
    api_url: Annotated[
        str | None, typer.Option(help="GitHub Enterprise Server: https://HOST/api/v3.")
    ] = None,
) -> None:
    """Have GitHub redeliver what never arrived. Checks every five minutes."""
    options = cast("Globals", ctx.obj)
    path = f"{_path(source_id)}/reconciliation"
    with connect(options) as client:
        if place is None:
            found = client.get(path)
        else:
            key = None if private_key is None else private_key.read_text(encoding="utf-8")
            body = {"hook": place, "token": _secret(token), "app_id": app_id}
            body |= {"private_key": key, "api_url": api_url}
            found = client.post(path, {n: v for n, v in body.items() if v is not None})
    print_fields(options, found, say=reconciled(found))


@app.command(epilog="Example: aiwebhook sources reconcile billing --dry-run")
def reconcile(
    ctx: typer.Context,
    source_id: SourceId,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is missing.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for it, a minute or two.")] = True,
) -> None:
    """Have GitHub redeliver what never arrived, now."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        asked = client.post(f"{_path(source_id)}/reconcile", {"dry_run": dry_run})
        found = asked
        for _ in range(_LOOKS if wait else 0):
            if found["wanted"] is None:
                break
            threading.Event().wait(_LOOK_S)  # nothing tells when it is done
            found = client.get(f"{_path(source_id)}/reconciliation")
    print_fields(options, found, say=reconciled(found))


@app.command(epilog="Example: aiwebhook sources unhook billing")
def unhook(ctx: typer.Context, source_id: SourceId) -> None:
    """Stop checking GitHub for a source, and delete the token."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        gone = client.delete(f"{_path(source_id)}/reconciliation")
    print_done(options, gone, f"GitHub is asked no more about {gone['deleted']}.")


def reconciled(found: Json) -> str:
    """What came of it, in one sentence."""
    report = found["report"]
    if found["wanted"] is not None or found["passed_at"] is None:
        return "GitHub is asked within a minute."
    if found["failure"]:
        return f"{found['failure']}. It is asked again at {found['next_at']}."
    if report["dry_run"]:
        return f"GitHub sent {report['missed']} deliveries that are not here."
    sentence = (
        f"{report['missed']} missed, {report['recovered']} recovered, {report['asked']} asked for"
        f" again, {report['fetched']} fetched, {report['lost']} lost; {found['missing']} missing."
    )
    if not found["refused"]:
        return sentence
    return (
        f"{sentence} Of these we refused {found['refused']} again and again, most likely for the"
        " hook's secret or the source's networks: set that right, then"
        f" 'aiwebhook sources reconcile {found['source_id']}'."
    )


def _set_status(ctx: typer.Context, source_id: str, status: str, sentence: str) -> None:
    from aiwebhook.client.transport import ClientCall  # noqa: PLC0415 HTTP costs 40 ms

    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        call = ClientCall(method="PATCH", path=_path(source_id), body={"status": status})
        changed = client.send(call).body
    print_done(options, changed, sentence)


def _secret(given: str | None) -> str | None:
    return typer.get_text_stream("stdin").readline().rstrip("\r\n") if given == "-" else given


def _path(source_id: str) -> str:
    return f"/v1/sources/{quote(source_id, safe='')}"
