"""`aiwebhook artifact …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.errors import Invalid
from aiwebhook_cli.arguments import STDIN, bytes_or_stdin, json_object, present
from aiwebhook_cli.long_lists import ListView, PageCursor, RowLimit, ids_on_pages, print_list
from aiwebhook_cli.printing import Json, print_content, print_done, print_fields, print_json
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect
from aiwebhook_cli.value_text import shown_as_text, size_text

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(help="Results and documents: list, read, download, create.", no_args_is_help=True)
ArtifactId = Annotated[
    str, typer.Argument(metavar="ARTIFACT_ID", help="Its id, as in 'artifact list'.")
]
_SHORT = 2_000  # characters: about a screenful
_CONTENT = ("content", "content_base64", "content_url", "content_expires_at")
_ARTIFACTS = ListView(
    rows="artifacts",
    columns=(
        Column(name="artifact_id", title="artifact"),
        Column(name="name", sentence=True),
        Column(name="type"),
        Column(name="size", rank=1),
        Column(name="session_id", title="session", rank=3),
        Column(name="task_id", title="task", rank=4),
        Column(name="created_at", title="created", rank=2),
    ),
    nothing="No artifacts.",
    row=lambda artifact: {**artifact, "size": size_text(artifact.get("size"))},
)


@app.command("list", epilog="Example: aiwebhook artifact list --session plan --type brief")
def list_(
    ctx: typer.Context,
    session: Annotated[str | None, typer.Option(help="Only of this session.")] = None,
    task: Annotated[str | None, typer.Option(help="Only those of this task.")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="What kind it is, such as brief.")
    ] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """List artifacts, newest first, without their content."""
    options = cast("Globals", ctx.obj)
    wanted = present(session_id=session, task_id=task, type=type_)
    with connect(options) as client:
        print_list(
            options,
            lambda size, after: client.all_artifacts(**wanted, limit=size, cursor=after),
            _ARTIFACTS,
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook artifact show art_0199…")
def show(ctx: typer.Context, artifact_id: ArtifactId) -> None:
    """Show an artifact, and its text if short. `artifact download` gets all of it."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.artifact(_whole(client, artifact_id))
    if options.json:
        print_json(options, found)
        return
    told = {name: value for name, value in found.items() if name not in _CONTENT}
    print_fields(options, {**told, "size": size_text(found["size"]), "content": _short(found)})


@app.command(epilog="Example: aiwebhook artifact download art_0199… brief.md")
def download(
    ctx: typer.Context,
    artifact_id: ArtifactId,
    file: Annotated[
        str | None,
        typer.Argument(
            help="Where to; - is standard output. Default: its own name, in this folder."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write the exact bytes of an artifact into a file. Replaces none without --force."""
    from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 HTTP costs 40 ms

    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.artifact(_whole(client, artifact_id))
    raw = artifact_bytes(found)
    if file == STDIN:
        print_content(raw)
        return
    path = Path(file) if file else Path(_own_name(found))
    with path.open("wb" if force else "xb") as opened:
        opened.write(raw)
    body = {"artifact_id": found["artifact_id"], "file": str(path), "bytes": len(raw)}
    print_done(options, body, f"{path}: {size_text(len(raw))}.")


@app.command(epilog="Example: aiwebhook artifact create plan brief.md @brief.md --type brief")
# reason: an option of the command is a parameter of its function
def create(
    ctx: typer.Context,
    session_id: Annotated[str, typer.Argument(metavar="SESSION_ID", help="The session.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    content: Annotated[
        str, typer.Argument(help="The text; - is standard input, @file a file, of any bytes.")
    ],
    type_: Annotated[
        str, typer.Option("--type", help="What kind it is, such as brief.")
    ] = "document",
    content_type: Annotated[
        str | None, typer.Option(help="The media type. Default: guessed from the name.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="Form of the text, such as markdown.")
    ] = None,
    artifact_id: Annotated[str | None, typer.Option(help="An id of your choice.")] = None,
    task: Annotated[str | None, typer.Option(help="The task that made it.")] = None,
    metadata: Annotated[str | None, typer.Option(help="A JSON object, or @file.")] = None,
) -> None:
    """Store a document in a session."""
    options = cast("Globals", ctx.obj)
    body = present(
        type=type_,
        content_type=content_type or _media_type(name),
        format=format_,
        artifact_id=artifact_id,
        task_id=task,
        metadata=json_object(metadata, "--metadata"),
        **_content(bytes_or_stdin(content, "CONTENT")),
    )
    with connect(options) as client:
        made = client.add_artifact(session_id, name=name, **body)
    print_done(options, made, f"Artifact {made['artifact_id']}: {size_text(made['size'])}.")


def _whole(client: Client, artifact_id: str) -> str:
    return whole_id(
        artifact_id,
        lambda: ids_on_pages(
            lambda size, after: client.all_artifacts(limit=size, cursor=after),
            "artifacts",
            "artifact_id",
        ),
    )


def _short(found: Json) -> str:
    text = found.get("content")
    return text if isinstance(text, str) and len(text) <= _SHORT else ""


def _own_name(found: Json) -> str:
    """The last part of its name. Raises Invalid for one that cannot be a file here."""
    name = str(found["name"]).replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    if name in ("", ".", "..") or not name.isprintable() or name.startswith("-"):
        raise Invalid("The artifact's own name cannot be a file's.", code="artifact_name")
    return name


def _media_type(name: str) -> str | None:
    from mimetypes import guess_type  # noqa: PLC0415 only here

    return guess_type(name)[0]


def _content(raw: bytes) -> Json:
    text = shown_as_text(raw)
    if text is not None:
        return {"content": text}
    from base64 import b64encode  # noqa: PLC0415 only here

    return {"content_base64": b64encode(raw).decode()}
