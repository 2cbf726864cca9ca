"""What each function that calls AWS does there: as Lambda loads it, on moto and a real database.

The notifier's is in tests/notifier/test_handler.py.
"""

from __future__ import annotations

import base64
import gc
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from aiwebhook.postgres.database import Database
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.apigateway import proxy_event
from tests.support.commands import CommandDriver
from tests.support.place_of_runs import make_place_of_runs
from tests.support.postgres import clone
from tests.support.queue import any_name, credentials_of

REGION = "eu-central-1"
LOGIN = "/any/database/login"
AWS = {
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
CONTEXT = SimpleNamespace(
    function_name="any",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:1:function:any",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 60_000,
)
Handler = Callable[[dict[str, Any], Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a deployment has of AWS, and a caller of its API."""

    driver: CommandDriver
    queue: str
    bucket: str
    cluster: str
    handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])

    def function(self, name: str) -> Handler:
        """Its handler, loaded as at a cold start; then warm."""
        if name not in self.handlers:
            forget(name)
            self.handlers[name] = importlib.import_module(f"{name}.handler").lambda_handler
        return self.handlers[name]

    def answer(self, name: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of its answer to a request of the caller's."""
        headers = {"Authorization": f"Bearer {self.driver.key.key}"}
        event = proxy_event(body, headers=headers, path=path)
        answer = self.function(name)(event, CONTEXT)
        assert answer["statusCode"] < 300, answer["body"]
        return json.loads(answer["body"])

    def delegate(self) -> str:
        """A task of the researcher's, by the relay."""
        for command, data in (
            ("create_session", {}),
            ("delegate_task", {"agent_name": "researcher", "description": "Look."}),
        ):
            body = {"command": command, "session_id": "s", "data": data}
            envelope = {"type": "collaborative_session_command", **body}
            answer = self.answer("relay", "/webhook", envelope)
        return str(answer["data"]["task_id"])

    def messages(self) -> list[dict[str, Any]]:
        """What waits in the researcher's queue."""
        found = client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in found.get("Messages", [])]


def forget(name: str) -> None:
    """Have a function's settings be read anew: some stand in a module that its handler imports."""
    for module in ("handler", "on_postgres"):
        sys.modules.pop(f"{name}.{module}", None)


def client(service: str) -> Any:
    """A boto3 client; untyped, because tests only look."""
    return importlib.import_module("boto3").client(service)


@pytest.fixture
def deployed(
    postgres_server: EmbeddedPostgres,
    migrated_template: str,
    monkeypatch: pytest.MonkeyPatch,
    quick_moto: None,
) -> Iterator[Deployed]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {**AWS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(name, value)
    of_others = databases()
    with clone(postgres_server, migrated_template, "on_moto") as dsn:
        driver = CommandDriver(dsn)
        account = make_account(driver, monkeypatch)
        yield account
        driver.close()
        for each in databases():
            if not any(each is other for other in of_others):
                each.close()
        for name in account.handlers:
            forget(name)
    server.stop()


def databases() -> list[Database]:
    """All that are held anywhere: a handler says nowhere which one is its own."""
    return [found for found in gc.get_objects() if isinstance(found, Database)]


def make_account(driver: CommandDriver, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """What the stacks make, as far as a function calls it, and the environment that names it."""
    credentials = credentials_of(driver.dsn)
    names = ("host", "port", "username", "password", "dbname")
    secrets: dict[str, dict[str, Any]] = {
        "APP_SECRET_ARN": {"master_key": "k" * 40},
        "GITHUB_SECRET_ARN": {"project_id": "default", "secrets": []},
    }
    login = json.dumps({name: getattr(credentials, name) for name in names})
    client("ssm").put_parameter(Name=LOGIN, Value=login, Type="SecureString", Overwrite=True)
    for variable, value in secrets.items():
        text = json.dumps(value)
        made = client("secretsmanager").create_secret(Name=any_name(variable), SecretString=text)
        monkeypatch.setenv(variable, made["ARN"])
    queue = client("sqs").create_queue(QueueName=any_name("researcher"))["QueueUrl"]
    bucket = any_name("on-moto-artifacts").replace("_", "-")
    place = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    place = make_place_of_runs(client("ecs"), client("ec2"), cluster=any_name("runs"))
    values = {
        "AGENT_QUEUES": json.dumps({"researcher": queue}),
        "EVENTS_TOPIC_ARN": client("sns").create_topic(Name=any_name("events"))["TopicArn"],
        "NOTIFIER_QUEUE_URL": client("sqs").create_queue(QueueName=any_name("n"))["QueueUrl"],
        "ARTIFACT_BUCKET": bucket,
        "CLUSTER_ARN": place.cluster_arn,
        "TASK_DEFINITIONS": '{"researcher": "researcher-family"}',
        "SPOT_AGENTS": "",
        "SUBNET_IDS": place.subnet_id,
        "SECURITY_GROUP_ID": place.group_id,
        "API_URL": "https://api.example",
        "PUBLIC_URL": "https://public.example",
        "OUTBOUND_FUNCTION": "outbound",
        "MAX_WAITS": "0",
        "DATABASE_LOGIN": LOGIN,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Deployed(driver=driver, queue=queue, bucket=bucket, cluster=place.cluster_arn)


@pytest.mark.req("O5", "T1")
def test_relay_wakes_the_agents_queue(deployed: Deployed) -> None:
    deployed.delegate()
    [message] = deployed.messages()
    assert (message["project_id"], message["agent_name"]) == (
        deployed.driver.project_id,
        "researcher",
    )


@pytest.mark.req("O5", "T3")
def test_dispatcher_starts_a_run_that_is_tagged(deployed: Deployed) -> None:
    task_id = deployed.delegate()
    wake = {"project_id": deployed.driver.project_id, "agent_name": "researcher"}
    record = {"messageId": "m1", "eventSource": "aws:sqs", "body": json.dumps(wake)}
    answer = deployed.function("dispatcher")({"Records": [record]}, CONTEXT)
    assert answer == {"batchItemFailures": []}
    ecs = client("ecs")
    arns = ecs.list_tasks(cluster=deployed.cluster)["taskArns"]
    described = ecs.describe_tasks(cluster=deployed.cluster, tasks=arns, include=["TAGS"])
    [task] = described["tasks"]
    tags = {each["key"]: each["value"] for each in task["tags"]}
    assert tags["aiwebhook:task"] == task_id
    assert tags["aiwebhook:agent"] == "researcher"


@pytest.mark.req("O5", "S4")
def test_session_api_keeps_a_large_artifact_in_the_bucket(deployed: Deployed) -> None:
    deployed.delegate()
    content = base64.b64encode(bytes(range(256)) * 2_000).decode()
    body = {"name": "n", "type": "t", "content_base64": content, "content_type": "image/png"}
    deployed.answer("session_api", "/v1/sessions/s/artifacts", body)
    found = client("s3").list_objects_v2(Bucket=deployed.bucket)["Contents"]
    assert [each["Size"] for each in found] == [512_000]


@pytest.mark.req("O5", "T7")
def test_reaper_wakes_what_a_lost_message_left(deployed: Deployed) -> None:
    deployed.delegate()
    client("sqs").purge_queue(QueueUrl=deployed.queue)
    deployed.function("reaper")({"source": "aws.events", "detail": {}}, CONTEXT)
    assert {message["agent_name"] for message in deployed.messages()} == {"researcher"}
