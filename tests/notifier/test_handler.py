"""The function as Lambda runs it: real Postgres, moto's AWS, a receiver on a loopback socket."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from standardwebhooks import Webhook

from aiwebhook.aws.sns import cloud_event
from aiwebhook.domain.lane import Lane
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.outbound.api_exchange import HttpApiExchange
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.outbound.document_reader import HttpDocumentReader
from aiwebhook.outbound.exchanges import Exchanges
from notifier.messages import due_events, lane_of
from tests.support.events import any_event
from tests.support.loopback import answer, answering, body_of, headers_of, service
from tests.support.notifier import NotifierDriver
from tests.support.outbound import (
    NAME,
    LambdaDouble,
    Reply,
    always,
    exchanging,
    failure,
    lambda_double,
)
from tests.support.queue import any_name, credentials_of

MASTER = "k" * 40
LOGIN = "/any/database/notifier"


def records(*bodies: str, queue: str = "first-tries") -> dict[str, Any]:
    source = f"arn:aws:sqs:eu-central-1:1:{queue}"
    return {
        "Records": [
            {"messageId": f"m{number}", "body": body, "eventSourceARN": source}
            for number, body in enumerate(bodies, 1)
        ]
    }


def cloud_event_text(event_no: int, project_id: str) -> str:
    return json.dumps(cloud_event(any_event(event_no=event_no, project_id=project_id)))


@pytest.mark.req("N1")
def test_cloud_events_and_rings_name_an_event() -> None:
    ring = json.dumps({"project_id": "default", "event_no": 8})
    due, unreadable = due_events(records(cloud_event_text(7, "acme"), ring))
    named = {name: (event.project_id, event.event_no) for name, event in due.items()}
    assert named == {"m1": ("acme", 7), "m2": ("default", 8)}
    assert unreadable == []


@pytest.mark.req("N1")
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        "not json",
        '{"project_id": "", "event_no": 1}',
        '{"project_id": "a", "event_no": 0}',
        '{"project_id": "a", "event_no": 1e400}',
        '{"project_id": "a", "event_no": 9223372036854775808}',
        '{"project_id": 7, "event_no": 1}',
        '{"projectid": "a"}',
    ],
)
def test_a_message_that_names_none_goes_back_and_in_the_end_to_the_dead_letters(body: str) -> None:
    assert due_events(records(body)) == ({}, ["m1"])


@pytest.mark.req("N3")
def test_the_queue_of_a_batch_names_its_lane() -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/1/dev-retries"
    assert lane_of(records("{}", queue="dev-retries"), retry_queue_url=url) is Lane.RETRY
    assert lane_of(records("{}", queue="dev-deliveries"), retry_queue_url=url) is Lane.FIRST


@dataclass
class Context:
    function_name: str = "notifier"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:1:function:notifier"
    aws_request_id: str = "1"


@pytest.fixture
def outbound() -> Iterator[LambdaDouble]:
    """The function that exchanges with receivers, behind Lambda's interface."""
    exchanges = Exchanges(
        sender=HttpCallbackSender(allow_loopback=True),
        documents=HttpDocumentReader(),
        apis=HttpApiExchange(),
    )
    with lambda_double(exchanging(exchanges)) as double:
        yield double


