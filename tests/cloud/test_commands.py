"""`aiwebhook cloud …` against AWS as moto plays it: what is asked, shown, kept and refused."""

import io
import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from aiwebhook.domain.provider import AGENT_SECRETS
from aiwebhook.errors import Forbidden
from aiwebhook_cli.cloud import account as accounts
from aiwebhook_cli.cloud.refusals import aws_errors
from aiwebhook_cli.profiles import NamedDeployment, read_profiles, save_profile
from tests.cloud.conftest import REGION, Cloud, always, aws

pytestmark = pytest.mark.req("O1")
NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
SSO = """[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = admin
"""
"""Nobody has signed in: there is no file with a token."""


def state(found: list[dict[str, str]], name: str) -> str:
    return next(row["state"] for row in found if row["what"] == name)


def test_the_check_says_what_a_deployment_would_meet_and_creates_nothing(cloud: Cloud) -> None:
    outcome = cloud("check", "--json")
    checks = {check["name"]: check for check in outcome.json["checks"]}
    assert checks["account"]["found"] == f"123456789012 in {REGION}"
    assert checks["node"]["ok"] is True
    assert checks["bootstrap"]["ok"] is None
    assert checks["stage"]["found"] == "dev is not deployed here yet"
    assert 0 < sum(item["dollars"] for item in outcome.json["idle_costs"]) <= 27
    assert not any(word.startswith(("make", "npx")) for word in cloud.calls)


def test_a_small_lambda_quota_is_named_with_what_helps_until_it_is_raised(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts.Account, "quota", always(10.0))
    outcome = cloud("check")
    assert outcome.code == 1
    said = " ".join(outcome.out.split())
    assert "no request is held: clients ask again instead → From 48 functions at once on" in said


@pytest.mark.parametrize(
    ("functions", "given"),
    [
        (10.0, ["--parameters AiWebhook-dev-service:HoldsRequests=false"]),
        (47.0, ["--parameters AiWebhook-dev-service:HoldsRequests=false"]),
        (48.0, ["--parameters AiWebhook-dev-service:HoldsRequests=true"]),
        (None, []),
    ],
)
def test_a_deployment_holds_requests_only_where_the_account_has_functions_to_spare(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, functions: float | None, given: list[str]
) -> None:
    monkeypatch.setattr(accounts.Account, "quota", always(functions))
    outcome = cloud("deploy", "--dry-run")
    assert outcome.code == 0, outcome.err
    (line,) = [line for line in outcome.err.splitlines() if " deploy -c stage=dev" in line]
    assert [part for part in given if part not in line] == []
    assert ("--parameters" in line) is bool(given)
    assert ("no request is held" in " ".join(outcome.err.split())) is ("false" in str(given))


