"""The sign-in in a real browser: from the client to the page and back, with nothing in its way."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.doors.conftest import Deployment
from tests.support.chromium import Tab
from tests.support.loopback import Service, answer, answering, service
from tests.support.oauth import VERIFIER, challenge_of

pytestmark = [pytest.mark.doors, pytest.mark.req("D2", "O7")]
HTML = "Content-Type: text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program on this machine that waits for its answer on a port of its own."""

    client_id: str
    listening: Service
    deployment: Deployment

    @property
    def redirect_uri(self) -> str:
        return f"{self.listening.url}/callback"

    @property
    def authorize_url(self) -> str:
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": "of this browser",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            "resource": f"{self.deployment.url}/mcp",
        }
        return f"{self.deployment.url}/authorize?{urlencode(query)}"

    @property
    def told(self) -> dict[str, str]:
        """What the browser has brought."""
        paths = [request.split(b" ")[1].decode() for request in self.listening.requests]
        (back,) = (path for path in paths if path.startswith("/callback"))
        return dict(parse_qsl(urlsplit(back).query))


@contextmanager
def client_at(deployment: Deployment, page: str) -> Generator[Client]:
    """Registered; `page` is all that it shows."""
    with service(answering(answer(200, page, HTML))) as listening:
        order = {"client_name": "Desk", "redirect_uris": [f"{listening.url}/callback"]}
        made = httpx.post(f"{deployment.url}/register", json=order)
        assert made.status_code == 201, made.text
        client_id = made.json()["client_id"]
        yield Client(client_id=client_id, listening=listening, deployment=deployment)


def test_a_person_signs_in_and_the_client_calls_a_tool(tab: Tab, deployment: Deployment) -> None:
    with client_at(deployment, "<title>Desk</title>You may close this.") as client:
        tab.open(client.authorize_url)
        assert "Desk wants to use your" in tab.text
        assert tab.evaluate("document.activeElement.id") == "code"
        tab.write("K7QF-9M2P-4RTX-W8BD")
        tab.click("button[value=allow]")
        tab.arrive(f"{deployment.url}/authorize")
        assert "That is not a sign-in code" in tab.text
        assert client.listening.requests == []

        tab.write(deployment.code.lower())
        tab.click("button[value=allow]")
        tab.arrive(client.redirect_uri)
        told = client.told
    assert tab.text == "You may close this."
    assert told.keys() == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == ("of this browser", deployment.url)
    assert tools_of(client, told["code"]) > 10


def tools_of(client: Client, code: str) -> int:
    """How many tools the client finds with the token that the code is worth."""
    url = client.deployment.url
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "client_id": client.client_id,
        "code_verifier": VERIFIER,
        "resource": f"{url}/mcp",
    }
    granted = httpx.post(f"{url}/token", data=form)
    assert granted.status_code == 200, granted.text
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {
        "Authorization": f"Bearer {granted.json()['access_token']}",
        "Accept": "application/json, text/event-stream",
    }
    listed = httpx.post(f"{url}/mcp", json=asked, headers=headers)
    assert listed.status_code == 200, listed.text
    return len(listed.json()["result"]["tools"])


def test_cancel_takes_the_person_back_without_a_code(tab: Tab, deployment: Deployment) -> None:
    with client_at(deployment, "<title>Desk</title>A pity.") as client:
        tab.open(client.authorize_url)
        tab.click("button[value=deny]")
        tab.arrive(client.redirect_uri)
        assert client.told["error"] == "access_denied"


def test_a_page_that_frames_the_sign_in_shows_nothing(tab: Tab, deployment: Deployment) -> None:
    with (
        client_at(deployment, "<title>Desk</title>") as client,
        service(
            answering(answer(200, framing(client.authorize_url, client.listening.url), HTML))
        ) as thief,
    ):
        tab.open(thief.url)
        refused, shown = tab.frames
    assert refused.get("unreachableUrl", "").startswith(f"{deployment.url}/authorize")
    assert "unreachableUrl" not in shown


def framing(*urls: str) -> str:
    """A page with a frame for each."""
    return "".join(f"<iframe src={json.dumps(url)}></iframe>" for url in urls)
