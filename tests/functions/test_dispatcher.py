"""The dispatcher as Lambda calls it: a batch of SQS messages in, the failed ones out."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from aiwebhook.errors import ConfigurationError
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.settings.dispatcher import DispatcherSettings
from aiwebhook.usecases.launch_run import DispatchServices
from tests.support.fakes import FakeLauncher, FakePublisher, FakeStopper, FakeWaker
from tests.support.queue import KEYS, QueueDriver

AWS = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
ENVIRONMENT = {
    "DATABASE_LOGIN": "/any/login",
    "APP_SECRET_ARN": "arn:app",
    "AGENT_QUEUES": '{"researcher": "https://queue"}',
    "EVENTS_TOPIC_ARN": "arn:topic",
    "CLUSTER_ARN": "arn:cluster",
    "TASK_DEFINITIONS": '{"researcher": "family"}',
    "SPOT_AGENTS": "",
    "SUBNET_IDS": "subnet-1,subnet-2",
    "SECURITY_GROUP_ID": "sg-1",
    "API_URL": "https://api",
}


class AnyContext:
    """What Lambda passes beside the event."""

    function_name = "dispatcher"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:1:function:dispatcher"
    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def message(number: int, body: object) -> dict[str, Any]:
    return {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": json.dumps(body)}


@pytest.fixture
def handler(queue: QueueDriver, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module imported afresh, its services replaced by a real queue and fakes."""
    for name, value in (AWS | ENVIRONMENT).items():
        monkeypatch.setenv(name, value)
    sys.modules.pop("dispatcher.handler", None)
    module = importlib.import_module("dispatcher.handler")
    services = DispatchServices(
        store=queue.store,
        stops=PostgresRunStopStore(queue.database),
        launcher=FakeLauncher(),
        stopper=FakeStopper(),
        waker=FakeWaker(),
        publisher=FakePublisher(),
        keys=lambda: KEYS,
        launch_timeout_s=300,
        random=lambda: 0.5,
        pause=lambda _seconds: None,
    )
    monkeypatch.setattr(module, "services", services)
    yield module
    sys.modules.pop("dispatcher.handler", None)


@pytest.mark.req("T3")
def test_a_message_launches_what_waits(handler: ModuleType, queue: QueueDriver) -> None:
    queue.enqueue("job")
    look = {"project_id": queue.project_id, "agent_name": "researcher"}
    answer = handler.lambda_handler({"Records": [message(1, look)]}, AnyContext())
    assert answer == {"batchItemFailures": []}
    assert queue.attempts("job")[0]["status"] == "launched"


@pytest.mark.req("T3", "O3")
def test_a_look_that_finds_nothing_is_quiet(handler: ModuleType, queue: QueueDriver) -> None:
    """Powertools warns, in plain text, when it is to publish no metrics; here a warning fails."""
    look = {"project_id": queue.project_id, "agent_name": "researcher"}
    answer = handler.lambda_handler({"Records": [message(1, look)]}, AnyContext())
    assert answer == {"batchItemFailures": []}


@pytest.mark.req("T3")
@pytest.mark.parametrize(
    "nonsense",
    [
        {"nonsense": True},
        {"project_id": "acme"},
        {"project_id": "", "agent_name": "researcher"},
        {"project_id": 7, "agent_name": "researcher"},
        {"project_id": "acme", "agent_name": "researcher", "watch_s": -1},
        ["acme", "researcher"],
    ],
    ids=json.dumps,
)
def test_only_the_message_that_failed_comes_again(
    handler: ModuleType, queue: QueueDriver, nonsense: object
) -> None:
    queue.enqueue("job")
    look = {"project_id": queue.project_id, "agent_name": "researcher"}
    records = [message(1, nonsense), message(2, look)]
    answer = handler.lambda_handler({"Records": records}, AnyContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.attempts("job")[0]["status"] == "launched"


@pytest.mark.req("T3")
def test_a_message_of_a_newer_release_is_read(handler: ModuleType, queue: QueueDriver) -> None:
    queue.enqueue("job")
    look = {"project_id": queue.project_id, "agent_name": "researcher", "watch_s": 59, "new": 1}
    answer = handler.lambda_handler({"Records": [message(1, look)]}, AnyContext())
    assert answer == {"batchItemFailures": []}
    assert queue.attempts("job")[0]["status"] == "launched"


@pytest.mark.req("T3")
def test_the_settings_read_what_the_template_supplies() -> None:
    settings = DispatcherSettings.from_env(ENVIRONMENT)
    assert settings.subnet_ids == ("subnet-1", "subnet-2")
    assert settings.task_definitions == {"researcher": "family"}
    assert settings.launch_timeout_s == 300


@pytest.mark.req("T3")
def test_missing_settings_are_all_named() -> None:
    with pytest.raises(ConfigurationError) as found:
        DispatcherSettings.from_env({})
    assert all(name in found.value.detail for name in ENVIRONMENT)
