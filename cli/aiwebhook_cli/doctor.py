"""`aiwebhook doctor`: one line per check, ✓ or ✗ with what to do. It asks; it changes nothing."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import typer

from aiwebhook.clock import utc_now
from aiwebhook.domain.counted import counted
from aiwebhook.errors import AiWebhookError, Forbidden
from aiwebhook_cli.agent_keys import keys_of_stack
from aiwebhook_cli.checks import Check, print_checks
from aiwebhook_cli.printing import print_json
from aiwebhook_cli.profiles import read_profiles
from aiwebhook_cli.target import Globals, Target, find_target

if TYPE_CHECKING:
    from aiwebhook.client import Client

MAX_SKEW_S = 60.0  # signatures are refused from 300 s on; this leaves time to notice
Json = dict[str, Any]


def doctor(ctx: typer.Context) -> None:
    """Check this machine and the deployment. Says what is wrong and how to fix it.

    Checks python, target, ports, API, database, migrations, clock, key,
    agents and queues; for a local stack also the agents' CLIs, their keys and
    the gateway. Exit code 1 when something is wrong.

    Example: aiwebhook doctor --json
    """
    options = cast("Globals", ctx.obj)
    checks = list(examine(options))
    ok = all(check.ok is not False for check in checks)
    if options.json:
        print_json(options, {"ok": ok, "checks": [asdict(c) for c in checks]})
    else:
        print_checks(checks)
    raise typer.Exit(0 if ok else 1)


def examine(options: Globals) -> Iterator[Check]:
    """All checks in the order in which one depends on another."""
    yield _python()
    target = find_target(options)
    yield _target(target)
    yield from _local_stack(options, target)
    if target.url is None:
        yield from _not_looked_at("api", "database", "clock", "key", "agents", "queues")
        return
    from aiwebhook.client import Client, RetryPolicy  # noqa: PLC0415 - reason: HTTP costs 40 ms

    with Client(
        target.url, api_key=target.key, timeout_s=10, retry=RetryPolicy(attempts=1)
    ) as client:
        yield from _remote(client, target)
    yield from _local_agents(options, target)
    yield from _deployed(options, target)


def _local_agents(options: Globals, target: Target) -> Iterator[Check]:
    """Of another deployment they stand in its images, and only a run can tell."""
    keys = keys_of_stack(options, target)
    if keys is None:
        return
    from aiwebhook_cli.doctor_agents import examine_agents  # noqa: PLC0415 starts processes

    try:
        from aiwebhook_local.stack import SOURCE_ROOT  # noqa: PLC0415 not installed beside a remote CLI
    except ModuleNotFoundError:
        return
    yield from examine_agents(SOURCE_ROOT, options.environ, keys)


def _deployed(options: Globals, target: Target) -> Iterator[Check]:
    """Of a deployment that `aiwebhook cloud` made: AWS alone knows what its repository holds, and
    only its function migrate what the database's roles may.
    """
    profiles = read_profiles(options.environ).by_name.values()
    made = next((each for each in profiles if each.stage and each.url == target.url), None)
    if made is None or made.stage is None:
        return
    # Half a second of boto3, for those who have such a deployment.
    from aiwebhook_cli.cloud.account import open_account  # noqa: PLC0415 as above
    from aiwebhook_cli.cloud.deployed_images import image_checks  # noqa: PLC0415 as above
    from aiwebhook_cli.cloud.rights import rights_checks  # noqa: PLC0415 as above

    try:
        account = open_account(made.region, options.environ)
    except AiWebhookError as error:
        yield Check(name="images", ok=None, found=error.detail, remedy=error.remedy)
        return
    yield from image_checks(account, made.stage)
    yield from rights_checks(account, made.stage)


def _remote(client: Client, target: Target) -> Iterator[Check]:
    try:
        client.get("/healthz")
    except AiWebhookError as error:
        yield Check(name="api", ok=False, found=error.detail, remedy=error.remedy)
        yield from _not_looked_at("database", "clock", "key", "agents", "queues")
        return
    yield Check(name="api", ok=True, found=f"answers at {client.base_url}")
    try:
        ready = client.get("/readyz")
    except AiWebhookError as error:
        yield Check(name="database", ok=False, found=error.detail, remedy=error.remedy)
        yield from _not_looked_at("clock", "key", "agents", "queues")
        return
    yield Check(name="database", ok=True, found="answers; its schema suits this release")
    yield from _post_migrations(ready)
    yield _clock(ready, utc_now())
    yield from _agents(client, target)


def _post_migrations(ready: Json) -> Iterator[Check]:
    """Said while some are due: nothing is wrong, but no one else reminds the operator."""
    due = ready.get("post_migrations_due", 0)
    if due:
        yield Check(
            name="migrations",
            ok=None,
            found=f"{counted(due, 'post migration')} due",
            remedy="once no older release will come back: 'aiwebhook cloud migrate --post'",
        )


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Check(
        name="python",
        ok=sys.version_info >= (3, 11),
        found=version,
        remedy="Install Python 3.11 or newer.",
    )


def _target(target: Target) -> Check:
    if target.url is None:
        return Check(
            name="target",
            ok=False,
            found="no URL is set and no local stack runs",
            remedy="'aiwebhook local up', or set AIWEBHOOK_URL",
        )
    return Check(name="target", ok=True, found=f"{target.url} (from {target.url_from})")


def _local_stack(options: Globals, target: Target) -> Iterator[Check]:
    """The ports of the local stack, when that is what is spoken to."""
    if not target.url_from.endswith("stack.json"):
        return
    try:
        from aiwebhook_local import supervisor  # noqa: PLC0415 not installed beside a remote CLI
    except ModuleNotFoundError:
        return
    stack = supervisor.stack_status(supervisor.options_from(options.environ).home)
    if not stack.running:
        yield Check(
            name="stack",
            ok=False,
            found="its file is there, it is not",
            remedy="aiwebhook local up",
        )
        return
    silent = [name for name, port in stack.ports.items() if not _listens(port)]
    found = ", ".join(f"{name} {port}" for name, port in stack.ports.items())
    yield Check(
        name="ports",
        ok=not silent,
        found=f"nothing is listening: {', '.join(silent)}" if silent else found,
        remedy="'aiwebhook local down', then 'aiwebhook local up'",
    )


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def _clock(ready: Json, now: datetime) -> Check:
    server_time = datetime.fromisoformat(ready["time"]).astimezone(UTC)
    skew = abs((now - server_time).total_seconds())
    return Check(
        name="clock",
        ok=skew <= MAX_SKEW_S,
        found=f"{skew:.1f} s from the server's",
        remedy="Set this machine's clock (NTP): signatures fail from 300 s on.",
    )


def _agents(client: Client, target: Target) -> Iterator[Check]:
    try:
        agents: list[Json] = client.get("/v1/agents")["items"]
    except AiWebhookError as error:
        remedy = error.remedy if target.key else "Set AIWEBHOOK_API_KEY, or give --key."
        known = isinstance(error, Forbidden)
        yield Check(name="key", ok=known, found=error.detail, remedy=remedy)
        yield from _not_looked_at("agents", "queues")
        return
    yield Check(name="key", ok=True, found=f"is valid (from {target.key_from})")
    away = [a for a in agents if a["status"] in ("offline", "error")]
    yield Check(
        name="agents",
        ok=not any(a["queued"] for a in away),
        found=", ".join(f"{a['agent_name']} {a['status']}" for a in agents) or "none",
        remedy="Start a worker for those that are offline and have tasks waiting.",
    )
    for agent in agents:
        if agent["status"] == "error":
            reason = str(agent["status_reason"])
            remedy = "Fix that; the next task that starts clears it."
            yield Check(name=agent["agent_name"], ok=None, found=reason, remedy=remedy)
    stuck = [a["agent_name"] for a in agents if a["queued"] and not a["running"]]
    waiting = sum(a["queued"] for a in agents)
    running = sum(a["running"] for a in agents)
    yield Check(
        name="queues",
        ok=not stuck,
        found=f"{running} running, {waiting} waiting"
        + (f"; no worker for {', '.join(stuck)}" if stuck else ""),
        remedy="Look at 'aiwebhook task list --status pending', and at the dispatcher's log.",
    )


def _not_looked_at(*names: str) -> Iterator[Check]:
    for name in names:
        yield Check(name=name, ok=None, found="not looked at")
