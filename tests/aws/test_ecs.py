"""RunTask as we ask for it, and what we read from its answers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from aiwebhook.aws.ecs import FargateLauncher, FargatePlace, FargateStopper
from aiwebhook.aws.environment import AwsEnvironment, aws_environment
from aiwebhook.aws.signed_request import AwsClient, AwsRefused
from aiwebhook.errors import Unavailable
from aiwebhook.ports.launcher import Launched, LaunchRefused, LaunchRequest
from tests.aws.conftest import outside
from tests.support.fakes import FakeLauncher
from tests.support.place_of_runs import make_place_of_runs

PLACE = FargatePlace(
    cluster_arn="arn:aws:ecs:eu-central-1:1:cluster/runs",
    task_definitions={"researcher": "researcher-family"},
    subnet_ids=("subnet-a", "subnet-b"),
    security_group_id="sg-1",
    api_url="https://api.example",
)


def any_launch(**fields: str) -> LaunchRequest:
    values = {
        "attempt_id": "att_0199a1b2-0000-7000-8000-000000000000",
        "project_id": "default",
        "task_id": "task_1",
        "agent_name": "researcher",
        "bootstrap_code": "code",
        "correlation_id": "corr_1",
        **fields,
    }
    return LaunchRequest(**values)


class ScriptedClient(AwsClient):
    """Answers RunTask from a script, and remembers the request."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        names = {"AWS_REGION": "x", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        super().__init__("ecs", aws_environment(names))
        self.answer = answer
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def json(
        self, target: str, payload: Mapping[str, Any], *, version: str = "1.1"
    ) -> dict[str, Any]:
        assert version == "1.1"
        self.requests.append((target, dict(payload)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict(self.answer)


def refusal(code: str, message: str = "", status: int = 400, **more: Any) -> AwsRefused:
    return AwsRefused("ecs", "RunTask", status, {"__type": code, "message": message, **more})


STARTED = {"tasks": [{"taskArn": "arn:task/1"}], "failures": []}


@pytest.mark.req("T3")
def test_the_request_is_one_that_ecs_accepts() -> None:
    """Checked against botocore's model of RunTask: every name and type is ECS's own."""
    client = ScriptedClient(STARTED)
    assert FargateLauncher(client, PLACE).launch(any_launch()) == Launched(runtime_ref="arn:task/1")
    [(target, request)] = client.requests
    assert target == "AmazonEC2ContainerServiceV20141113.RunTask"
    model = import_module("botocore.session").get_session().get_service_model("ecs")
    shape = model.operation_model("RunTask").input_shape
    report = import_module("botocore.validate").ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.req("T3")
def test_the_attempt_is_the_client_token_and_the_family_has_no_revision() -> None:
    client = ScriptedClient(STARTED)
    FargateLauncher(client, PLACE).launch(any_launch())
    request = client.requests[0][1]
    attempt = "att_0199a1b2-0000-7000-8000-000000000000"
    assert (request["clientToken"], request["startedBy"]) == (attempt, attempt)
    assert request["taskDefinition"] == "researcher-family"
    assert (request["count"], request["launchType"]) == (1, "FARGATE")
    assert len(attempt) <= 64


@pytest.mark.req("T3")
def test_overrides_carry_ids_and_the_bootstrap_code_only() -> None:
    client = ScriptedClient(STARTED)
    FargateLauncher(client, PLACE).launch(any_launch())
    [container] = client.requests[0][1]["overrides"]["containerOverrides"]
    assert {item["name"]: item["value"] for item in container["environment"]} == {
        "AIWEBHOOK_API_URL": "https://api.example",
        "AIWEBHOOK_TASK_ID": "task_1",
        "AIWEBHOOK_BOOTSTRAP_CODE": "code",
        "AIWEBHOOK_CORRELATION_ID": "corr_1",
    }
    assert set(container) == {"name", "environment"}


@pytest.mark.req("T3")
@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        ({"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY"}]}, True),
        ({"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time."}]}, True),
        ({"tasks": [], "failures": [{"reason": "MISSING"}]}, False),
        ({"tasks": [], "failures": [{"reason": "INACTIVE", "detail": None}]}, False),
        ({"tasks": [], "failures": [{"reason": "ATTRIBUTE"}]}, False),
        ({"tasks": [], "failures": [{"reason": "AGENT"}]}, True),
        ({"tasks": [], "failures": [{"reason": "LOCATION"}]}, True),
        ({"tasks": [], "failures": [{"reason": "RESOURCE:ENI"}]}, True),
        ({"tasks": [], "failures": [{"reason": "RESOURCE:CPU"}]}, True),
        ({"tasks": [], "failures": [{"reason": "You've reached the limit on vCPUs"}]}, True),
        (
            {
                "tasks": [],
                "failures": [{"reason": "The requested CPU configuration is above your limit"}],
            },
            False,
        ),
        ({"tasks": None, "failures": [None, {"reason": None, "detail": None}]}, True),
        ({"tasks": [], "failures": None}, True),
        ({"tasks": [], "failures": []}, True),
        ({}, True),
        (refusal("ThrottlingException"), True),
        (refusal("ClientException", "You've reached the limit on tasks"), True),
        (refusal("ClientException", "TaskDefinition is inactive"), False),
        (refusal("ClusterNotFoundException"), False),
        (refusal("AccessDeniedException"), False),
        (refusal("InvalidParameterException"), False),
        (refusal("ExpiredTokenException"), True),
    ],
)
def test_a_refusal_says_whether_waiting_helps(
    answer: Mapping[str, Any] | Exception, retryable: bool
) -> None:
    outcome = FargateLauncher(ScriptedClient(answer), PLACE).launch(any_launch())
    assert isinstance(outcome, LaunchRefused)
    assert outcome.retryable is retryable
    assert outcome.reason


