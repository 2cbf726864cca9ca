"""The commands of `aiwebhook cloud`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated, cast

import typer

from aiwebhook.domain.provider import AGENT_SECRETS, NO_KEY, keys_in
from aiwebhook.errors import AiWebhookError, ConfigurationError, Invalid, NotFound
from aiwebhook_cli.checks import print_checks
from aiwebhook_cli.cloud.account import Account, Json, open_account
from aiwebhook_cli.cloud.agent_keys import given_keys
from aiwebhook_cli.cloud.deployed_images import deployed_images, image_checks, image_rows
from aiwebhook_cli.cloud.earlier_database import (
    begin_with,
    find_earlier_database,
    take_content_over,
)
from aiwebhook_cli.cloud.examination import LEAST_BOOTSTRAP, examine_deployment
from aiwebhook_cli.cloud.handed_in import require_handed_in, require_same_data
from aiwebhook_cli.cloud.health import health_rows
from aiwebhook_cli.cloud.options import (
    DatabaseFrom,
    DryRun,
    Region,
    StageName,
    Unasked,
    require_terminal,
)
from aiwebhook_cli.cloud.rights import rights_checks
from aiwebhook_cli.cloud.stack_states import PARTS, require_deployable
from aiwebhook_cli.cloud.stage import (
    StageDescription,
    deployment_parameters,
    describe_stage,
    require_engine,
    service_outputs,
    stack,
)
from aiwebhook_cli.cloud.toolchain import Toolchain, clone_of
from aiwebhook_cli.cloud.workers_key import give_workers_a_key
from aiwebhook_cli.printing import console, print_done, print_hint, print_json, print_rows
from aiwebhook_cli.profiles import NamedDeployment, read_profiles, require_writable, save_profile
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals

app = typer.Typer(
    help="A deployment in your own AWS account. Needs a clone (docs/deploy.md).",
    no_args_is_help=True,
)


@app.command(epilog="Example: aiwebhook cloud check --stage dev")
def check(ctx: typer.Context, stage: StageName = "dev", region: Region = None) -> None:
    """Check account, quotas and this machine. Says what a month costs; creates nothing."""
    options = cast("Globals", ctx.obj)
    tools, described = _tools(options, stage)
    account = open_account(region, options.environ)
    checks = [
        *examine_deployment(account, tools, described),
        *image_checks(account, stage),
        *rights_checks(account, stage),
    ]
    costs = described.idle_costs
    ok = all(each.ok is not False for each in checks)
    if options.json:
        found = [asdict(each) for each in checks]
        print_json(options, {"ok": ok, "checks": found, "idle_costs": costs})
        raise typer.Exit(0 if ok else 1)
    print_checks(checks)
    _print_costs(described)
    raise typer.Exit(0 if ok else 1)


@app.command(epilog="Example: aiwebhook cloud deploy --stage dev --dry-run")
def deploy(
    ctx: typer.Context,
    stage: StageName = "dev",
    region: Region = None,
    dry_run: DryRun = False,
    yes: Unasked = False,
    database_from: DatabaseFrom = None,
) -> None:
    """Deploy this clone, or update a deployment. Adds a profile for it
    ('aiwebhook profile list'). After a failure, run it again: it resumes where it stopped.
    """
    options = cast("Globals", ctx.obj)
    account, tools, described = account_and_tools(options, stage, region, dry_run=dry_run)
    target = f"aws://{account.number()}/{account.region}"
    _require_answers(options, account, tools, stage, yes=yes)
    _require_possible(account, tools, described)
    earlier = None if database_from is None else find_earlier_database(account, database_from)
    if earlier is not None:
        agree = print_hint if yes or dry_run else _agree
        described = begin_with(account, tools, described, earlier, agree)
    if earlier is None or not dry_run:  # there is no snapshot yet
        require_handed_in(account, described)
    tools.make(".venv/.infra", "layers", what="Building the layer")
    if (account.bootstrap_version() or 0) < LEAST_BOOTSTRAP:
        tools.cdk("bootstrap", target, what="The bootstrap")
    approval = "never" if yes else "broadening"
    tools.cdk(
        *("deploy", "-c", f"stage={stage}", stack(stage, "*"), "--require-approval", approval),
        *deployment_parameters(account, described),
        what="The deployment",
    )
    if earlier is not None and not dry_run:
        take_content_over(account, stage, earlier)
    if dry_run:
        print_hint("Then: an admin key from the function migrate, into the profile.")
        return
    profile = _profile_of(options, account, stage)
    give_workers_a_key(account, stage, migrate=_migrate_function(account, stage))
    made = {"profile": profile.name, "url": profile.url, "region": account.region, "stage": stage}
    print_done(options, made, f"{profile.url} is deployed; its key is in the profile {stage}.")
    print_hint(
        "Next: 'aiwebhook cloud images' and 'aiwebhook cloud keys', then 'aiwebhook doctor'."
    )


@app.command(epilog="Example: aiwebhook cloud keys --only ANTHROPIC_API_KEY")
def keys(
    ctx: typer.Context,
    stage: StageName = "dev",
    region: Region = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"Only this one; repeatable: {', '.join(AGENT_SECRETS)}."),
    ] = None,
) -> None:
    """Set the agents' keys. Asks for one after another: Enter keeps it, - removes it.

    Without a terminal, it reads NAME=value lines from standard input.
    """
    options = cast("Globals", ctx.obj)
    unknown = set(only or ()) - set(AGENT_SECRETS)
    if unknown:
        raise Invalid(f"There is no key {min(unknown)}.", remedy=f"Of {', '.join(AGENT_SECRETS)}.")
    account = open_account(region, options.environ)
    arns = _agent_secrets(account, stage)
    for name in only or ():
        if name not in arns:  # the clone is newer
            raise NotFound(
                f"The release deployed in {stage} has no key {name}.",
                code="cloud_stage",
                remedy=f"'aiwebhook cloud deploy --stage {stage}' makes its secret.",
            )
    wanted = [name for name in AGENT_SECRETS if name in (only or arns)]
    changed: list[str] = []
    for name, value in given_keys(wanted):
        account.put_secret(arns[name], value)
        print_hint(f"{name} is {'removed' if value == NO_KEY else 'stored'}.")
        changed.append(name)
    said = ", ".join(changed) or "nothing"
    print_done(options, {"changed": changed}, f"Changed: {said}. Runs that start now use it.")


@app.command(epilog="Example: aiwebhook cloud status --stage prod")
def status(ctx: typer.Context, stage: StageName = "dev", region: Region = None) -> None:
    """Show stacks, health, version. Names agents that lack a key or an image."""
    options = cast("Globals", ctx.obj)
    account = open_account(region, options.environ)
    rows: list[Json] = [
        {"what": f"stack {part}", "state": account.stack_status(stack(stage, part)) or "missing"}
        for part in PARTS
    ]
    outputs = service_outputs(account, stage)
    if outputs:
        tags = account.tags(stack(stage, "service"))
        rows += health_rows(outputs, tags, options.folder.resolve())
        rows += [
            {"what": f"key {name}", "state": _key_state(account, name, arn)}
            for name, arn in json.loads(outputs["AgentSecrets"]).items()
        ]
        rows += image_rows(deployed_images(account, stage))
    columns = (Column(name="what"), Column(name="state"))
    body = {"stage": stage, "region": account.region, "items": rows}
    print_rows(options, body, rows, columns, nothing="Nothing.")


@app.command(epilog="Example: aiwebhook cloud migrate --post")
def migrate(
    ctx: typer.Context,
    stage: StageName = "dev",
    region: Region = None,
    post: Annotated[
        bool, typer.Option("--post", help="Also remove what only older releases needed.")
    ] = False,
) -> None:
    """Apply migrations. A deployment applies all but the post ones, after which no older release
    works: apply those once the new one has proven itself.
    """
    options = cast("Globals", ctx.obj)
    account = open_account(region, options.environ)
    phase = {"phase": "post"} if post else {}
    done = account.invoke(_migrate_function(account, stage), phase)
    applied = ", ".join(done["applied"]) or "nothing was due"
    print_done(options, done, f"Migrations: {applied}.")


def _tools(options: Globals, stage: str) -> tuple[Toolchain, StageDescription]:
    tools = Toolchain(root=clone_of(options.folder.resolve()), environ=options.environ)
    return tools, describe_stage(tools, stage)


def account_and_tools(
    options: Globals, stage: str, region: str | None, *, dry_run: bool
) -> tuple[Account, Toolchain, StageDescription]:
    """The account, the programs of the clone as they shall work on it, and the stage."""
    tools, described = _tools(options, stage)
    account = open_account(region, options.environ)
    environ = {**tools.environ, "AWS_REGION": account.region}
    return account, replace(tools, environ=environ, dry_run=dry_run), described


def _require_answers(
    options: Globals, account: Account, tools: Toolchain, stage: str, *, yes: bool
) -> None:
    """The key that the deployment ends with can be kept, and its first question answered."""
    if tools.dry_run:
        return
    require_writable(options.environ)
    if not yes and account.stack_status(stack(stage, "service")) is None:
        require_terminal("A first deployment asks about its permissions")


def _require_possible(account: Account, tools: Toolchain, stage: StageDescription) -> None:
    """What would stop the deployment half-way stops it before anything is made."""
    tools.require_node()
    require_deployable(account, stage.name)
    require_engine(account, stage)
    require_same_data(account, stage)


def _print_costs(stage: StageDescription) -> None:
    screen = console()
    screen.print(f"\nWhat {stage.name} costs a month while nothing happens (us-east-1):")
    total = sum(item["dollars"] for item in stage.idle_costs)
    for item in [*stage.idle_costs, {"name": "in all", "dollars": total}]:
        screen.print(f"  {item['dollars']:7.2f} $  {item['name']}")


def _profile_of(options: Globals, account: Account, stage: str) -> NamedDeployment:
    """The profile of the stage, with the key it has or a new admin key."""
    # The door's own URL: it stays when the service is removed and made again.
    url = service_outputs(account, stage)["PublicUrl"].rstrip("/")
    known = read_profiles(options.environ).by_name.get(stage)
    if known is not None and known.url == url and known.key:
        return known
    made = account.invoke(_migrate_function(account, stage), {"admin_key": "aiwebhook cloud"})
    profile = NamedDeployment(
        name=stage, url=url, key=made["admin_key"], region=account.region, stage=stage
    )
    save_profile(profile, options.environ)
    if made.get("sign_in_code"):
        print_hint(f"Your sign-in code for chat apps, shown only now: {made['sign_in_code']}")
    return profile


def _migrate_function(account: Account, stage: str) -> str:
    if account.stack_status(stack(stage, "service")) is None:
        raise _not_deployed(account, stage)
    name = account.function(stack(stage, "service"), "MigrationMigrate")
    if name is None:
        raise ConfigurationError(f"The stage {stage} has no function migrate.", code="cloud_stage")
    return name


def _agent_secrets(account: Account, stage: str) -> Mapping[str, str]:
    outputs = service_outputs(account, stage)
    if not outputs:
        raise _not_deployed(account, stage)
    return cast("Mapping[str, str]", json.loads(outputs["AgentSecrets"]))


def _agree(warning: str) -> None:
    print_hint(warning)
    require_terminal("Copying a database in use must be confirmed")
    typer.confirm("Take the snapshot all the same?", abort=True)


def _not_deployed(account: Account, stage: str) -> NotFound:
    return NotFound(f"The stage {stage} is not deployed in {account.region}.", code="cloud_stage")


def _key_state(account: Account, name: str, arn: str) -> str:
    """Also where its secret is gone, or may not be read: the rest of the status is wanted then."""
    try:
        return "set" if keys_in({name: account.secret(arn)}) else "none"
    except AiWebhookError as error:
        return f"not known: {error.detail}"