def test_a_deployment_needs_no_leave_to_read_quotas(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> float:
        raise Forbidden("no", code="aws_denied")

    monkeypatch.setattr(accounts.Account, "quota", refuse)
    outcome = cloud("deploy", "--dry-run")
    assert outcome.code == 0, outcome.err
    assert "--parameters" not in outcome.err


def test_an_old_node_an_old_bootstrap_and_a_stuck_stack_are_named_with_the_remedy(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.program("node", version="v20.20.2")
    cloud.bootstrap(version=6)
    monkeypatch.setattr(accounts.Account, "stack_status", always("UPDATE_ROLLBACK_FAILED"))
    outcome = cloud("check")
    assert outcome.code == 1
    assert "v20.20.2  → Install Node 22" in outcome.out
    assert "version 6  → At least 21 is needed" in outcome.out
    said = " ".join(outcome.out.split())
    assert "AiWebhook-dev-network is UPDATE_ROLLBACK_FAILED → Fix what its events" in said


@pytest.mark.parametrize(
    ("variables", "arguments", "sentence"),
    [
        (NO_KEYS, (), "no AWS credentials"),
        ({"AWS_PROFILE": "nobody"}, (), "could not be found"),
        ({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, (), "No AWS Region is set"),
        ({}, ("--region", "atlantis-1"), "is not an AWS Region with Lambda"),
        ({}, ("--stage", "acceptance"), "There is no stage 'acceptance'"),
        ({"AWS_SECRET_ACCESS_KEY": None}, (), "no AWS credentials"),
        ({"AWS_PROFILE": "odd"}, (), "There are no AWS credentials: Unable to parse config file"),
        (NO_KEYS | {"AWS_PROFILE": "sso"}, (), "The AWS sign-in has expired."),
    ],
)
def test_nothing_is_begun_without_credentials_region_or_stage(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str | None],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(cloud.folder))
    config = cloud.folder / ".aws" / "config"
    config.parent.mkdir()
    config.write_text("[profile odd\n" if variables.get("AWS_PROFILE") == "odd" else SSO)
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    outcome = cloud("deploy", *arguments)
    assert (outcome.code, sentence in outcome.err) == (1, True), outcome.err
    assert cloud.calls == []


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("ExpiredToken", "credentials_expired"),
        ("InvalidClientTokenId", "credentials_unknown"),
        ("AccessDenied", "aws_denied"),
        ("Odd", "aws_refused"),
        *((each, "aws_throttled") for each in ("ThrottlingException", "RequestLimitExceeded")),
        ("OptInRequired", "no_region"),
        ("RequestTimeTooSkewed", "credentials_unknown"),
    ],
)
def test_a_refusal_of_aws_is_one_sentence_with_a_remedy(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, code: str, ours: str
) -> None:
    def refuse(_self: object) -> str:
        with aws_errors("sts:GetCallerIdentity"):
            raise ClientError({"Error": {"Code": code, "Message": "m"}}, "GetCallerIdentity")

    monkeypatch.setattr(accounts.Account, "number", refuse)
    outcome = cloud("deploy", "--json")
    problem = json.loads(outcome.err)
    assert (outcome.code, problem["code"], cloud.calls) == (1, ours, [])
    assert problem["remedy"]


