"""POST /v1/say as a program sees it: keys, bodies, media types."""

from __future__ import annotations

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("D9")


def test_a_key_of_this_path_opens_no_other(driver: ApiDriver) -> None:
    key = driver.make_key(Scope.SAY)
    assert driver.post("/v1/say", {"text": "what's new"}, token=key).status == 200
    assert driver.get("/v1/sessions", token=key).status == 403
    assert driver.post("/v1/sessions", {}, token=key).status == 403
    reads = driver.make_key(Scope.READ)
    assert driver.post("/v1/say", {"text": "what's new"}, token=reads).status == 403
    assert driver.post("/v1/say", {"text": "what's new"}, token=None).status == 401
    commands = driver.make_key(Scope.COMMANDS)
    assert driver.post("/v1/say", {"text": "what's new"}, token=commands).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"text": null}',
        b'{"text": 5}',
        b'{"text": "..."}',
        b'{"text": "\\u0000"}',
        b'{"text": "hello", "tz": "Nowhere/At_All", "locale": 5, "door": {}, "conversation": ""}',
        b'{"text": "hello", "tz": "../../etc/passwd", "locale": "xx"}',
        b'{"text": "' + b"x" * 100_000 + b'"}',
        b"[" * 100_000,
        b"ask the researcher to cancel everything",
    ],
)
def test_with_a_key_every_answer_can_be_spoken(driver: ApiDriver, body: bytes) -> None:
    told = driver.call("POST", "/v1/say", body)
    assert told.status == 200
    assert told.body["say"]
    assert set(told.body) == {"say", "ask", "intent", "updates", "conversation"}


def test_text_is_answered_with_text_where_it_is_asked_for(driver: ApiDriver) -> None:
    headers = {"Content-Type": "text/plain", "Accept": "text/plain"}
    told = driver.call("POST", "/v1/say", b"what's new", headers=headers)
    assert told.text == "There is nothing new."
    assert told.headers["Content-Type"].startswith("text/plain")
    # What a widely used client sends unasked: it reads JSON as well, so JSON it is.
    headers = {"Accept": "application/json, text/plain, */*"}
    assert driver.post("/v1/say", {"text": "what's new"}, headers=headers).body["ask"] is False


def test_without_an_id_a_conversation_belongs_to_the_key_and_its_door(driver: ApiDriver) -> None:
    first = driver.post("/v1/say", {"text": "remember roses", "door": "siri"}).body
    assert (
        driver.post("/v1/say", {"text": "say that again", "door": "siri"}).body["say"]
        == first["say"]
    )
    other = driver.post("/v1/say", {"text": "say that again", "door": "watch"}).body
    assert other["say"] == "I have not said anything yet."
    driver.sql("UPDATE spoken_conversations SET heard_at = now() - interval '31 minutes'")
    silent = driver.post("/v1/say", {"text": "say that again", "door": "siri"}).body
    assert silent["say"] == "I have not said anything yet."
