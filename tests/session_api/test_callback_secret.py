"""The secret that a receiver needs when only a task named it."""

from __future__ import annotations

import json
import time

import pytest
from standardwebhooks import Webhook

from aiwebhook.domain.identity import Scope
from aiwebhook.domain.signature import CallbackKeys, callback_headers
from tests.support.session_api import MASTER_KEY, ApiDriver

PATH = "/v1/callback-secret"


@pytest.mark.req("N1")
def test_the_secret_checks_what_the_notifier_signs_for_a_tasks_own_url(driver: ApiDriver) -> None:
    told = driver.get(PATH)

    keys = CallbackKeys(MASTER_KEY)
    body = json.dumps({"type": "task.completed"}).encode()
    sent_at = int(time.time())
    headers = callback_headers([keys.project_secret(driver.project_id)], "dlv_1", sent_at, body)
    assert told.status == 200
    assert told.headers["Cache-Control"] == "no-store"
    assert Webhook(told.body["secret"]).verify(body, headers) == {"type": "task.completed"}


@pytest.mark.req("O7")
def test_each_project_has_its_own_secret_and_tells_it_to_admins_only(driver: ApiDriver) -> None:
    refused = [
        driver.get(PATH, token=driver.make_key(scope)).status
        for scope in (Scope.READ, Scope.COMMANDS, Scope.WORKER)
    ]

    assert refused == [403, 403, 403]
    assert driver.get(PATH, token=None).status == 401
    assert driver.get(PATH).body != driver.other_project().get(PATH).body
