"""One suite for the ports of messaging: on the fakes that tests use, and on SQS and SNS (moto)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.aws.signed_request import AwsClient
from aiwebhook.aws.sns import SnsPublisher, cloud_event
from aiwebhook.aws.sqs import SqsDeliveryRinger, SqsWaker
from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import DeliveryRinger, EventPublisher, MessageRefused, Waker
from tests.aws.conftest import outside
from tests.support.events import any_event
from tests.support.fakes import FakePublisher, FakeRinger, FakeWaker
from tests.support.waiting import eventually

_numbers = itertools.count(1)
Drain = Callable[[], list[dict[str, Any]]]


def new_queue(name: str) -> tuple[str, Drain]:
    """A queue of the test's own, and what lies in it with all attributes."""
    sqs = outside("sqs")
    url = str(sqs.create_queue(QueueName=f"{name}-{next(_numbers)}")["QueueUrl"])

    def drain() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            batch = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not batch:
                return found
            found += batch

    return url, drain


@dataclass
class Bells:
    """A waker for agent `researcher`, and who was woken."""

    waker: Waker
    woken: Callable[[], list[tuple[str, str]]]


@pytest.fixture(params=["fake", "sqs"])
def bells(request: pytest.FixtureRequest) -> Bells:
    if request.param == "fake":
        fake = FakeWaker(agents=frozenset({"researcher"}))
        return Bells(waker=fake, woken=lambda: fake.woken)
    aws: AwsEnvironment = request.getfixturevalue("aws")
    url, drain = new_queue("researcher")

    def woken() -> list[tuple[str, str]]:
        bodies = [json.loads(message["Body"]) for message in drain()]
        return [(body["project_id"], body["agent_name"]) for body in bodies]

    return Bells(waker=SqsWaker(AwsClient("sqs", aws), {"researcher": url}), woken=woken)


@pytest.mark.req("T3")
def test_a_wake_up_names_project_and_agent(bells: Bells) -> None:
    bells.waker.wake(project_id="default", agent_name="researcher")
    assert bells.woken() == [("default", "researcher")]


@pytest.mark.req("T3")
def test_an_agent_without_a_queue_is_not_rung(bells: Bells) -> None:
    bells.waker.wake(project_id="default", agent_name="local")
    assert bells.woken() == []


@pytest.mark.req("T3")
def test_projects_share_the_queue_fairly(aws: AwsEnvironment) -> None:
    url, drain = new_queue("fair")
    client = AwsClient("sqs", aws)
    waker = SqsWaker(client, {"researcher": url}, correlation_id=lambda: "corr_7")
    waker.wake(project_id="acme", agent_name="researcher")
    [message] = drain()
    assert message["Attributes"]["MessageGroupId"] == "acme"
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "corr_7"


@pytest.mark.req("T6")
def test_a_delayed_wake_up_arrives_late_and_says_for_how_long_to_watch(aws: AwsEnvironment) -> None:
    url, drain = new_queue("delayed")
    waker = SqsWaker(AwsClient("sqs", aws), {"researcher": url})
    waker.wake(project_id="acme", agent_name="researcher", delay_s=1, watch_s=59)
    assert drain() == []
    [message] = eventually(lambda: drain() or None)
    body = {"project_id": "acme", "agent_name": "researcher", "watch_s": 59}
    assert json.loads(message["Body"]) == body


@pytest.mark.req("T3")
def test_a_missing_queue_is_unavailable(aws: AwsEnvironment) -> None:
    waker = SqsWaker(AwsClient("sqs", aws), {"researcher": "http://127.0.0.1/0/absent"})
    with pytest.raises(Unavailable):
        waker.wake(project_id="default", agent_name="researcher")


@dataclass
class Rings:
    ringer: DeliveryRinger
    rung: Callable[[], list[tuple[str, int]]]


@pytest.fixture(params=["fake", "sqs"])
def rings(request: pytest.FixtureRequest) -> Rings:
    if request.param == "fake":
        fake = FakeRinger()
        return Rings(ringer=fake, rung=lambda: [(ring[0], ring[1]) for ring in fake.rung])
    aws: AwsEnvironment = request.getfixturevalue("aws")
    url, drain = new_queue("notifier")

    def rung() -> list[tuple[str, int]]:
        bodies = [json.loads(message["Body"]) for message in drain()]
        return [(body["project_id"], body["event_no"]) for body in bodies]

    return Rings(ringer=SqsDeliveryRinger(AwsClient("sqs", aws), url), rung=rung)


@pytest.mark.req("N3")
def test_a_ring_names_project_and_event(rings: Rings) -> None:
    rings.ringer.ring(project_id="default", event_no=2**40)
    assert rings.rung() == [("default", 2**40)]


