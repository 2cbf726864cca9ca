"""`aiwebhook cloud destroy`: what goes, what stays, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from aiwebhook.errors import Forbidden
from aiwebhook_cli.cloud import account as accounts
from aiwebhook_cli.cloud.account import Account
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
        raise Forbidden("The AWS credentials do not allow it.", code="aws_denied")

    monkeypatch.setattr(accounts.Account, "empty_bucket", always(None))
    monkeypatch.setattr(accounts.Account, "delete_parameters", refuse)
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 0, outcome.err
    assert "AiWebhook-dev-data, AiWebhook-dev-network." in outcome.out
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
    made, first, last = cloud.calls
    assert made.endswith(".venv/.infra")
    assert "destroy -c stage=dev AiWebhook-dev-service AiWebhook-dev-door --force" in first
    assert "destroy -c stage=dev AiWebhook-dev-data AiWebhook-dev-network --force" in last


def test_a_dry_run_does_not_claim_to_have_removed_anything(cloud: Cloud) -> None:
    cloud.deploy()
    assert "Would remove: AiWebhook-dev-service" in cloud("destroy", "--dry-run").out
    shown = cloud("destroy", "--dry-run", "--json").json
    assert (shown["removed"], len(shown["would_remove"])) == ([], 4)


def test_what_is_protected_against_deletion_keeps_its_data(cloud: Cloud) -> None:
    """The stack says so, not the stage's name."""
    cloud.deploy("prod", protected=True)
    logins(1, stage="prod")
    outcome = cloud("destroy", "--stage", "prod", "--yes")
    assert "prod keeps its data" in outcome.err
    assert list(logins(0)) == ["/aiwebhook/prod/database/function0"]
    (removed,) = [call for call in cloud.calls if call.startswith("npx")]
    assert removed.endswith("AiWebhook-prod-service AiWebhook-prod-door --force")


def test_nothing_is_emptied_before_what_removes_the_stacks_has_been_found(cloud: Cloud) -> None:
    cloud.deploy()
    cloud.image("codex-latest")
    (cloud.folder / "bin" / "node").unlink()
    cloud.hide_system_programs()
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 1
    assert "Install Node 22" in outcome.err
    assert aws("ecr").list_images(repositoryName="images")["imageIds"]


@pytest.mark.parametrize(("version", "code"), [("v20.20.2", 0), ("v16.20.2", 1)])
def test_a_removal_takes_each_node_on_which_the_cdk_cli_starts(
    cloud: Cloud, version: str, code: int
) -> None:
    """`deploy` asks for a newer one; but a stage that nobody can remove goes on to cost money."""
    cloud.deploy("prod", protected=True)
    cloud.program("node", version=version)
    outcome = cloud("destroy", "--stage", "prod", "--yes")
    assert outcome.code == code, outcome.err
    assert ("Install Node 22" in outcome.err) is bool(code)


def test_what_writes_is_removed_before_the_stores_are_emptied(cloud: Cloud) -> None:
    cloud.deploy()
    cloud.image("codex-latest")
    cloud.program("npx", fails="AiWebhook-dev-service")
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 1
    assert aws("ecr").list_images(repositoryName="images")["imageIds"]


def test_a_removal_that_was_stopped_half_way_is_taken_up_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service is gone, and with it its outputs; the bucket has its objects still."""
    cloud.deploy()
    aws("cloudformation").delete_stack(StackName="AiWebhook-dev-service")
    cloud.image("codex-latest")
    emptied: list[str] = []

    def empty(_self: object, name: str) -> None:
        emptied.append(name)

    monkeypatch.setattr(accounts.Account, "empty_bucket", empty)
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 0, outcome.err
    assert emptied == ["artifacts-dev"]
    assert not aws("ecr").list_images(repositoryName="images")["imageIds"]


def test_stores_that_are_gone_already_do_not_stop_a_removal(cloud: Cloud) -> None:
    """It was stopped while the database, which takes minutes, was deleted: the stack is still
    there, or is DELETE_FAILED, and still has its outputs."""
    cloud.deploy()
    aws("ecr").delete_repository(repositoryName="images")
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 0, outcome.err
    assert "AiWebhook-dev-data AiWebhook-dev-network --force" in cloud.calls[-1]


def test_an_object_that_s3_keeps_is_told_before_the_stack_fails_over_it() -> None:
    """S3 answers 200 to a request each of whose objects it has refused."""
    account = Account(region=REGION, client=always(BucketThatKeeps()))
    with pytest.raises(Forbidden, match="do not allow s3:DeleteObjectVersion"):
        account.empty_bucket("artifacts")


class BucketThatKeeps:
    """S3 with a bucket whose one object may not be deleted."""

    exceptions = SimpleNamespace(NoSuchBucket=LookupError)
    _kept: ClassVar[dict[str, str]] = {"Key": "a", "VersionId": "1"}

    def get_paginator(self, _name: str) -> "BucketThatKeeps":
        return self

    def paginate(self, **_words: object) -> list[dict[str, Any]]:
        return [{"Versions": [self._kept]}]

    def delete_objects(self, **_words: object) -> dict[str, Any]:
        return {"Errors": [{**self._kept, "Code": "AccessDenied", "Message": "Access Denied"}]}


def test_a_deployment_that_was_killed_before_its_data_is_removed_too(cloud: Cloud) -> None:
    """A NAT costs money, though there is no data stack yet."""
    cloud.stack("AiWebhook-dev-network", {})
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 0, outcome.err
    assert "AiWebhook-dev-network" in cloud.calls[-1]


def test_a_secret_that_another_stage_was_handed_stays_with_its_stage(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    cloud.stack("AiWebhook-new-service", {"AppSecretArn": "arn:the-secret"})
    monkeypatch.setattr(accounts.Account, "resource", always("arn:the-secret"))
    outcome = cloud("destroy", "--yes")
    assert outcome.code == 1
    assert "AiWebhook-new-service uses the AppSecret of dev" in outcome.err
    assert cloud.calls == []
    aws("cloudformation").delete_stack(StackName="AiWebhook-new-service")
    monkeypatch.setattr(accounts.Account, "empty_bucket", always(None))
    assert cloud("destroy", "--yes").code == 0


@dataclass
class RepositoryWithIndexes:
    """ECR as it refuses: what an index names cannot be deleted before the index
    (`ImageReferencedByManifestList`, of BatchDeleteImage's failure codes). Docker pushes an index
    with each image's attestation; moto knows none."""

    images: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"image": (), "attestation": (), "index": ("image", "attestation")}
    )
    exceptions: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(RepositoryNotFoundException=LookupError)
    )

    def get_paginator(self, _name: str) -> "RepositoryWithIndexes":
        return self

    def paginate(self, **_words: object) -> list[dict[str, Any]]:
        return [{"imageIds": [{"imageDigest": digest} for digest in self.images]}]

    def batch_delete_image(self, **words: Any) -> dict[str, Any]:
        failures: list[dict[str, Any]] = []
        for each in words["imageIds"]:
            digest = each["imageDigest"]
            if any(digest in named for named in self.images.values()):
                failures.append({"imageId": each, "failureCode": "ImageReferencedByManifestList"})
            else:
                del self.images[digest]
        return {"failures": failures}


def test_a_repository_with_attestations_is_emptied() -> None:
    repository = RepositoryWithIndexes()
    Account(region=REGION, client=always(repository)).empty_repository("images")
    assert repository.images == {}
