"""GET and POST /authorize: the consent page (RFC 6749 §3.1).

Nothing is kept between showing and sending: the form carries the request again, under a MAC that
also covers the browser's cookie. Whatever is wrong with a request is shown to the person, and
nobody is redirected without having pressed a button: this is no open redirector (RFC 9700 §4.11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from aiwebhook import observability
from aiwebhook.domain.identity import Scope, new_secret
from aiwebhook.domain.oauth import AuthorizationRequest, OAuthError, OAuthRefusal, read_request
from aiwebhook.domain.oauth_client import ClientRefused, OAuthClient, redirect_matches, shown_host
from aiwebhook.errors import AiWebhookError
from aiwebhook.http import Request, Response
from aiwebhook.problem import http_status_of
from aiwebhook.usecases.oauth_clients import find_client
from aiwebhook.usecases.oauth_sign_in import NotSignedIn, allow, sign_in
from session_api.oauth import pages
from session_api.oauth.forms import read_form

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_BROWSER = re.compile(r"aiwb_[A-Za-z0-9_-]{43}")
_NOT_CONNECTED = "This program cannot be connected"
_FAULTS = {
    NotSignedIn.WRONG: (403, "That is not a sign-in code of this deployment."),
    NotSignedIn.TOO_MANY: (429, "Too many attempts. Wait a quarter of an hour, then try again."),
}
_EXPIRED = pages.Fault(
    status=403,
    title="This page has expired",
    detail="Go back to the program that sent you here and connect it again. If it happens again, "
    "allow cookies for this site.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What the consent page carries, under its MAC."""

    client_id: str
    client_name: str
    redirect_uri: str
    state: str
    code_challenge: str
    scope: str
    resource: str

    @property
    def client(self) -> OAuthClient:
        return OAuthClient(
            client_id=self.client_id, name=self.client_name, redirect_uris=(self.redirect_uri,)
        )

    @property
    def request(self) -> AuthorizationRequest:
        return AuthorizationRequest(
            client_id=self.client_id,
            redirect_uri=self.redirect_uri,
            state=self.state,
            code_challenge=self.code_challenge,
            scopes=tuple(Scope(name) for name in self.scope.split()),
            resource=self.resource,
        )


def show(api: SessionApi, request: Request, _limits: dict[str, str]) -> Response:
    """The consent page, or what is wrong with the request."""
    return _for_people(api, lambda: _show(api, request))


def decide(api: SessionApi, request: Request, _limits: dict[str, str]) -> Response:
    """What the person decided."""
    return _for_people(api, lambda: _decide(api, request))


def _show(api: SessionApi, request: Request) -> Response:
    asked = request.query
    client = find_client(api.oauth, asked.get("client_id", ""), address=request.address)
    if isinstance(client, ClientRefused):
        status = 429 if client.for_now else 400
        return _fault(api, _NOT_CONNECTED, client.reason, status=status)
    redirect_uri = asked.get("redirect_uri", "")
    if not redirect_matches(redirect_uri, client.redirect_uris):
        told = "It wants the answer at an address that it has not registered (redirect_uri)."
        return _fault(api, _NOT_CONNECTED, told)
    wanted = read_request(asked, resource=api.oauth.resource)
    if isinstance(wanted, OAuthRefusal):
        back = _answered(
            api,
            redirect_uri,
            asked.get("state", ""),
            error=str(wanted.error),
            error_description=wanted.description,
        )
        title = "This program sent a request that is not understood here"
        return _fault(api, title, f"{wanted.description} ({wanted.error})", back=back)
    form = _Form(
        client_id=client.client_id,
        client_name=client.name,
        redirect_uri=redirect_uri,
        state=wanted.state,
        code_challenge=wanted.code_challenge,
        scope=" ".join(wanted.scopes),
        resource=wanted.resource,
    )
    return _consent(api, form, browser=_browser(api, request) or _new_browser(api))


