"""The committed templates are what the CDK app makes, and CloudFormation would take them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.template import ROOT, SYNTH, every_template
from tests.support.function_names import EVERY_FUNCTION

pytestmark = pytest.mark.req("O1")


@pytest.mark.slow
@pytest.mark.synth
def test_the_committed_templates_are_what_the_app_makes_now() -> None:
    pytest.importorskip("aws_cdk", reason="aws-cdk-lib is a development package")
    run = subprocess.run(
        [sys.executable, "-m", "infra.synthesise", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"run 'make synth' and commit:\n{run.stdout}{run.stderr}"


@pytest.mark.slow
@pytest.mark.synth
def test_cfn_lint_finds_nothing() -> None:
    pytest.importorskip("cfnlint", reason="cfn-lint is a development package")
    command = [str(Path(sys.executable).with_name("cfn-lint"))]  # files: .cfnlintrc.yaml
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_template_names_a_content_hash() -> None:
    for path in SYNTH.rglob("*.json"):
        assert not re.search(r"\b[0-9a-f]{64}\b", path.read_text("utf-8")), path


def test_code_is_named_after_its_folder() -> None:
    keys = {
        function["Code"]["S3Key"]
        for template in every_template()
        for function in template.functions().values()
    }
    keys |= {
        layer["Content"]["S3Key"]
        for template in every_template()
        for layer in template.of_type("AWS::Lambda::LayerVersion").values()
    }
    assert keys == {f"functions/{name}.zip" for name in EVERY_FUNCTION} | {
        "layers/core.zip",
        "layers/vendor.zip",
    }


def test_no_document_looks_for_a_resource_among_the_first_hundred_only() -> None:
    """DescribeStackResources returns no more; ListStackResources has pages."""
    assert any(len(template.resources) > 100 for template in every_template())
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert [p.name for p in documents if "describe-stack-resources" in p.read_text("utf-8")] == []


def test_stateful_resources_stand_in_the_data_stack_alone() -> None:
    stateful = {"AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    for template in every_template():
        kinds = {resource["Type"] for resource in template.resources.values()}
        assert (stateful <= kinds) is (template.part == "data")
        assert template.part == "data" or not stateful & kinds


def test_no_resource_has_a_name_that_two_stages_would_share() -> None:
    """Explicit names contain the stage, so that dev and prod can live in one account."""
    for template in every_template():
        for definition in template.of_type("AWS::ECS::TaskDefinition").values():
            assert definition["Family"].startswith(f"aiwebhook-{template.stage}-")
        for kind, name in (
            ("AWS::Lambda::Function", "FunctionName"),
            ("AWS::S3::Bucket", "BucketName"),
            ("AWS::SNS::Topic", "TopicName"),
            ("AWS::SQS::Queue", "QueueName"),
            ("AWS::IAM::Role", "RoleName"),
        ):
            for logical_id, properties in template.of_type(kind).items():
                given = properties.get(name)
                assert given is None or f"-{template.stage}-" in str(given), logical_id
