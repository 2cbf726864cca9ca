"""What an account or a machine may lack: one sentence with the remedy, and nothing is begun."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aiwebhook_cli.cloud import account as accounts
from aiwebhook_cli.cloud import health, options, toolchain
from aiwebhook_cli.cloud.examination import network_check
from aiwebhook_cli.cloud.stage import StageDescription
from aiwebhook_cli.exits import ExitCode
from tests.cloud.conftest import ROOT, Cloud, always, aws

pytestmark = pytest.mark.req("O1")


@pytest.mark.parametrize(("version", "shown"), [("v20.20.2", "v20.20.2"), (None, "not found")])
def test_without_a_node_that_the_cdk_runs_on_nothing_is_built(
    cloud: Cloud, version: str | None, shown: str
) -> None:
    if version is None:
        (cloud.folder / "bin" / "node").unlink()
        cloud.hide_system_programs()
    else:
        cloud.program("node", version=version)
    outcome = cloud("deploy", "--json")
    problem = json.loads(outcome.err)
    assert outcome.code == 1
    assert shown in problem["detail"]
    assert "Install Node 22" in problem["remedy"]
    assert cloud.calls == []


def test_a_program_that_is_not_installed_is_a_sentence(cloud: Cloud) -> None:
    (cloud.folder / "bin" / "make").unlink()
    cloud.hide_system_programs()
    outcome = cloud("deploy")
    assert outcome.code == 1
    assert "needs the program make, which is not on the PATH" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_new_accounts_ten_functions_are_told_with_where_to_ask_for_more(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts.Account, "quota", always(10.0))
    outcome = cloud("check", "--json")
    checks = {check["name"]: check for check in outcome.json["checks"]}
    assert (outcome.code, checks["lambda quota"]["ok"]) == (1, False)
    assert checks["lambda quota"]["found"] == "10 functions at once"
    assert "Service Quotas" in checks["lambda quota"]["remedy"]
    assert checks["fargate quota"]["ok"] is True


def test_an_account_without_the_role_of_ecs_is_told_the_command(cloud: Cloud) -> None:
    checks = {check["name"]: check for check in cloud("check", "--json").json["checks"]}
    assert checks["ecs role"]["ok"] is None
    assert "create-service-linked-role" in checks["ecs role"]["remedy"]


def test_a_bootstrap_without_its_bucket_is_told_with_what_makes_it_anew(cloud: Cloud) -> None:
    cloud.bootstrap()
    aws("s3").delete_bucket(Bucket="cdk-hnb659fds-assets-123456789012-eu-west-1")
    checks = {check["name"]: check for check in cloud("check", "--json").json["checks"]}
    assert checks["bootstrap"]["ok"] is False
    assert "its bucket is gone" in checks["bootstrap"]["found"]
    assert "CDKToolkit" in checks["bootstrap"]["remedy"]


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ((5, 0), "5 of 5 VPCs are taken, and the stage needs 1"),
        ((1, 5), "5 of 5 Elastic IP addresses are taken, and the stage needs 1"),
        ((4, 4), "room for a VPC and its addresses"),
    ],
)
def test_a_region_without_room_for_another_network_is_told(
    monkeypatch: pytest.MonkeyPatch, used: tuple[int, int], found: str
) -> None:
    monkeypatch.setattr(accounts.Account, "quota", always(5.0))
    monkeypatch.setattr(accounts.Account, "stack_status", always(None))
    monkeypatch.setattr(accounts.Account, "networks_in_use", always(used))
    account = accounts.Account(region="eu-west-1", client=always(None))
    stage = StageDescription(
        name="dev",
        database_instance="t4g.micro",
        database_major=18,
        database_storage_gib=20,
        max_waits=12,
        elastic_addresses=1,
        database_snapshot=None,
        app_secret_arn=None,
        certificate_arn=None,
        idle_costs=(),
    )
    check = network_check(account, stage)
    assert (check.ok, check.found) == (found.startswith("room"), found)


def test_an_old_bootstrap_is_brought_up_to_date_by_the_deployment(cloud: Cloud) -> None:
    cloud.bootstrap(version=6)
    cloud.program("npx", fails="deploy")
    cloud("deploy")
    assert ["bootstrap" in call for call in cloud.calls] == [False, True, False]


def test_status_tells_whether_the_api_serves_and_which_version_stands_there(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud.deploy()
    monkeypatch.setattr(accounts.Account, "tags", always({"aiwebhook:version": "0.0.1"}))
    asked: list[str] = []

    def ready(url: str) -> str:
        asked.append(urlsplit(url).netloc)
        return "not ready: the database does not answer."

    monkeypatch.setattr(health, "api_health", ready)
    items = {row["what"]: row["state"] for row in cloud("status", "--json").json["items"]}
    assert asked == ["api.example"]
    assert items["health"] == "not ready: the database does not answer."
    assert items["version"].startswith("0.0.1; this clone is ")
    monkeypatch.chdir(tmp_path)
    items = {row["what"]: row["state"] for row in cloud("status", "--json").json["items"]}
    assert items["version"] == "0.0.1"
    assert (ROOT / "pyproject.toml").is_file()


@pytest.mark.parametrize("command", ["status", "keys", "deploy", "destroy"])
def test_a_stack_of_somebody_else_that_has_the_stages_name_is_left_alone(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    cloud.stack("AiWebhook-dev-service", {"Url": "https://theirs"})
    monkeypatch.setattr(accounts.Account, "tags", always({}))
    more = ["--yes"] if command in {"deploy", "destroy"} else []
    problem = json.loads(cloud(command, "--json", *more).err)
    assert problem["code"] == "stack_foreign"
    assert "AiWebhook-dev-service" in problem["detail"]
    assert cloud.calls == []


def test_a_key_that_cannot_be_read_leaves_the_rest_of_the_status(cloud: Cloud) -> None:
    cloud.deploy()
    aws("secretsmanager").delete_secret(SecretId="dev-GITHUB_TOKEN")
    found = {row["what"]: row["state"] for row in cloud("status", "--json").json["items"]}
    assert found["key GITHUB_TOKEN"].startswith("not known: AWS refused")
    assert found["key OPENAI_API_KEY"] == "none"
    assert "image codex" in found


@pytest.mark.parametrize(
    ("command", "before"), [("deploy", "first deployment"), ("destroy", "removal")]
)
def test_a_question_that_nobody_can_answer_is_told_before_anything_is_begun(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, command: str, before: str
) -> None:
    """The CDK would find out after the layer and the bootstrap."""
    if command == "destroy":
        cloud.deploy()
    monkeypatch.setattr(options, "on_terminal", always(False))
    problem = json.loads(cloud(command, "--json").err.splitlines()[-1])
    assert problem["code"] == "no_terminal"
    assert before in problem["detail"]
    assert "--yes" in problem["remedy"]
    assert cloud.calls == []


def test_a_key_that_could_not_be_kept_is_not_made(cloud: Cloud) -> None:
    """The deployment's admin key is shown to nobody else."""
    (cloud.folder / "config").write_text("a file where the folder belongs")
    outcome = cloud("deploy")
    assert outcome.code == 1
    assert str(cloud.folder / "config") in outcome.err
    assert cloud.calls == []


def test_a_python_that_lies_there_and_does_not_start_is_not_taken_for_one(cloud: Cloud) -> None:
    """As pyenv's, for each version that it knows of."""
    path = cloud.folder / "bin" / "python3.13"
    path.write_text("#!/bin/sh\nexit 127\n")
    path.chmod(0o755)
    checks = {check["name"]: check for check in cloud("check", "--json").json["checks"]}
    assert checks["python3.13"]["ok"] is None
    assert f"{path} does not start" in checks["python3.13"]["found"]


def test_who_stops_a_deployment_hears_that_aws_goes_on(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.bootstrap()
    started: Any = toolchain.subprocess.run

    def run(command: tuple[str, ...], **named: Any) -> object:
        if "deploy" in command:
            raise KeyboardInterrupt
        return started(command, **named)

    monkeypatch.setattr(toolchain.subprocess, "run", run)
    outcome = cloud("deploy")
    assert outcome.code == ExitCode.INTERRUPTED
    assert "The deployment was stopped. AWS finishes what it has begun" in outcome.err
