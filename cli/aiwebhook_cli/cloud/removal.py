"""What `aiwebhook cloud destroy` removes beside the stacks, and what it says of what stays."""

from __future__ import annotations

from aiwebhook.errors import Conflict, Forbidden
from aiwebhook_cli.cloud.account import Account
from aiwebhook_cli.cloud.handed_in import own_app_secret
from aiwebhook_cli.cloud.refusals import aws_errors
from aiwebhook_cli.cloud.stage import stack
from aiwebhook_cli.printing import print_hint


def what_stays(stage: str, *, keeps_data: bool) -> str:
    """Said before anything is removed."""
    if keeps_data:
        return (
            f"Network, database, artifacts, secrets and images stay: {stage} keeps its data. Their"
            " stacks are protected; docs/deploy.md says how to remove them too. The functions'"
            f" database logins (parameters below {_logins(stage)}) stay with the database, whose"
            " roles have them."
        )
    return (
        "No data stays: sessions, artifacts, images, keys and the functions' database logins"
        f" (parameters below {_logins(stage)}) are deleted for good. What stays costs nothing and"
        " belongs to the account: the CDK's bootstrap (stack CDKToolkit), which other stages use,"
        " and the role under which API Gateway writes its logs."
    )


def require_unused_secret(account: Account, stage: str) -> None:
    """Raise Conflict where another stage was handed the AppSecret that goes with this one."""
    if account.stack_status(stack(stage, "data")) is None:
        return
    own = own_app_secret(account, stage)
    if own is None:
        return
    ours = stack(stage, "service")
    with aws_errors("cloudformation:DescribeStacks"):
        pages = account.client("cloudformation").get_paginator("describe_stacks").paginate()
        for each in (each for page in pages for each in page["Stacks"]):
            outputs = {o["OutputKey"]: o["OutputValue"] for o in each.get("Outputs", [])}
            if each["StackName"] != ours and outputs.get("AppSecretArn") == own:
                raise Conflict(
                    f"{each['StackName']} uses the AppSecret of {stage}, which would be deleted.",
                    code="secret_in_use",
                )


def empty_stores(account: Account, stage: str) -> None:
    """CloudFormation deletes neither a bucket with objects nor a repository with images. Nothing
    may write to them any more."""
    outputs = account.outputs(stack(stage, "data"))
    if "ArtifactBucketName" in outputs:
        account.empty_bucket(outputs["ArtifactBucketName"])
    if "RunnerRepositoryUri" in outputs:
        account.empty_repository(outputs["RunnerRepositoryUri"].partition("/")[2])


def remove_logins(account: Account, stage: str) -> None:
    """Those that migrate has written: no stack knows them. Where the caller may not, it is said
    how, for the rest of the removal has succeeded.
    """
    try:
        account.delete_parameters(_logins(stage))
    except Forbidden as error:
        names = f"aws ssm get-parameters-by-path --path {_logins(stage)} --query Parameters[].Name"
        print_hint(
            f"The functions' database logins stay: {error.detail} They open nothing any more."
            f" Someone who may: aws ssm delete-parameters --names $({names} --output text)"
        )


def _logins(stage: str) -> str:
    """Where migrate keeps them; infra/constructs/database_login.py says so to it."""
    return f"/aiwebhook/{stage}/database"
