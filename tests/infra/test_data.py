"""What must not be lost is kept, encrypted and closed."""

from __future__ import annotations

import json

import pytest

from aiwebhook.aws.blobs import CHECKPOINTS
from aiwebhook.domain.provider import AGENT_SECRETS, NO_KEY
from tests.infra.template import Template

pytestmark = pytest.mark.req("O1")


def test_the_database_asks_for_tls_and_is_not_public(data: Template) -> None:
    (parameters,) = data.of_type("AWS::RDS::DBParameterGroup").values()
    assert parameters["Parameters"]["rds.force_ssl"] == "1"
    (database,) = data.of_type("AWS::RDS::DBInstance").values()
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    assert database["EngineVersion"].startswith("18")
    assert parameters["Family"] == "postgres18"


def test_a_later_major_version_is_installed_when_the_stage_names_it(data: Template) -> None:
    """RDS refuses it otherwise: "The AllowMajorVersionUpgrade flag must be present"."""
    (database,) = data.of_type("AWS::RDS::DBInstance").values()
    assert database["AllowMajorVersionUpgrade"] is True


@pytest.mark.req("O2")
def test_the_database_can_be_restored_to_any_point_of_the_last_week(data: Template) -> None:
    (database,) = data.of_type("AWS::RDS::DBInstance").values()
    assert database["BackupRetentionPeriod"] >= 7


def test_production_keeps_its_state_when_a_stack_is_deleted(data: Template) -> None:
    kept = data.stage == "prod"
    policies = {
        resource["Type"]: resource.get("DeletionPolicy") for resource in data.resources.values()
    }
    assert policies["AWS::RDS::DBInstance"] == ("Snapshot" if kept else "Delete")
    assert policies["AWS::S3::Bucket"] == ("Retain" if kept else "Delete")
    (database,) = data.of_type("AWS::RDS::DBInstance").values()
    assert database["DeletionProtection"] is kept
    assert database["MultiAZ"] is kept


def test_the_databases_password_is_generated(data: Template) -> None:
    (secret,) = [key for key in data.of_type("AWS::SecretsManager::Secret") if "Database" in key]
    generated = data.resources[secret]["Properties"]["GenerateSecretString"]
    assert generated["GenerateStringKey"] == "password"
    (attachment,) = data.of_type("AWS::SecretsManager::SecretTargetAttachment").values()
    assert attachment["SecretId"] == {"Ref": secret}


def test_the_app_secret_is_generated_and_the_github_secret_begins_empty(data: Template) -> None:
    secrets = data.of_type("AWS::SecretsManager::Secret")
    app = next(value for key, value in secrets.items() if key.startswith("AppSecret"))
    assert app["GenerateSecretString"]["GenerateStringKey"] == "master_key"
    assert app["GenerateSecretString"]["PasswordLength"] >= 64
    github = next(value for key, value in secrets.items() if key.startswith("GithubSecret"))
    assert json.loads(github["SecretString"]) == {"project_id": "default", "secrets": []}


@pytest.mark.req("T5")
def test_each_of_the_agents_keys_is_a_secret_that_no_release_writes_again(
    data: Template,
) -> None:
    """CloudFormation writes a value when the template's changes: this one never does."""
    secrets = data.of_type("AWS::SecretsManager::Secret")
    names = [key for key in secrets if key.startswith("AgentSecret")]
    assert len(names) == len(AGENT_SECRETS)
    for name in names:
        assert secrets[name]["SecretString"] == NO_KEY == "-"
        kept = data.stage == "prod"
        assert data.resources[name]["DeletionPolicy"] == ("Retain" if kept else "Delete")


def test_the_bucket_is_private_versioned_and_asks_for_tls(data: Template) -> None:
    (bucket,) = data.of_type("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]
    rule, *_ = bucket["LifecycleConfiguration"]["Rules"]
    assert "Prefix" not in rule
    assert "ExpirationInDays" not in rule, "artifacts are kept"
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    (policy,) = data.of_type("AWS::S3::BucketPolicy").values()
    assert "aws:SecureTransport" in json.dumps(policy)


def test_archives_of_checkpoints_go_by_themselves(data: Template) -> None:
    (bucket,) = data.of_type("AWS::S3::Bucket").values()
    *_, rule = bucket["LifecycleConfiguration"]["Rules"]
    assert rule == {
        "ExpirationInDays": 14,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "Prefix": f"{CHECKPOINTS}/",
        "Status": "Enabled",
    }
