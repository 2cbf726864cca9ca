"""A stage's life in an emulated account, by the real CDK CLI: each test goes on where the one
before it ended.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deployed import journeys
from tests.deployed.account import EmulatedAccount
from tests.deployed.conftest import Report, size
from tests.deployed.deployment import Deployment
from tests.deployed.grants import Grant, roles_of
from tests.deployed.releases import Release
from tests.support.tenant import rows

PARTS = ("service", "door", "data", "network")
pytestmark = [pytest.mark.cloud, pytest.mark.req("O1"), pytest.mark.timeout(1200)]


def migrations(deployment: Deployment) -> set[str]:
    """What has run in the database."""
    return {row["name"] for row in rows(deployment.dsn, "SELECT name FROM schema_migrations")}


def with_migration(release: Release, folder: Path, name: str, sql: str, **more: Any) -> Release:
    """The next release, with a migration more."""

    def add(package: Path) -> None:
        (package / "postgres" / "migrations" / name).write_text(sql, "utf-8")

    return release.changed(folder, core=add, **more)


def touch(package: Path) -> None:
    """Another layer."""
    (package / "another.py").write_text('"""Another."""', "utf-8")


def failing_after_the_migration(template: dict[str, Any]) -> None:
    """Nobody ever signals this."""
    resources = template["Resources"]
    trigger = next(name for name, r in resources.items() if r["Type"] == "Custom::Trigger")
    resources["Hopeless"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    resources["NeverReady"] = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": [trigger],
        "Properties": {"Handle": {"Ref": "Hopeless"}, "Timeout": "1", "Count": 1},
    }


@pytest.fixture(scope="module")
def later(release: Release, room: Path) -> Release:
    """The release after this one."""
    return with_migration(
        release, room / "later", "9001_pre_later.sql", "ALTER TABLE sessions ADD COLUMN later text;"
    )


def test_a_deployment_killed_half_way_goes_on_when_it_is_started_again(
    deployment: Deployment, release: Release
) -> None:
    deployment.bootstrap()
    deployment.deploy_killed(release)
    deployment.deploy(release, "deploy")
    assert deployment.status() == "CREATE_COMPLETE"
    assert "0001_pre_initial.sql" in migrations(deployment)


def test_a_run_without_an_image_says_so(deployment: Deployment) -> None:
    with deployment.client() as client:
        task_id = journeys.delegated(client, "researcher", max_attempts=1)
        task = client.wait_for_task(task_id, timeout_s=90)
    assert task["status"] == "failed", task
    assert "image" in task["say"], task


@pytest.mark.parametrize("journey", journeys.ALL, ids=lambda each: each.__name__)
def test_what_users_do_works_over_the_deployed_api(
    deployment: Deployment, journey: journeys.Journey
) -> None:
    deployment.push_images()
    journey(deployment)


def test_without_the_right_to_start_the_migration_the_old_release_stays(
    deployment: Deployment, later: Release, room: Path
) -> None:
    """The rollback starts the Trigger once more, for the old release's migration: CloudFormation
    sends a custom resource whose update failed its old properties. It is refused, too, so that the
    stack stops at UPDATE_ROLLBACK_FAILED, with the old release at work. Once the right is back,
    `continue-update-rollback` ends it, and the next tests' updates work.
    """
    if size() == "sample":
        pytest.skip("the whole of `make test-cloud` has it")
    grant = Grant(role="trigger", action="lambda:InvokeFunction", on="function")
    with roles_of(deployment).without(grant):
        ended = deployment.attempt(later.changed(room / "refused", core=touch), "refused")
    assert ended.code == 1
    assert deployment.status() == "UPDATE_ROLLBACK_FAILED", ended.said[-3000:]
    assert "9001_pre_later.sql" not in migrations(deployment)
    journeys.worker_job(deployment)
    deployment.continue_rollback()
    journeys.worker_job(deployment)


def test_an_update_keeps_the_keys_that_operators_put_in(
    deployment: Deployment, later: Release
) -> None:
    arns = json.loads(deployment.outputs()["AgentSecrets"])
    client = deployment.account.client("secretsmanager")
    given = deployment.cloud("keys", typed="OPENAI_API_KEY=sk-of-the-operator\n")
    assert given.code == 0, given.said
    before = client.get_secret_value(SecretId=deployment.outputs()["AppSecretArn"])["SecretString"]

    deployment.deploy(later, "update")

    assert deployment.status() == "UPDATE_COMPLETE"
    assert "9001_pre_later.sql" in migrations(deployment)
    value = client.get_secret_value(SecretId=arns["OPENAI_API_KEY"])["SecretString"]
    assert value == "sk-of-the-operator"
    after = client.get_secret_value(SecretId=deployment.outputs()["AppSecretArn"])["SecretString"]
    assert after == before
    journeys.main_job(deployment)


def test_what_fails_after_its_migration_is_rolled_back_and_the_old_code_works_on_the_new_schema(
    deployment: Deployment, later: Release, room: Path
) -> None:
    broken = with_migration(
        later,
        room / "broken",
        "9002_pre_broken.sql",
        "ALTER TABLE sessions ADD COLUMN broken text;",
        service=failing_after_the_migration,
    )
    ended = deployment.attempt(broken, "rollback")
    assert ended.code == 1, ended.said[-3000:]
    assert deployment.status() == "UPDATE_ROLLBACK_COMPLETE", ended.said[-3000:]
    assert "9002_pre_broken.sql" in migrations(deployment)
    journeys.main_job(deployment)


def test_a_broken_migration_leaves_the_old_system_running(
    deployment: Deployment, later: Release, room: Path
) -> None:
    broken = with_migration(later, room / "wrong", "9003_pre_wrong.sql", "SELECT wrong;")
    ended = deployment.attempt(broken, "broken migration")
    assert ended.code == 1
    assert deployment.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert "9003_pre_wrong.sql" not in migrations(deployment)
    journeys.worker_job(deployment)


def test_an_older_release_can_be_deployed_again(deployment: Deployment, release: Release) -> None:
    deployment.deploy(release, "older release")
    assert deployment.status() == "UPDATE_COMPLETE"
    journeys.main_job(deployment)


def test_tasks_of_a_renamed_or_removed_agent_are_reported_and_nothing_else_is_affected(
    deployment: Deployment, other_agents: Release, room: Path
) -> None:
    queues = json.loads(deployment.outputs()["AgentQueues"])
    deployment.account.client("sqs").send_message(
        QueueUrl=queues["gemini"], MessageBody="look", DelaySeconds=600
    )
    with deployment.client() as client:
        waiting = journeys.delegated(client, "gemini", not_before="2099-01-01T00:00:00Z")

    def manifests_too(package: Path) -> None:
        manifests = package / "agents"
        (manifests / "gemini.toml").unlink()
        text = (manifests / "opencode.toml").read_text("utf-8")
        (manifests / "opencode.toml").unlink()
        renamed = text.replace('name = "opencode"', 'name = "pair"', 1)
        (manifests / "pair.toml").write_text(renamed, "utf-8")

    deployment.deploy(other_agents.changed(room / "next", core=manifests_too), "other agents")

    assert set(json.loads(deployment.outputs()["AgentQueues"])) == {*queues, "pair"} - {
        "gemini",
        "opencode",
    }
    with deployment.client() as client:
        assert client.task(waiting)["status"] == "pending"
        assert client.change_task(waiting, "cancel")["status"] == "cancelled"
        status = {agent["agent_name"]: agent["status"] for agent in client.agents()}
        gone = {name for name, each in status.items() if each == "error"}
        assert (gone, status["pair"]) == ({"gemini", "opencode"}, "available")
    journeys.main_job(deployment)


def test_status_says_what_runs_and_what_is_missing(deployment: Deployment) -> None:
    shown = deployment.cloud("status")
    assert shown.code == 0, shown.said
    assert re.search(r"stack service +UPDATE_COMPLETE", shown.said), shown.said
    assert re.search(r"key OPENAI_API_KEY +set", shown.said), shown.said
    assert re.search(r"key ANTHROPIC_API_KEY +none", shown.said), shown.said


def test_destroy_with_content_leaves_nothing(deployment: Deployment) -> None:
    journeys.large_content(deployment)
    ended = deployment.cloud("destroy", "--yes")
    assert ended.code == 0, ended.said[-3000:]
    assert "No data stays" in ended.said
    logins = deployment.account.client("ssm").get_parameters_by_path(Path="/aiwebhook/dev/database")
    assert logins["Parameters"] == []
    stages = [deployment.status(f"AiWebhook-dev-{part}") for part in PARTS]
    assert stages == [None] * len(PARTS)
    left = deployment.account.client("s3").list_buckets()["Buckets"]
    assert all(bucket["Name"].startswith("cdk-") for bucket in left), left


def test_what_was_destroyed_can_be_deployed_again(
    account: EmulatedAccount, release: Release, report: Report, deployment: Deployment
) -> None:
    again = Deployment(account=account, seconds=deployment.seconds)
    again.deploy(release, "deploy again")
    journeys.worker_job(again)
    for what, seconds in again.seconds.items():
        report(f"{what}: {seconds} s")
