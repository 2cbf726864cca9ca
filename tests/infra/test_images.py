"""What builds the images of runs, and where they are kept."""

from __future__ import annotations

import json

import pytest

from tests.infra.template import Template

pytestmark = pytest.mark.req("O1", "T5")


def test_a_tag_of_an_image_is_never_moved(data: Template) -> None:
    (repository,) = data.of_type("AWS::ECR::Repository").values()
    assert repository["ImageTagMutability"] == "IMMUTABLE"


def test_images_are_built_on_the_processor_that_they_run_on(
    data: Template, service: Template
) -> None:
    (project,) = data.of_type("AWS::CodeBuild::Project").values()
    assert project["Environment"]["Type"] == "ARM_CONTAINER"
    assert project["Environment"]["PrivilegedMode"] is True
    for definition in service.of_type("AWS::ECS::TaskDefinition").values():
        assert definition["RuntimePlatform"]["CpuArchitecture"] == "ARM64"


def test_a_build_reads_its_bundle_and_writes_images_and_its_log(data: Template) -> None:
    (project,) = data.of_type("AWS::CodeBuild::Project").values()
    role = project["ServiceRole"]["Fn::GetAtt"][0]
    by_action = {
        action: json.dumps(statement["Resource"])
        for statement in data.statements(role)
        for action in statement["Action"]
    }
    assert "/image-sources/*" in by_action["s3:GetObject"]
    (repository,) = data.of_type("AWS::ECR::Repository")
    assert repository in by_action["ecr:PutImage"]
    assert not any(action.startswith(("iam:", "sts:", "secretsmanager:")) for action in by_action)


def test_what_a_build_read_is_gone_the_next_day(data: Template) -> None:
    (bucket,) = data.of_type("AWS::S3::Bucket").values()
    rules = bucket["LifecycleConfiguration"]["Rules"]
    (rule,) = [each for each in rules if each.get("Prefix") == "image-sources/"]
    assert rule["ExpirationInDays"] == 1
