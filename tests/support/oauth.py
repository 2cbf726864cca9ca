"""An OAuth client and its person in front of session_api: what a browser and a program would do."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.usecases.authenticate import Authentication, authenticate
from aiwebhook.usecases.people import add_person
from tests.support.commands import any_name
from tests.support.http_front import rest_event
from tests.support.session_api import PUBLIC_URL, ApiDriver, ApiReply, Json

CLIENT_URL = "https://chat.example.org/oauth/client.json"
REDIRECT = "https://chat.example.org/connector/callback"
RESOURCE = f"{PUBLIC_URL}/mcp"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_HOSTS = itertools.count(1)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]*)">')


def caller_of(driver: ApiDriver, token: str, *, resource: str | None = RESOURCE) -> Caller:
    """Who shows this token at /mcp."""
    authentication = Authentication(
        headers={"authorization": f"Bearer {token}"}, address="192.0.2.1", resource=resource
    )
    return authenticate(driver.api.authenticator, authentication, scope=Scope.READ)


def challenge_of(verifier: str) -> str:
    """PKCE, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def document(client_id: str = CLIENT_URL, **more: Any) -> bytes:
    """What a client publishes about itself."""
    said = {"client_id": client_id, "client_name": "Chat", "redirect_uris": [REDIRECT], **more}
    return json.dumps(said).encode()


@dataclass(slots=True, kw_only=True)
class Page:
    """A page in a browser; `cookie` is what the browser keeps."""

    reply: ApiReply
    cookie: str

    @property
    def fields(self) -> dict[str, str]:
        """The hidden fields of the form."""
        found = _HIDDEN.findall(self.reply.text)
        return {html.unescape(name): html.unescape(value) for name, value in found}

    @property
    def sent_to(self) -> str:
        """Where the page takes the browser; "" nowhere."""
        found = _REFRESH.search(self.reply.text)
        return html.unescape(found[1]) if found else ""

    @property
    def answer(self) -> dict[str, str]:
        """What the client is told by the redirect."""
        return dict(parse_qsl(urlsplit(self.sent_to).query))


@dataclass(slots=True, kw_only=True)
class Connecting:
    """A person with a sign-in code, and a client that wants in."""

    driver: ApiDriver
    client_id: str = CLIENT_URL
    redirect_uri: str = REDIRECT
    address: str = field(default_factory=lambda: str(IPv4Address("198.18.0.0") + next(_HOSTS)))
    """One of its own: what strangers may do is limited by address."""
    code: str = ""
    person_id: str = ""
    state: str = field(default_factory=lambda: any_name("state"))

    def __post_init__(self) -> None:
        self.driver.outside.documents.setdefault(CLIENT_URL, document())
        made = add_person(
            self.driver.api.people,
            any_name("person"),
            project_id=self.driver.project_id,
            actor="test",
        )
        self.code, self.person_id = str(made.sign_in_code), made.row.person_id

    def ask(self, *, cookie: str | None = None, **changed: str | None) -> Page:
        """GET /authorize; None leaves a parameter out."""
        params: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            "resource": RESOURCE,
            **changed,
        }
        query = urlencode({name: value for name, value in params.items() if value is not None})
        return self._page("GET", f"/authorize?{query}", b"", cookie or "")

    def decide(self, page: Page, *, cookie: str | None = None, **fields: str) -> Page:
        """POST /authorize with the form of the page."""
        sent = {**page.fields, "decision": "allow", "sign_in_code": self.code, **fields}
        kept = page.cookie if cookie is None else cookie
        return self._page("POST", "/authorize", urlencode(sent).encode(), kept)

    def _page(self, method: str, target: str, body: bytes, cookie: str) -> Page:
        headers = {**(FORM if body else {}), **({"Cookie": cookie} if cookie else {})}
        event = rest_event(method, target, headers=headers, body=body, address=self.address)
        told = self.driver.answer(event)
        reply = ApiReply(status=told["statusCode"], headers=told["headers"], text=told["body"])
        set_cookie = reply.headers.get("Set-Cookie", "").partition(";")[0]
        return Page(reply=reply, cookie=set_cookie or cookie)

    def authorized(self, **changed: str | None) -> str:
        """A code, after consent."""
        left = self.decide(self.ask(**changed))
        assert left.reply.status == 200, left.reply.text
        assert left.answer["state"] == self.state
        assert left.answer["iss"] == PUBLIC_URL
        return left.answer["code"]

    def token(self, **fields: str | None) -> ApiReply:
        """POST /token."""
        sent = {"client_id": self.client_id, "resource": RESOURCE, **fields}
        body = urlencode({name: value for name, value in sent.items() if value is not None})
        return self.driver.post("/token", body.encode(), token=None, headers=FORM)

    def exchange(self, code: str | None, **changed: str | None) -> ApiReply:
        """The code for tokens."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**sent, **changed})

    def refresh(self, token: str, **changed: str | None) -> ApiReply:
        """A refresh token for the next pair."""
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token, **changed})

    def connected(self, **changed: str | None) -> Json:
        """The first pair of tokens."""
        told = self.exchange(self.authorized(**changed))
        assert told.status == 200, told.text
        return told.body