def test_a_deployment_builds_bootstraps_deploys_and_keeps_the_key_in_a_profile(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    asked: list[tuple[str, object]] = []

    def invoke(_self: object, function: str, event: object) -> dict[str, str]:
        asked.append((function, event))
        return {"admin_key": "aiw_made"}

    monkeypatch.setattr(accounts.Account, "invoke", invoke)
    monkeypatch.setattr(accounts.Account, "function", always("the-migrate"))
    outcome = cloud("deploy")
    assert outcome.code == 0, outcome.err
    made, bootstrapped, deployed = cloud.calls
    assert made == "make --no-print-directory .venv/.infra layers"
    assert "aws-cdk@2.1148.1 bootstrap aws://123456789012/eu-west-1" in bootstrapped
    assert "deploy -c stage=dev AiWebhook-dev-* --require-approval broadening" in deployed
    profile = read_profiles({"XDG_CONFIG_HOME": str(cloud.folder / "config")}).get("dev")
    assert (profile.url, profile.key) == ("https://api.example", "aiw_made")
    assert (profile.region, profile.stage) == (REGION, "dev")
    assert "aiw_made" not in outcome.out + outcome.err

    cloud.bootstrap()
    assert cloud("deploy").code == 0
    assert len(asked) == 1, "a profile that has a key keeps it"
    assert sum("bootstrap" in call for call in cloud.calls) == 1


def test_a_stage_with_warm_workers_gets_their_key_once(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    arn = aws("secretsmanager").create_secret(Name="worker", SecretString="-")["ARN"]
    outputs = {"PublicUrl": "https://x.example", "WorkerKeyArn": arn, "AgentSecrets": "{}"}
    asked: list[object] = []

    def invoke(_self: object, _function: str, event: dict[str, str]) -> dict[str, str]:
        asked.append(event)
        return {"admin_key": "aiw_admin", "worker_key": "aiw_worker"}

    monkeypatch.setattr(accounts.Account, "invoke", invoke)
    monkeypatch.setattr(accounts.Account, "function", always("the-migrate"))
    monkeypatch.setattr(accounts.Account, "outputs", always(outputs))
    outcome, again = cloud("deploy"), cloud("deploy")
    assert (outcome.code, again.code) == (0, 0), outcome.err
    assert asked == [{"admin_key": "aiwebhook cloud"}, {"worker_key": "warm workers"}]
    assert aws("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == "aiw_worker"
    assert "aiw_worker" not in outcome.out + outcome.err


def test_a_deployment_that_fails_says_so_and_how_to_go_on(cloud: Cloud) -> None:
    cloud.bootstrap()
    cloud.program("npx", fails="deploy")
    outcome = cloud("deploy")
    assert outcome.code == 1
    assert "The deployment failed" in outcome.err
    assert "resumes where it stopped" in outcome.err
    assert [*(cloud.folder / "config" / "aiwebhook").iterdir()] == []


def test_a_dry_run_shows_the_commands_and_starts_none(cloud: Cloud) -> None:
    outcome = cloud("deploy", "--dry-run")
    assert outcome.code == 0
    assert "$ npx --yes aws-cdk@2.1148.1 deploy -c stage=dev 'AiWebhook-dev-*'" in outcome.err
    assert cloud.calls == []


def test_keys_are_put_in_one_by_one_and_the_others_stay(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    assert set(cloud.secret_values().values()) == {"-"}
    monkeypatch.setattr("sys.stdin", io.StringIO("OPENAI_API_KEY=sk-first-key\n"))
    assert cloud("keys").code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("ANTHROPIC_API_KEY=sk-second-key\nX=y\n"))
    outcome = cloud("keys")
    assert (outcome.code, "sk-second" in outcome.out + outcome.err) == (0, False)
    values = cloud.secret_values()
    assert values["OPENAI_API_KEY"] == "sk-first-key"
    assert values["ANTHROPIC_API_KEY"] == "sk-second-key"
    monkeypatch.setattr("sys.stdin", io.StringIO("OPENAI_API_KEY=-\n"))
    cloud("keys")
    assert cloud.secret_values()["OPENAI_API_KEY"] == "-"


@pytest.mark.parametrize(
    "value", ["sk", '{"a": "b", "c": "d"}', "two words here", '"sk-quoted-key"']
)
def test_half_a_key_or_json_is_refused_before_it_is_stored(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    cloud.deploy()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"GEMINI_API_KEY={value}\n"))
    outcome = cloud("keys", "--json")
    assert json.loads(outcome.err)["code"] == "key_form"
    assert set(cloud.secret_values().values()) == {"-"}


def test_the_status_shows_stacks_keys_and_images_that_are_missing(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert state(cloud("status", "--json").json["items"], "stack service") == "missing"
    cloud.deploy()
    cloud.image("claude_code-none")
    monkeypatch.setattr("sys.stdin", io.StringIO("GITHUB_TOKEN=ghp_something\n"))
    cloud("keys")
    found = cloud("status", "--json").json["items"]
    assert state(found, "stack service") == "CREATE_COMPLETE"
    assert state(found, "key GITHUB_TOKEN") == "set"
    assert state(found, f"key {AGENT_SECRETS[0]}") == "none"
    assert state(found, "image researcher") == "claude_code-none"
    assert state(found, "image codex") == "missing"


def test_commands_on_a_stage_that_is_not_there_say_how_to_deploy_it(cloud: Cloud) -> None:
    for command in ("keys", "migrate"):
        outcome = cloud(command, "--json")
        assert json.loads(outcome.err)["code"] == "cloud_stage"
    assert "There is no stage dev" in cloud("destroy", "--yes").out


def test_outside_a_clone_the_commands_say_so(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(cloud("check", "--json").err)["code"] == "no_clone"


def test_a_profile_of_another_address_is_replaced_by_the_deployments(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    cloud.bootstrap()
    environ = {"XDG_CONFIG_HOME": str(cloud.folder / "config")}
    save_profile(NamedDeployment(name="dev", url="https://old", key="old"), environ)
    monkeypatch.setattr(accounts.Account, "function", always("the-migrate"))
    monkeypatch.setattr(accounts.Account, "invoke", always({"admin_key": "new"}))
    cloud("deploy")
    assert read_profiles(environ).get("dev").key == "new"
