"""Nobody may do more than their work needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiwebhook.aws.blobs import CHECKPOINTS
from aiwebhook.aws.blobs import CONTENT as KEPT
from aiwebhook.domain.provider import AGENT_SECRETS
from infra.constructs.access_log import GATEWAY_LOG_ACTIONS
from tests.deployed.lambda_actions import INTERFACE_ACTIONS
from tests.infra.template import CDK_HELPER, Template, as_list, every_template, load

pytestmark = pytest.mark.req("O1")

INTERFACES = set(INTERFACE_ACTIONS)
# Actions that may name every resource, with the reason.
EVERY_RESOURCE = {
    frozenset(INTERFACES): "Lambda makes interfaces that do not exist yet; our code is denied them",
    frozenset({"ecr:GetAuthorizationToken"}): "ECR's login knows no resource",
    frozenset(GATEWAY_LOG_ACTIONS): "API Gateway asks for them on every group",
}
CONSUME = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
RUN = INTERFACES | LOG
EXCHANGE = {"lambda:InvokeFunction"}
READ_SECRET = {"secretsmanager:GetSecretValue"}
CONTENT = {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}
ERASE = {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"}
RING = {"sqs:SendMessage", "sns:Publish"}
LAUNCH = {"ecs:RunTask", "ecs:StopTask", "ecs:TagResource", "iam:PassRole"}
ALLOWED = {
    "relay": RUN | READ_SECRET | RING | CONTENT,
    "session_api": RUN | READ_SECRET | RING | CONTENT | EXCHANGE,
    "dispatcher": RUN | READ_SECRET | RING | CONSUME | LAUNCH,
    "reaper": RUN | RING | CONSUME | ERASE | {"ecs:StopTask", "s3:GetObject", "s3:ListBucket"},
    "notifier": RUN | READ_SECRET | CONSUME | EXCHANGE | {"sqs:SendMessage"},
    "outbound": LOG,
    "reconciler": RUN | READ_SECRET | EXCHANGE | {"s3:PutObject"},
    "migrate": RUN | READ_SECRET,
}
LOG_IN = {"dev": {"ssm:GetParameter"}, "prod": {"rds-db:connect"}}
KEEP_LOGINS = {"dev": {"ssm:GetParameter", "ssm:PutParameter"}, "prod": set[str]()}


def roles(template: Template) -> list[str]:
    return list(template.of_type("AWS::IAM::Role"))


def role_of(service: Template, function: str) -> str:
    return service.functions()[function]["Role"]["Fn::GetAtt"][0]


def allowing(service: Template, function: str, action: str) -> dict[str, Any]:
    """The one statement that allows the function the action."""
    statements = service.statements(role_of(service, function))
    (found,) = [
        statement
        for statement in statements
        if statement["Effect"] == "Allow" and action in as_list(statement["Action"])
    ]
    return found


def logical_ids(value: Any) -> str:
    """The value as text, for asking which resources it names."""
    return json.dumps(value)


def test_no_statement_allows_a_wildcard_of_actions() -> None:
    for template in every_template():
        for role in roles(template):
            for statement in template.statements(role):
                assert not any("*" in action for action in as_list(statement["Action"])), role


def test_only_acknowledged_actions_name_every_resource() -> None:
    for template in every_template():
        for role in roles(template):
            for statement in template.statements(role):
                if statement["Effect"] == "Allow" and "*" in as_list(statement["Resource"]):
                    assert frozenset(as_list(statement["Action"])) in EVERY_RESOURCE, role


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_function_may_do_what_its_work_needs_and_nothing_else(
    service: Template, name: str
) -> None:
    allowed = {
        action
        for statement in service.statements(role_of(service, name))
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }
    login = (KEEP_LOGINS if name == "migrate" else LOG_IN)[service.stage]
    assert allowed == ALLOWED[name] | (set() if name == "outbound" else login)


def test_a_function_logs_in_to_the_database_as_itself_alone(service: Template) -> None:
    for name in ALLOWED.keys() - {"migrate", "outbound"}:
        (action,) = LOG_IN[service.stage]
        (resource,) = as_list(allowing(service, name, action)["Resource"])
        own = f"/database/{name}" if service.stage == "dev" else f"/aiwebhook_{name}"
        assert resource["Fn::Join"][1][-1].endswith(own)


def test_each_function_has_a_role_of_its_own(service: Template) -> None:
    own = [role_of(service, name) for name in service.functions()]
    assert len(set(own)) == len(own)


def test_no_role_carries_a_managed_policy_except_cdks_own_helper() -> None:
    for template in every_template():
        for role, properties in template.of_type("AWS::IAM::Role").items():
            if not role.startswith(CDK_HELPER):
                assert "ManagedPolicyArns" not in properties, role


def test_a_functions_own_code_may_not_touch_network_interfaces(service: Template) -> None:
    for name in service.functions().keys() - {"outbound"}:
        denials = [s for s in service.statements(role_of(service, name)) if s["Effect"] == "Deny"]
        (denial,) = denials
        assert set(denial["Action"]) == INTERFACES
        assert denial["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("relay", {"AppSecret", "GithubSecret"}),
        ("session_api", {"AppSecret"}),
        ("dispatcher", {"AppSecret"}),
        ("notifier", {"AppSecret"}),
        ("migrate", {"DatabaseInstanceSecretAttachment"}),
    ],
)
def test_a_function_reads_only_its_secrets(service: Template, name: str, secrets: set[str]) -> None:
    statement = allowing(service, name, "secretsmanager:GetSecretValue")
    resources = as_list(statement["Resource"])
    assert len(resources) == len(secrets)
    for secret in secrets:
        assert f"ExportsOutputRef{secret}" in logical_ids(resources)


def test_the_dispatcher_starts_only_our_task_definitions_in_our_cluster(
    service: Template,
) -> None:
    statement = allowing(service, "dispatcher", "ecs:RunTask")
    families = {d["Family"] for d in service.of_type("AWS::ECS::TaskDefinition").values()}
    names = {part["Fn::Join"][1][-1] for part in statement["Resource"]}
    assert names == {
        f":task-definition/{family}{revision}" for family in families for revision in ("", ":*")
    }
    (cluster,) = service.of_type("AWS::ECS::Cluster")
    assert statement["Condition"] == {
        "ArnEquals": {"ecs:cluster": {"Fn::GetAtt": [cluster, "Arn"]}}
    }


@pytest.mark.parametrize("function", ["dispatcher", "reaper"])
def test_only_tasks_of_our_cluster_are_stopped(service: Template, function: str) -> None:
    statement = allowing(service, function, "ecs:StopTask")
    (cluster,) = service.of_type("AWS::ECS::Cluster")
    assert statement["Condition"] == {
        "ArnEquals": {"ecs:cluster": {"Fn::GetAtt": [cluster, "Arn"]}}
    }
    parts = statement["Resource"]["Fn::Join"][1]
    assert parts[-3:] == [":task/", {"Ref": cluster}, "/*"]


def test_the_dispatcher_passes_only_the_runs_two_roles_and_only_to_ecs(service: Template) -> None:
    statement = allowing(service, "dispatcher", "iam:PassRole")
    used = {
        definition[key]["Fn::GetAtt"][0]
        for definition in service.of_type("AWS::ECS::TaskDefinition").values()
        for key in ("TaskRoleArn", "ExecutionRoleArn")
    }
    assert {resource["Fn::GetAtt"][0] for resource in statement["Resource"]} == used
    assert statement["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


@pytest.mark.req("T4")
def test_a_run_may_do_nothing_in_aws(service: Template) -> None:
    for definition in service.of_type("AWS::ECS::TaskDefinition").values():
        assert service.statements(definition["TaskRoleArn"]["Fn::GetAtt"][0]) == []


@pytest.mark.req("T5")
def test_what_starts_a_run_reads_the_agents_secrets_alone(service: Template) -> None:
    (role,) = {
        definition["ExecutionRoleArn"]["Fn::GetAtt"][0]
        for definition in service.of_type("AWS::ECS::TaskDefinition").values()
    }
    reading = [
        resource
        for statement in service.statements(role)
        if any(action.startswith("secretsmanager:") for action in as_list(statement["Action"]))
        for resource in as_list(statement["Resource"])
    ]
    assert len(reading) == len(AGENT_SECRETS)
    assert all("ExportsOutputRefAgentSecret" in logical_ids([each]) for each in reading)


def test_what_speaks_with_strangers_is_called_by_three_functions(
    service: Template,
) -> None:
    called = {"Fn::GetAtt": [service.function_id("outbound"), "Arn"]}
    for name in ("session_api", "notifier", "reconciler"):
        assert allowing(service, name, "lambda:InvokeFunction")["Resource"] == called


def test_content_is_read_and_written_under_its_prefix_only(service: Template) -> None:
    for name, folders in (("relay", [KEPT]), ("session_api", [KEPT, CHECKPOINTS])):
        statement = allowing(service, name, "s3:PutObject")
        places = {place["Fn::Join"][1][-1] for place in as_list(statement["Resource"])}
        assert places == {f"/{folder}/*" for folder in folders}


def test_who_may_invoke_a_function_is_named_with_the_source() -> None:
    for permission in load("prod", "service").of_type("AWS::Lambda::Permission").values():
        assert permission["SourceArn"]
        assert permission["Principal"] in {"apigateway.amazonaws.com", "events.amazonaws.com"}
