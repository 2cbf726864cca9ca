"""`aiwebhook agent …`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any, cast

import typer

from aiwebhook.errors import NotFound
from aiwebhook_cli.agent_keys import key_of, keys_of_stack
from aiwebhook_cli.agent_trial import Trial, try_agent
from aiwebhook_cli.arguments import agents_to_complete
from aiwebhook_cli.live import shown_live, usage_text
from aiwebhook_cli.printing import (
    console,
    print_done,
    print_failed,
    print_fields,
    print_json,
    print_rows,
)
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect, find_target

app = typer.Typer(help="Show and test agents.", no_args_is_help=True)
Json = dict[str, Any]
AgentArgument = Annotated[
    str,
    typer.Argument(
        metavar="AGENT", help="See 'aiwebhook agent list'.", autocompletion=agents_to_complete
    ),
]
_COLUMNS = (
    Column(name="agent_name", title="agent"),
    Column(name="status"),
    Column(name="running", rank=2),
    Column(name="queued", rank=3),
    Column(name="key", rank=1),
    Column(name="kind", rank=5),
    Column(name="model", rank=4),
    Column(name="status_reason", title="why", rank=6, sentence=True),
)
_SCHEMAS = ("input_schema", "output_schema")


@app.callback()
def group() -> None:
    """Who can do what."""


@app.command("list", epilog="Example: aiwebhook agent list")
def list_(ctx: typer.Context) -> None:
    """List agents with their load and limit. Shows whether their key is set."""
    options = cast("Globals", ctx.obj)
    agents = _agents(options)
    rows = [
        {**a, "model": _model(a), "running": f"{a['running']}/{a['max_concurrent']}"}
        for a in agents
    ]
    print_rows(options, {"items": agents}, rows, _COLUMNS, nothing="No agents.")


@app.command(epilog="Example: aiwebhook agent show claude_code")
def show(ctx: typer.Context, agent: AgentArgument) -> None:
    """Show an agent's manifest: what it is, may use and accepts."""
    options = cast("Globals", ctx.obj)
    found = _agent(options, agent)
    if options.json:
        print_json(options, found)
        return
    fields = {
        name: value for name, value in found.items() if name not in (*_SCHEMAS, "description")
    }
    compute: Json = found.get("compute") or {}
    if compute:
        cpus = f"{compute['cpu'] / 1024:g} CPU"
        fields["compute"] = f"{cpus}, {compute['memory_mib']:,} MiB of memory"
        if "image" in compute:
            fields["image"] = compute["image"]
    fields["secrets"] = ", ".join(found.get("secrets", [])) or "none"
    print_fields(options, fields, say=found.get("description"))
    for name in _SCHEMAS:
        schema: Json = found.get(name) or {}
        if schema.get("properties"):
            screen = console()
            screen.print()
            screen.print(name.replace("_", " "), style="bold")
            for line in _properties(schema):
                screen.print(line)


@app.command("test", epilog="Example: aiwebhook agent test claude_code")
def test(ctx: typer.Context, agent: AgentArgument) -> None:
    """Run a one-line task with an agent, end to end. May cost a cent.

    Exit code 1 when it did not succeed.
    """
    options = cast("Globals", ctx.obj)
    found = _agent(options, agent)
    screen = console(stderr=options.json)
    with connect(options) as client, shown_live(screen=screen) as show_event:
        trial = try_agent(client, found, show_event)
    if trial.version is None:
        trial = replace(trial, version=_local_version(options, found["kind"]))
    if options.json:
        print_json(options, trial.as_json())
    else:
        _print_trial(options, trial)
    raise typer.Exit(0 if trial.ok else 1)


def _print_trial(options: Globals, trial: Trial) -> None:
    if trial.ok:
        print_done(options, {}, f"{trial.agent_name} works: {trial.sentence}")
    else:
        print_failed(f"{trial.agent_name} does not work: {trial.sentence}", trial.remedy)
    body = trial.as_json()
    hops = ", ".join(f"{name} {ms:,} ms" for name, ms in trial.hops.items())
    used = usage_text(trial.usage) if trial.usage else None
    shown = {name: body[name] for name in ("version", "model", "key")}
    print_fields(options, {**shown, "latency": hops, "usage": used})


def _local_version(options: Globals, kind: str) -> str | None:
    """Some CLIs do not tell their version while they work; in a local stack it can be asked."""
    if keys_of_stack(options, find_target(options)) is None:
        return None
    from aiwebhook_cli.doctor_agents import version_in_stack  # noqa: PLC0415 starts processes
    from aiwebhook_local.stack import SOURCE_ROOT  # noqa: PLC0415 the local stack is there

    return version_in_stack(SOURCE_ROOT, options.environ, kind)


def _agents(options: Globals) -> list[Json]:
    """All agents of the deployment; `key` says whether their key is set."""
    keys = keys_of_stack(options, find_target(options))
    with connect(options) as client:
        found: list[Json] = client.get("/v1/agents")["items"]
    return [{**agent, "key": key_of(agent, keys).value} for agent in found]


def _agent(options: Globals, name: str) -> Json:
    """One agent by its name or another name of it. Raises NotFound."""
    agents = _agents(options)
    for agent in agents:
        if name in (agent["agent_name"], *agent.get("aliases", ())):
            return agent
    raise NotFound(
        f"No agent '{name}'.",
        code="agent_not_found",
        remedy=f"There are {', '.join(a['agent_name'] for a in agents)}.",
    )


def _model(agent: Json) -> str | None:
    if agent.get("runs_on"):
        return "of " + ", ".join(agent["runs_on"])
    return agent.get("model")


def _properties(schema: Json) -> list[str]:
    """A line per field: name, type, whether it must be there, what it means."""
    required = schema.get("required", [])
    lines: list[str] = []
    for name, field in schema["properties"].items():
        kind = field.get("type") or (
            "one of " + json.dumps(field["enum"]) if "enum" in field else ""
        )
        must = ", required" if name in required else ""
        lines.append(f"  {name:<16} {kind}{must}  {field.get('description', '')}".rstrip())
    return lines
