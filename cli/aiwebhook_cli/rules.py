"""`aiwebhook rules …`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import quote

import typer

from aiwebhook_cli.printing import print_done, print_fields, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

Json = dict[str, Any]
app = typer.Typer(
    help="Which incoming events become tasks. Needs a key with the scope admin.",
    no_args_is_help=True,
)
_COLUMNS = (
    Column(name="rule_id", title="rule"),
    Column(name="status"),
    Column(name="source"),
    Column(name="event"),
    Column(name="agent", rank=1),
    Column(name="description", sentence=True, rank=2),
)
_RUNS = (
    Column(name="delivery_id", title="delivery", rank=2),
    Column(name="subject"),
    Column(name="status"),
    Column(name="reason", rank=1),
    Column(name="task_id", title="task"),
    Column(name="began_at", title="began", rank=3),
)
_TRIED = (
    Column(name="rule_id", title="rule"),
    Column(name="starts"),
    Column(name="reason", sentence=True),
    Column(name="subject", rank=1),
    Column(name="agent", rank=1),
)
RuleId = Annotated[str, typer.Argument(help="The rule's id, as in 'rules list'.")]
RuleFile = Annotated[Path, typer.Argument(help="A TOML file with one [[rule]] per rule.")]


@app.command(epilog="Example: aiwebhook rules apply rules.toml")
def apply(
    ctx: typer.Context,
    file: RuleFile,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete the rules that are not in the file.")
    ] = False,
) -> None:
    """Store the rules of a file. Each replaces the one with its id."""
    options = cast("Globals", ctx.obj)
    rules = _read(file)
    with connect(options) as client:
        kept = [client.post("/v1/rules", rule) for rule in rules]
        named = {rule["rule_id"] for rule in kept}
        others = [r["rule_id"] for r in client.get("/v1/rules")["items"]] if prune else []
        gone = [rule_id for rule_id in others if rule_id not in named]
        for rule_id in gone:
            client.delete(_path(rule_id))
    done = {"kept": sorted(named), "deleted": gone}
    print_done(options, done, f"{len(kept)} kept, {len(gone)} forgotten.")


@app.command("list", epilog="Example: aiwebhook rules list")
def list_(ctx: typer.Context) -> None:
    """List rules, by id."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/rules")
    rows = [{**rule, "agent": rule["task"]["agent_name"]} for rule in found["items"]]
    print_rows(options, found, rows, _COLUMNS, nothing="No rules: nothing becomes a task.")


@app.command(epilog="Example: aiwebhook rules show agent-issues")
def show(ctx: typer.Context, rule_id: RuleId) -> None:
    """Show a rule."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(_path(rule_id))
    print_fields(options, found)


@app.command(epilog="Example: aiwebhook rules runs agent-issues")
def runs(ctx: typer.Context, rule_id: RuleId) -> None:
    """List the outcome of each delivery a rule matched. Newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get(f"{_path(rule_id)}/runs")
    print_rows(options, found, found["items"], _RUNS, nothing="It has matched nothing yet.")


@app.command("test", epilog="Example: aiwebhook rules test payload.json --event issues")
def try_(
    ctx: typer.Context,
    payload: Annotated[
        Path, typer.Argument(help="The JSON of an event, as its sender would post it.")
    ],
    event: Annotated[str, typer.Option(help="What happened, such as issues.")],
    source: Annotated[str, typer.Option(help="The source, such as github.")] = "github",
    file: Annotated[
        Path | None, typer.Option(help="Try the rules of this file instead of the stored ones.")
    ] = None,
) -> None:
    """Say what rules would do with an event, and why. Starts nothing."""
    options = cast("Globals", ctx.obj)
    body: Json = {"source": source, "event": event, "payload": _payload(payload)}
    if file is not None:
        body["rules"] = _read(file)
    with connect(options) as client:
        found = client.post("/v1/rule-tests", body)
    rows = [{**item, **_agent(item["task"])} for item in found["items"]]
    print_rows(options, found, rows, _TRIED, nothing="There are no rules.")
    for item in found["items"]:
        if item["starts"] and not options.json:
            print_done(options, item, f"{item['rule_id']}: {item['task']['description']}")


@app.command(epilog="Example: aiwebhook rules delete agent-issues")
def delete(ctx: typer.Context, rule_id: RuleId) -> None:
    """Delete a rule. Tasks that it started go on."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        gone = client.delete(_path(rule_id))
    print_done(options, gone, f"The rule {gone['deleted']} is forgotten.")


def _agent(task: Json | None) -> Json:
    return {"agent": None if task is None else task["agent_name"]}


def _read(file: Path) -> list[Json]:
    try:
        found: Json = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as TOML: {error}") from error
    rules = found.get("rule")
    if set(found) != {"rule"} or not isinstance(rules, list):
        raise typer.BadParameter(f"{file} must hold [[rule]] and nothing else")
    return cast("list[Json]", rules)


def _payload(file: Path) -> Json:
    try:
        found: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise typer.BadParameter(f"{file} must hold a JSON object")
    return cast("Json", found)


def _path(rule_id: str) -> str:
    return f"/v1/rules/{quote(rule_id, safe='')}"