@pytest.fixture
def handler(
    notifier: NotifierDriver, outbound: LambdaDouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """The handler, imported afresh in the environment that the template gives it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    names = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "OUTBOUND_FUNCTION": NAME,
        "POWERTOOLS_SERVICE_NAME": "notifier",
        "POWERTOOLS_METRICS_NAMESPACE": "AiWebhook",
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    boto3 = importlib.import_module("boto3")
    credentials = credentials_of(notifier.dsn)
    database = {
        name: getattr(credentials, name)
        for name in ("host", "port", "username", "password", "dbname")
    }
    keep_login(boto3, database)
    monkeypatch.setenv("DATABASE_LOGIN", LOGIN)
    made = boto3.client("secretsmanager").create_secret(
        Name=any_name("app"), SecretString=json.dumps({"master_key": MASTER})
    )
    monkeypatch.setenv("APP_SECRET_ARN", made["ARN"])
    queue = boto3.client("sqs").create_queue(QueueName="notifier")["QueueUrl"]
    monkeypatch.setenv("NOTIFIER_QUEUE_URL", queue)
    monkeypatch.setenv("CALLBACK_SHARE", "2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", outbound.url)
    module = importlib.reload(importlib.import_module("notifier.handler"))
    yield module
    module.services.store._database.close()
    module.services.sender._function.close()
    server.stop()


@pytest.mark.req("N1")
def test_an_event_of_the_topic_becomes_a_signed_callback(
    handler: ModuleType, notifier: NotifierDriver, caplog: pytest.LogCaptureFixture
) -> None:
    with service(answering(answer(200))) as receiver:
        endpoint = notifier.register(f"{receiver.url}/hook")
        event_no = notifier.deliver_to(endpoint)
        message = cloud_event_text(event_no, notifier.project_id)
        outcome = handler.lambda_handler(records(message, message, "nonsense"), Context())
    assert outcome == {"batchItemFailures": [{"itemIdentifier": "m3"}]}
    [request] = receiver.requests
    secret = CallbackKeys(MASTER).secret(endpoint["endpoint_id"], 1)
    Webhook(secret).verify(body_of(request), headers_of(request))
    assert notifier.delivery(event_no)["status"] == "delivered"
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "callback attempted" in logged
    assert notifier.delivery(event_no)["delivery_id"] in logged
    for canary in (MASTER, secret, headers_of(request)["webhook-signature"]):
        assert canary not in logged


@pytest.mark.req("N3")
def test_a_retry_is_rung_for_on_the_queue(handler: ModuleType, notifier: NotifierDriver) -> None:
    with service(answering(answer(500))) as receiver:
        event_no = notifier.deliver_to(notifier.register(f"{receiver.url}/hook"))
        handler.lambda_handler(records(cloud_event_text(event_no, notifier.project_id)), Context())
    assert notifier.delivery(event_no)["attempts"] == 1
    sqs = importlib.import_module("boto3").client("sqs")
    url = handler.settings.notifier_queue_url
    waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessagesDelayed"] == "1"


def keep_login(boto3: Any, login: Mapping[str, str | int]) -> None:
    """As migrate does."""
    boto3.client("ssm").put_parameter(
        Name=LOGIN, Value=json.dumps(login), Type="SecureString", Overwrite=True
    )


@pytest.mark.req("S6")
def test_a_database_that_is_away_gives_every_message_back(
    handler: ModuleType, notifier: NotifierDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3 = importlib.import_module("boto3")
    nowhere = {
        "host": "127.0.0.1",
        "port": 1,
        "username": "u",
        "password": "p",
        "dbname": "d",
    }
    keep_login(boto3, nowhere)
    outcome = handler.lambda_handler(records(cloud_event_text(1, "default")), Context())
    assert outcome == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "reply",
    [
        (429, {"X-Amzn-ErrorType": "TooManyRequestsException"}, b"{}"),
        (403, {}, b"{}"),
        (404, {"X-Amzn-ErrorType": "ResourceNotFoundException"}, b"{}"),
        failure("Runtime.ImportModuleError"),
    ],
)
def test_a_way_out_that_is_closed_is_charged_to_nobody(
    handler: ModuleType,
    notifier: NotifierDriver,
    outbound: LambdaDouble,
    reply: Reply,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither an attempt nor a failure of the receiver's; and it goes out once the way is open."""
    exchanged = outbound.answers
    outbound.answers = always(reply)
    with service(answering(answer(200))) as receiver:
        endpoint = notifier.register(f"{receiver.url}/hook")
        event_no = notifier.deliver_to(endpoint)
        message = records(cloud_event_text(event_no, notifier.project_id))
        assert handler.lambda_handler(message, Context()) == {"batchItemFailures": []}
        held = notifier.delivery(event_no)
        assert (held["status"], held["attempts"], held["log"]) == ("pending", 0, [])
        assert notifier.endpoint_now(endpoint)["failures"] == 0
        assert receiver.requests == []
        outbound.answers = exchanged
        notifier.time_passes()
        handler.lambda_handler(message, Context())
    assert notifier.delivery(event_no)["status"] == "delivered"
    assert len(receiver.requests) == 1
    assert "callbacks_blocked" in capsys.readouterr().out


@pytest.mark.req("N3")
def test_an_exchange_that_is_lost_is_tried_again_under_its_id(
    handler: ModuleType, notifier: NotifierDriver, outbound: LambdaDouble
) -> None:
    """Nobody knows whether the receiver has it: it counts as its timeout."""
    exchanged = outbound.answers

    def lost(event: dict[str, Any]) -> Reply:
        exchanged(event)
        return failure("Sandbox.Timedout")

    outbound.answers = lost
    with service(answering(answer(200))) as receiver:
        event_no = notifier.deliver_to(notifier.register(f"{receiver.url}/hook"))
        message = records(cloud_event_text(event_no, notifier.project_id))
        handler.lambda_handler(message, Context())
        assert notifier.delivery(event_no)["attempts"] == 1
        outbound.answers = exchanged
        notifier.time_passes()
        again = records(cloud_event_text(event_no, notifier.project_id), queue="notifier")
        handler.lambda_handler(again, Context())
    first, second = (headers_of(each)["webhook-id"] for each in receiver.requests)
    assert first == second == notifier.delivery(event_no)["delivery_id"]
