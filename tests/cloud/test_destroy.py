"""`aiwebhook cloud destroy`: what goes, what stays, and why."""

from collections.abc import Iterator

import pytest

from aiwebhook_cli.cloud import account as accounts
from tests.cloud.conftest import REGION, Cloud, always, aws

pytestmark = pytest.mark.req("O1")


def logins(number: int, *, stage: str = "dev") -> Iterator[str]:
    """Make that many logins as migrate writes them; the names of all there are."""
    client = aws("ssm")
    for each in range(number):
        name = f"/aiwebhook/{stage}/database/function{each}"
        client.put_parameter(Name=name, Value="{}", Type="SecureString")
    pages = client.get_paginator("describe_parameters").paginate()
    return (each["Name"] for page in pages for each in page["Parameters"])


def test_logins_that_the_caller_may_not_remove_are_told_with_the_command(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()

    def refuse(_self: object, _path: str) -> None:
        raise accounts.Forbidden("The AWS credentials do not allow it.", code="aws_denied")

    monkeypatch.setattr(accounts.Account, "empty_bucket", always(None))
    monkeypatch.setattr(accounts.Account, "delete_parameters", refuse)
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 0, outcome.err
    assert "Removed: AiWebhook-dev-*" in outcome.out
    assert "aws ssm delete-parameters --names $(aws ssm get-parameters-by-path" in outcome.err


def test_destroy_says_what_stays_and_empties_what_would_stop_it(cloud: Cloud) -> None:
    cloud.deploy()
    s3 = aws("s3")
    s3.create_bucket(
        Bucket="artifacts-dev", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    s3.put_bucket_versioning(Bucket="artifacts-dev", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="artifacts-dev", Key="content/a", Body=body)
    s3.delete_object(Bucket="artifacts-dev", Key="content/a")
    cloud.image("codex-latest")
    logins(12, stage="dev")
    logins(1, stage="other")

    outcome = cloud("destroy", "--yes")

    assert outcome.code == 0, outcome.err
    said = " ".join(outcome.err.split())
    assert "No data stays" in said
    assert "the CDK's bootstrap (stack CDKToolkit), which other stages use, and the role" in said
    assert list(logins(0)) == ["/aiwebhook/other/database/function0"]
    left = s3.list_object_versions(Bucket="artifacts-dev")
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")
    assert not aws("ecr").list_images(repositoryName="images")["imageIds"]
    assert "destroy -c stage=dev AiWebhook-dev-* --force" in cloud.calls[-1]


def test_what_is_protected_against_deletion_keeps_its_data(cloud: Cloud) -> None:
    """The stack says so, not the stage's name."""
    cloud.deploy("prod", protected=True)
    logins(1, stage="prod")
    outcome = cloud("destroy", "--stage", "prod", "--yes")
    assert "prod keeps its data" in outcome.err
    assert list(logins(0)) == ["/aiwebhook/prod/database/function0"]
    assert [call.split(" ")[-2] for call in cloud.calls] == [
        "AiWebhook-prod-service",
        "AiWebhook-prod-door",
    ]