@pytest.mark.req("N3")
def test_a_delay_beyond_what_sqs_knows_is_cut(aws: AwsEnvironment) -> None:
    url, drain = new_queue("delayed")
    ringer = SqsDeliveryRinger(AwsClient("sqs", aws), url)
    ringer.ring(project_id="default", event_no=1, delay_s=100_000)
    assert drain() == []
    waiting = outside("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert waiting["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "1"


@dataclass
class Publications:
    publisher: EventPublisher
    event_ids: Callable[[], list[str]]


@pytest.fixture(params=["fake", "sns"])
def publications(request: pytest.FixtureRequest) -> Publications:
    if request.param == "fake":
        fake = FakePublisher()
        return Publications(
            publisher=fake, event_ids=lambda: [event.event_id for event in fake.published]
        )
    aws: AwsEnvironment = request.getfixturevalue("aws")
    arn, drain = new_topic("events")

    def event_ids() -> list[str]:
        return [json.loads(message["Body"])["id"] for message in drain()]

    return Publications(publisher=SnsPublisher(AwsClient("sns", aws), arn), event_ids=event_ids)


def new_topic(name: str) -> tuple[str, Drain]:
    """A topic with a raw subscription, as the notifier's."""
    url, drain = new_queue(f"{name}-subscriber")
    sns, sqs = outside("sns"), outside("sqs")
    arn = str(sns.create_topic(Name=f"{name}-{next(_numbers)}")["TopicArn"])
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=attributes["Attributes"]["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    return arn, drain


@pytest.mark.req("N1")
@pytest.mark.parametrize("count", [0, 1, 2, 10, 23])
def test_every_event_is_published(publications: Publications, count: int) -> None:
    events = [any_event() for _ in range(count)]
    publications.publisher.publish(events)
    assert sorted(publications.event_ids()) == sorted(event.event_id for event in events)


@pytest.mark.req("N1")
def test_filter_policies_find_type_project_and_agent(aws: AwsEnvironment) -> None:
    arn, drain = new_topic("filtered")
    publisher = SnsPublisher(AwsClient("sns", aws), arn)
    publisher.publish([any_event(), any_event(data={})])
    found = [
        {name: a["StringValue"] for name, a in message["MessageAttributes"].items()}
        for message in drain()
    ]
    plain = {"type": "task.completed", "project_id": "default"}
    assert sorted(found, key=len) == [plain, {**plain, "agent_name": "researcher"}]


@pytest.mark.req("N1")
def test_text_of_every_kind_survives_the_wire(aws: AwsEnvironment) -> None:
    arn, drain = new_topic("text")
    data = {"say": "ü & = % + \n ☃ 😀 <tag> ]]> \x01"}
    SnsPublisher(AwsClient("sns", aws), arn).publish([any_event(data=data)])
    assert json.loads(drain()[0]["Body"])["data"] == data


@pytest.mark.req("N1")
def test_large_events_are_sent_in_several_requests(aws: AwsEnvironment) -> None:
    arn, drain = new_topic("large")
    events = [any_event(data={"text": "x" * 90_000}) for _ in range(5)]
    SnsPublisher(AwsClient("sns", aws), arn).publish(events)
    assert len(drain()) == 5


@pytest.mark.req("N1")
def test_a_missing_topic_refuses_the_message(aws: AwsEnvironment) -> None:
    publisher = SnsPublisher(AwsClient("sns", aws), "arn:aws:sns:eu-central-1:1:absent")
    with pytest.raises(MessageRefused):
        publisher.publish([any_event()])
    with pytest.raises(MessageRefused):
        publisher.publish([any_event(), any_event()])


@pytest.mark.req("N1")
def test_a_cloud_event_has_the_attributes_of_the_specification() -> None:
    event = any_event(event_no=2**40, seq=7, task_id="task_1")
    assert cloud_event(event) == {
        "specversion": "1.0",
        "id": event.event_id,
        "source": "aiwebhook/default",
        "type": "task.completed",
        "subject": "task_1",
        "time": "2026-11-22T10:30:00.000Z",
        "datacontenttype": "application/json",
        "projectid": "default",
        "sessionid": "carbon_planning",
        "seq": 7,
        "taskid": "task_1",
        "eventno": str(2**40),
        "correlationid": "corr_1",
        "data": {"agent_name": "researcher", "status": "completed"},
    }


@pytest.mark.req("N1")
def test_attribute_names_are_those_cloud_events_allow() -> None:
    for name in cloud_event(any_event()):
        assert name.isascii()
        assert name.islower()
        assert name.isalnum()
        assert len(name) <= 20


@pytest.mark.req("N1")
def test_data_too_large_for_sns_is_left_out_and_says_where_it_is() -> None:
    document = cloud_event(any_event(seq=7, data={"text": "x" * 300_000}))
    assert "data" not in document
    assert document["dataref"] == "/v1/sessions/carbon_planning/events?after_seq=6&limit=1"
