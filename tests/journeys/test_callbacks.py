"""Callbacks: secrets rotate, what failed comes again, what was delivered can be asked for again."""

from __future__ import annotations

import pytest
from standardwebhooks import WebhookVerificationError

from aiwebhook.client import Json
from tests.support.agents import QUICK
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant
from tests.support.waiting import eventually


@pytest.mark.req("N1", "N3")
def test_a_rotated_secret_signs_beside_the_old_one(project: Tenant, receiver: Receiver) -> None:
    endpoint = project.client.post("/v1/endpoints", {"url": receiver.url()})
    place = f"/v1/endpoints/{endpoint['endpoint_id']}"
    rotated = project.client.post(f"{place}/rotate")
    assert rotated["secret"] != endpoint["secret"]

    project.client.post(f"{place}/ping")

    [callback] = receiver.wait_for(lambda _: True)
    callback.verify(endpoint["secret"])
    callback.verify(rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        callback.verify("whsec_" + "A" * 43 + "=")
    assert "secret" not in project.client.get(place)


def log_of(project: Tenant, delivery: str, attempts: int) -> list[Json] | None:
    """The log of a delivery once it tells of so many attempts."""
    log: list[Json] = project.client.get(delivery)["log"]
    return log if len(log) >= attempts else None


@pytest.mark.req("N3")
def test_a_callback_is_tried_again_under_one_id_and_logged_and_can_be_repeated(
    project: Tenant, receiver: Receiver
) -> None:
    receiver.answers = [500]
    endpoint = project.client.post("/v1/endpoints", {"url": receiver.url()})
    pinged = project.client.post(f"/v1/endpoints/{endpoint['endpoint_id']}/ping")
    delivery = f"/v1/deliveries/{pinged['delivery_id']}"

    first, second = receiver.wait_for(lambda _: True, count=2)
    assert first.webhook_id == second.webhook_id == pinged["delivery_id"]
    assert first.body == second.body

    # The receiver knows before the service has written down that it does.
    told = eventually(lambda: log_of(project, delivery, 2))
    assert [entry["status"] for entry in told] == [500, 204]

    project.client.post(f"{delivery}/redeliver")
    third = receiver.wait_for(lambda _: True, count=3)[2]
    assert third.webhook_id == pinged["delivery_id"]
    third.verify(endpoint["secret"])
    told = eventually(lambda: log_of(project, delivery, 3))
    assert [entry["status"] for entry in told] == [500, 204, 204]


@pytest.mark.req("N1", "T1")
def test_a_tasks_own_callback_url_is_called_at_its_end_and_only_for_it(
    project: Tenant, receiver: Receiver
) -> None:
    project.play("researcher", QUICK)
    session_id = project.session()
    task_id = project.delegate(session_id, "researcher", callback_url=receiver.url("/mine"))
    other = project.delegate(session_id, "researcher")
    project.ended(other)

    callback = receiver.of_task(task_id, "task.completed", path="/mine")
    callback.verify(project.client.get("/v1/callback-secret")["secret"])
    assert callback.document["data"]["say"] == "Done."
    assert {c.task_id for c in receiver.callbacks} == {task_id}
    deliveries = project.client.get("/v1/deliveries", {"task_id": task_id})["items"]
    assert {d["endpoint_id"] for d in deliveries} == {None}
