"""Queues, topic and rules: how work is rung for."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from tests.infra.template import ROOT, Template

MANIFESTS = ROOT / "layers/core/python/aiwebhook/agents"


def work_queues(service: Template) -> dict[str, Any]:
    queues = service.of_type("AWS::SQS::Queue")
    return {key: value for key, value in queues.items() if "RedrivePolicy" in value}


def queued_agents() -> set[str]:
    manifests = [tomllib.loads(path.read_text("utf-8")) for path in MANIFESTS.glob("*.toml")]
    return {manifest["name"] for manifest in manifests if manifest.get("queue")}


@pytest.mark.req("T3")
def test_every_queue_has_a_dead_letter_queue_of_its_own(service: Template) -> None:
    queues = service.of_type("AWS::SQS::Queue")
    work = work_queues(service)
    dead = [q["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for q in work.values()]
    assert sorted(dead) == sorted(queues.keys() - work.keys())
    assert {queues[name]["MessageRetentionPeriod"] for name in dead} == {14 * 24 * 3600}


@pytest.mark.req("T3")
def test_each_agent_type_with_a_queue_has_one_queue_and_one_task_definition(
    service: Template,
) -> None:
    variables = service.functions()["dispatcher"]["Environment"]["Variables"]
    families = json.loads(variables["TASK_DEFINITIONS"])
    assert families.keys() == queued_agents()
    definitions = service.of_type("AWS::ECS::TaskDefinition").values()
    assert {definition["Family"] for definition in definitions} == set(families.values())
    text = "".join(
        part if isinstance(part, str) else part["Ref"]
        for part in variables["AGENT_QUEUES"]["Fn::Join"][1]
    )
    setting = json.loads(text)
    assert set(setting["agents"]) == queued_agents()
    assert setting["like"] in work_queues(service)
    named = {queue.get("QueueName") for queue in work_queues(service).values()}
    assert {f"{setting['prefix']}{name}" for name in queued_agents()} == named - {None}


@pytest.mark.req("T2")
def test_consumers_report_each_failed_message_and_have_time_to_work(service: Template) -> None:
    functions = service.of_type("AWS::Lambda::Function")
    queues = service.of_type("AWS::SQS::Queue")
    mappings = service.of_type("AWS::Lambda::EventSourceMapping").values()
    fed = {mapping["EventSourceArn"]["Fn::GetAtt"][0] for mapping in mappings}
    assert fed == work_queues(service).keys()
    for mapping in mappings:
        timeout = functions[mapping["FunctionName"]["Ref"]]["Timeout"]
        queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        assert queue["VisibilityTimeout"] >= 6 * timeout
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
        assert "MaximumBatchingWindowInSeconds" not in mapping  # a window would be latency


@pytest.mark.req("N1")
def test_the_topic_feeds_first_tries_with_bare_messages_and_retries_have_a_queue_of_their_own(
    service: Template,
) -> None:
    (subscription,) = service.of_type("AWS::SNS::Subscription").values()
    assert subscription["Protocol"] == "sqs"
    assert subscription["RawMessageDelivery"] is True
    queue = subscription["Endpoint"]["Fn::GetAtt"][0]
    variables = service.functions()["notifier"]["Environment"]["Variables"]
    assert variables["NOTIFIER_QUEUE_URL"] != {"Ref": queue}
    function = service.function_id("notifier")
    lanes = {
        mapping["EventSourceArn"]["Fn::GetAtt"][0]: mapping["ScalingConfig"]["MaximumConcurrency"]
        for mapping in service.of_type("AWS::Lambda::EventSourceMapping").values()
        if mapping["FunctionName"]["Ref"] == function
    }
    assert lanes.keys() == {queue, variables["NOTIFIER_QUEUE_URL"]["Ref"]}
    share = int(variables["CALLBACK_SHARE"])
    assert all(2 * share < concurrency for concurrency in lanes.values())


def test_queues_and_topic_refuse_unencrypted_calls(service: Template) -> None:
    policies = service.of_type("AWS::SQS::QueuePolicy")
    guarded = {policy["Queues"][0]["Ref"] for policy in policies.values()}
    assert guarded == service.of_type("AWS::SQS::Queue").keys()
    topics = service.of_type("AWS::SNS::TopicPolicy")
    for policy in [*policies.values(), *topics.values()]:
        denials = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert denials[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.req("T7")
def test_the_reaper_runs_every_minute_and_when_a_run_of_our_cluster_stops(
    service: Template,
) -> None:
    rules = list(service.of_type("AWS::Events::Rule").values())
    reaper = service.function_id("reaper")
    (cluster,) = service.of_type("AWS::ECS::Cluster")
    (schedule,) = [
        rule
        for rule in rules
        if "ScheduleExpression" in rule and reaper in str(rule["Targets"][0]["Arn"])
    ]
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = schedule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": [reaper, "Arn"]}
    late = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    assert target["RetryPolicy"] == late  # the next tick comes within the minute
    (asynchronous,) = [
        config
        for config in service.of_type("AWS::Lambda::EventInvokeConfig").values()
        if config["FunctionName"] == {"Ref": reaper}
    ]
    assert {name: asynchronous[name] for name in late} == late
    (stopped,) = [rule for rule in rules if "EventPattern" in rule]
    queue = stopped["Targets"][0]["Arn"]["Fn::GetAtt"][0]
    assert queue in work_queues(service)  # with dead letters
    mappings = service.of_type("AWS::Lambda::EventSourceMapping").values()
    assert [queue] == [
        mapping["EventSourceArn"]["Fn::GetAtt"][0]
        for mapping in mappings
        if mapping["FunctionName"] == {"Ref": reaper}
    ]
    assert stopped["EventPattern"] == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {
            "lastStatus": ["STOPPED"],
            "clusterArn": [{"Fn::GetAtt": [cluster, "Arn"]}],
        },
    }


@pytest.mark.req("W7")
def test_the_reconciler_runs_every_minute_and_a_late_tick_helps_nobody(service: Template) -> None:
    reconciler = service.function_id("reconciler")
    (schedule,) = [
        rule
        for rule in service.of_type("AWS::Events::Rule").values()
        if "ScheduleExpression" in rule and reconciler in str(rule["Targets"][0]["Arn"])
    ]
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    late = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    assert schedule["Targets"][0]["RetryPolicy"] == late
    (asynchronous,) = [
        config
        for config in service.of_type("AWS::Lambda::EventInvokeConfig").values()
        if config["FunctionName"] == {"Ref": reconciler}
    ]
    assert {name: asynchronous[name] for name in late} == late
