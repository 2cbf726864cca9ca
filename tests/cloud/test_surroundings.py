"""What a machine says to AWS's libraries: Region, profiles, settings, credentials."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from botocore import exceptions as aws_exceptions

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.cloud.refusals import aws_errors
from tests.cloud.conftest import Cloud

pytestmark = pytest.mark.req("O1")
ASSUMES = "role_arn = arn:aws:iam::123456789012:role/x\n"
HALF = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
PROFILES = {
    "half": HALF,
    "loop": f"{ASSUMES}source_profile = back\n",
    "back": f"{ASSUMES}source_profile = loop\n",
    "chatty": "credential_process = echo hello\n",
    "absent": "credential_process = /nonexistent/program\n",
    "unsigned": f"{ASSUMES}web_identity_token_file = /nonexistent\n",
    "login": "login_session = arn:aws:iam::123456789012:user/me\n",
}


@pytest.fixture
def own_profiles(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A machine with these, and without keys in its environment."""
    file = cloud.folder / "aws-config"
    file.write_text("".join(f"[profile {name}]\n{text}" for name, text in PROFILES.items()))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return cloud


@pytest.mark.parametrize(
    ("profile", "sentence", "remedy"),
    [
        ("half", "missing: aws_secret_access_key", "aws sso login"),
        ("loop", "Infinite loop", "AWS_PROFILE"),
        ("chatty", "AWS's settings on this machine are invalid", "~/.aws/config"),
        ("absent", "/nonexistent/program", "~/.aws/config"),
        ("unsigned", "/nonexistent", "~/.aws/config"),
        ("login", "'aws login'", "aws configure export-credentials"),
    ],
)
def test_a_profile_that_gives_no_credentials_is_one_sentence_with_what_helps(
    own_profiles: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    profile: str,
    sentence: str,
    remedy: str,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", profile)
    problem = json.loads(own_profiles("deploy", "--json").err)
    assert sentence in problem["detail"]
    assert remedy in problem["remedy"]
    assert own_profiles.calls == []


def test_a_code_that_nobody_can_type_is_told() -> None:
    """botocore asks for it, and finds the end of standard input."""
    with pytest.raises(AiWebhookError, match="asks for an MFA code") as told, aws_errors("a:B"):
        raise EOFError
    assert "aws sts get-session-token" in told.value.remedy


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_MAX_ATTEMPTS", "abc"),
        ("AWS_RETRY_MODE", "often"),
        ("AWS_ENDPOINT_URL", "nowhere"),
    ],
)
def test_a_setting_that_the_library_does_not_understand_is_no_fault_of_ours(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    problem = json.loads(cloud("status", "--json").err)
    assert problem["code"] == "aws_settings"
    assert value in problem["detail"]


def test_a_token_with_a_line_break_is_told_and_never_shown() -> None:
    """httplib's own words repeat the header."""
    cause = ValueError("Invalid header value b'the-token\\n'")
    with pytest.raises(AiWebhookError) as told, aws_errors("sts:GetCallerIdentity"):
        raise aws_exceptions.HTTPClientError(error=cause)
    assert "the-token" not in f"{told.value.detail} {told.value.remedy}"
    assert "line break" in told.value.detail
    assert told.value.code == "aws_settings"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda: aws_exceptions.EndpointConnectionError(endpoint_url="https://x"), "aws_no_answer"),
        (lambda: aws_exceptions.ReadTimeoutError(endpoint_url="https://x"), "aws_no_answer"),
        (lambda: aws_exceptions.ProxyConnectionError(proxy_url="http://x"), "aws_no_answer"),
        (
            lambda: aws_exceptions.WaiterError(name="w", reason="it failed", last_response={}),
            "aws_refused",
        ),
    ],
)
def test_a_network_that_is_gone_is_not_taken_for_a_refusal(
    fault: Callable[[], Exception], code: str
) -> None:
    with pytest.raises(AiWebhookError) as told, aws_errors("cloudformation:UpdateStack"):
        raise fault()
    assert told.value.code == code
    assert told.value.remedy


def test_the_region_is_the_one_that_awss_own_tools_take(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 itself reads AWS_DEFAULT_REGION alone; AWS's CLI and the CDK prefer AWS_REGION."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert cloud("status", "--json").json["region"] == "eu-central-1"
    assert cloud("status", "--json", "--region", "eu-west-3").json["region"] == "eu-west-3"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert cloud("status", "--json").json["region"] == "eu-central-1"
    monkeypatch.setenv("AWS_REGION", "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert cloud("status", "--json").json["region"] == "us-east-1"


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_region_of_another_partition_is_told_to_be_one(
    cloud: Cloud, region: str, partition: str
) -> None:
    problem = json.loads(cloud("deploy", "--json", "--region", region).err)
    assert problem["code"] == "no_region"
    assert f"{region} belongs to the partition {partition}" in problem["detail"]
    assert cloud.calls == []