def _decide(api: SessionApi, request: Request) -> Response:
    given = read_form(request)
    if isinstance(given, OAuthRefusal):
        return _fault(api, "That was not understood", given.description)
    names = _Form.__dataclass_fields__
    form = _Form(**{name: given.get(name, "") for name in names})
    browser = _browser(api, request)
    token = given.get("token", "")
    now = api.clock()
    if not api.oauth.consent_keys().fits(token, asdict(form), browser=browser, now=now):
        return pages.fault(_EXPIRED, deployment=_host(api))
    if given.get("decision") != "allow":
        return _leave(api, form, allowed=False, error=str(OAuthError.ACCESS_DENIED))
    person = sign_in(api.oauth, given.get("sign_in_code", ""), address=request.address)
    if isinstance(person, NotSignedIn):
        observability.info("sign-in refused", reason=str(person))
        status, fault = _FAULTS[person]
        return _consent(api, form, browser=browser, status=status, fault=fault)
    host = _client_host(form.client, form.redirect_uri)
    code = allow(api.oauth, form.request, form.client, host=host, person=person)
    observability.info("connection allowed", person_id=person.person_id, client_host=host)
    return _leave(api, form, allowed=True, code=code)


def _consent(
    api: SessionApi, form: _Form, *, browser: str, status: int = 200, fault: str = ""
) -> Response:
    fields = asdict(form)
    token = api.oauth.consent_keys().sign(fields, browser=browser, shown_at=api.clock())
    client = form.client
    shown = pages.Consent(
        name=client.name,
        host=_client_host(client, form.redirect_uri),
        vouched=client.is_document,
        back_to=shown_host(form.redirect_uri),
        scope=form.request.scopes[0],
        deployment=_host(api),
        fault=fault,
    )
    page = pages.consent(shown, {**fields, "token": token}, status=status)
    page.headers["Set-Cookie"] = _cookie(api, browser)
    return page


def _leave(api: SessionApi, form: _Form, *, allowed: bool, **said: str) -> Response:
    url = _answered(api, form.redirect_uri, form.state, **said)
    back_to = shown_host(form.redirect_uri)
    return pages.leave(url, back_to=back_to, allowed=allowed, deployment=_host(api))


def _answered(api: SessionApi, redirect_uri: str, state: str, **said: str) -> str:
    """The redirect URI with the answer, `state` and `iss` (RFC 9207)."""
    query = urlencode(said | ({"state": state} if state else {}) | {"iss": api.public_url})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"


def _client_host(client: OAuthClient, redirect_uri: str) -> str:
    """Who is behind it: the host of its document, or where the answer goes."""
    if client.is_document:
        return urlsplit(client.client_id).hostname or ""
    return shown_host(redirect_uri)


def _for_people(api: SessionApi, answer: Callable[[], Response]) -> Response:
    """Errors as a page: a browser asked."""
    try:
        return answer()
    except AiWebhookError as error:
        detail = f"{error.detail} {error.remedy}"
        what = pages.Fault(status=http_status_of(error), title="That did not work", detail=detail)
        return pages.fault(what, deployment=_host(api))


def _fault(
    api: SessionApi, title: str, detail: str, *, back: str = "", status: int = 400
) -> Response:
    what = pages.Fault(title=title, detail=detail, back=back, status=status)
    return pages.fault(what, deployment=_host(api))


def _host(api: SessionApi) -> str:
    return urlsplit(api.public_url).netloc


def _cookie_name(api: SessionApi) -> str:
    """With the prefix no other host can set it; it needs https, which a laptop has not."""
    secure = api.public_url.startswith("https://")
    return "__Host-aiwebhook-consent" if secure else "aiwebhook-consent"


def _cookie(api: SessionApi, browser: str) -> str:
    name = _cookie_name(api)
    secure = "; Secure" if name.startswith("__Host-") else ""
    return f"{name}={browser}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax{secure}"


def _browser(api: SessionApi, request: Request) -> str:
    """What the browser's cookie says; "" where there is none of ours."""
    return read_cookie(request.headers, _cookie_name(api))


def _new_browser(api: SessionApi) -> str:
    return new_secret("aiwb", api.oauth.randomness)


def read_cookie(headers: Mapping[str, str], name: str) -> str:
    """The value of our cookie; "" where it is missing, malformed or there twice."""
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    values = [value for key, _, value in pairs if key == name]
    if len(values) != 1 or _BROWSER.fullmatch(values[0]) is None:
        return ""
    return values[0]
