"""The interactive documentation in a real browser: its example works at the first click."""

from __future__ import annotations

import json

import pytest

from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.wiring.relay import rule_services_on
from aiwebhook.wiring.relay_parts import RelayParts
from relay.door import RelayDoor
from tests.support.chromium import Tab
from tests.support.commands import open_database
from tests.support.http_front import HttpFront, LambdaHandler
from tests.support.session_api import ApiDriver, Outside, session_api_handler, session_api_on
from tests.support.waiting import eventually

OPERATION = "#operations-commands-postMessage"
ANSWER = f"{OPERATION} .live-responses-table .response .response-col_status"


@pytest.mark.req("D1", "D10")
@pytest.mark.doors
def test_a_message_sent_from_the_documentation_is_answered(tab: Tab, doors_database: str) -> None:
    outside = Outside()
    driver = ApiDriver(doors_database, outside=outside)

    def relay() -> LambdaHandler:
        database = open_database(doors_database)
        outside.databases.append(database)
        api = session_api_on(doors_database, outside)
        door = RelayDoor(
            RelayParts(
                authenticator=api.authenticator,
                inbound=PostgresInboundStore(database),
                services=api.commands,
                github=lambda: WebhookSource(project_id=driver.project_id, secrets=["none"]),
                master_key=lambda: b"k" * 32,
                rules=lambda: rule_services_on(database, api.commands),
            )
        )
        return lambda event, _context: door.answer(event)

    def session_api() -> LambdaHandler:
        return session_api_handler(doors_database, outside)

    with HttpFront(session_api=session_api, relay=relay) as front:
        tab.looks(width=1200, height=900)
        tab.open(f"{front.url}/docs")
        press(tab, ".btn.authorize")
        press(tab, "#auth-bearer-value")
        tab.write(driver.key)
        press(tab, ".modal-ux .btn.authorize")
        press(tab, ".modal-ux .btn-done")
        for button in (".opblock-summary-control", ".try-out__btn", ".execute"):
            press(tab, f"{OPERATION} {button}")
        status = eventually(lambda: tab.evaluate(f"document.querySelector('{ANSWER}')?.innerText"))
    outside.close()
    assert status.startswith("200")


def press(tab: Tab, selector: str) -> None:
    """As soon as the page, which builds itself by script, has it."""
    eventually(lambda: tab.evaluate(f"document.querySelector({json.dumps(selector)}) !== null"))
    tab.click(selector)