@pytest.mark.req("T3")
def test_a_token_used_before_means_that_the_task_runs() -> None:
    conflict = refusal("ConflictException", resourceIds=["arn:task/9"])
    outcome = FargateLauncher(ScriptedClient(conflict), PLACE).launch(any_launch())
    assert outcome == Launched(runtime_ref="arn:task/9")


@pytest.mark.req("O3")
def test_what_a_signature_fault_quotes_is_not_the_reason() -> None:
    fault = refusal("InvalidSignatureException", "x-amz-security-token:canary", status=403)
    outcome = FargateLauncher(ScriptedClient(fault), PLACE).launch(any_launch())
    assert outcome == LaunchRefused(reason="InvalidSignatureException", retryable=True)


@pytest.mark.req("T3")
@pytest.mark.parametrize("fault", [refusal("ServerException", status=500), Unavailable("silence")])
def test_an_unknown_outcome_is_raised(fault: Exception) -> None:
    with pytest.raises(Unavailable):
        FargateLauncher(ScriptedClient(fault), PLACE).launch(any_launch())


@pytest.mark.req("T3")
def test_an_agent_without_a_task_definition_is_refused_for_good() -> None:
    client = ScriptedClient(STARTED)
    outcome = FargateLauncher(client, PLACE).launch(any_launch(agent_name="local"))
    assert isinstance(outcome, LaunchRefused)
    assert not outcome.retryable
    assert client.requests == []


@pytest.mark.req("T3")
@pytest.mark.parametrize("kind", ["fake", "ecs"])
def test_a_launch_gives_a_reference(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "fake":
        outcome = FakeLauncher().launch(any_launch())
    else:
        outcome = launcher_on(request.getfixturevalue("aws")).launch(any_launch())
    assert isinstance(outcome, Launched)
    assert outcome.runtime_ref.startswith("arn:")


def launcher_on(aws: AwsEnvironment) -> FargateLauncher:
    """A launcher on moto, with a cluster, a family and a network."""
    made = make_place_of_runs(outside("ecs"), outside("ec2"), cluster="runs")
    place = FargatePlace(
        cluster_arn=made.cluster_arn,
        task_definitions={"researcher": "researcher-family"},
        subnet_ids=(made.subnet_id,),
        security_group_id=made.group_id,
        api_url="https://api.example",
    )
    return FargateLauncher(AwsClient("ecs", aws), place)


@pytest.mark.req("T3")
@pytest.mark.parametrize(
    "answer",
    [
        {"tasks": [], "failures": [{"reason": "MISS\x1b[2JING\r\n\0now", "detail": "x" * 9_000}]},
        refusal("InvalidParameterException", "MISS\x1b[2JING\r\n\0now" + "x" * 9_000),
    ],
)
def test_the_reason_is_one_plain_line_of_bounded_length(
    answer: Mapping[str, Any] | Exception,
) -> None:
    outcome = FargateLauncher(ScriptedClient(answer), PLACE).launch(any_launch())
    assert isinstance(outcome, LaunchRefused)
    assert "MISSING now" in outcome.reason
    assert (len(outcome.reason), outcome.reason.isprintable()) == (400, True)


@pytest.mark.req("T7")
def test_a_task_is_stopped_by_its_arn_as_often_as_one_likes(aws: AwsEnvironment) -> None:
    """On moto; the request is checked against botocore's model, as that of RunTask is."""
    launcher, stopper = launcher_on(aws), FargateStopper(AwsClient("ecs", aws))
    outcome = launcher.launch(any_launch())
    assert isinstance(outcome, Launched)
    arn = outcome.runtime_ref

    stopper.stop(arn)
    stopper.stop(arn)

    [task] = outside("ecs").describe_tasks(cluster="runs", tasks=[arn])["tasks"]
    assert task["desiredStatus"] == "STOPPED"

    client = ScriptedClient({"task": {}})
    FargateStopper(client).stop(arn)
    [(target, request)] = client.requests
    assert target == "AmazonEC2ContainerServiceV20141113.StopTask"
    assert request["cluster"] == "runs"
    model = import_module("botocore.session").get_session().get_service_model("ecs")
    shape = model.operation_model("StopTask").input_shape
    report = import_module("botocore.validate").ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    ("fault", "is_gone"),
    [
        (refusal("InvalidParameterException", "The referenced task was not found."), True),
        (refusal("ClusterNotFoundException"), True),
        (refusal("AccessDeniedException"), False),
        (refusal("ThrottlingException"), False),
        (refusal("ServerException", status=500), False),
    ],
)
def test_a_task_that_is_gone_need_not_be_stopped(fault: AwsRefused, *, is_gone: bool) -> None:
    stopper = FargateStopper(ScriptedClient(fault))
    if is_gone:
        stopper.stop("arn:aws:ecs:eu-central-1:1:task/runs/1")
        return
    with pytest.raises(Unavailable):
        stopper.stop("arn:aws:ecs:eu-central-1:1:task/runs/1")
