"""Pull requests by GitHub's REST API (docs: "REST API endpoints for pull requests")."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from aiwebhook.client.wire import ClientRequest, HttpReply, Wire, WireError
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.repository.failures import WorkspaceFailed, remedy_for
from aiwebhook_runner.repository.host_message import one_safe_line

API_VERSION = "2022-11-28"
TIMEOUT_S = 20.0
MAX_TITLE = 256
MAX_BODY = 65_000
_OPEN_MANUALLY = "The branch is pushed; open it by hand."
_RIGHT = "Give the token the right to write pull requests here, then open it for this branch."


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request to open: from `head` to `base`, both branches of `slug` (owner/name)."""

    slug: str
    head: str
    base: str
    title: str
    body: str
    draft: bool


class GitHub:
    """`token` is sent to `api_url` only; no redirect is followed."""

    def __init__(self, *, api_url: str, token: str) -> None:
        self._api_url = api_url
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "aiwebhook",
        }

    def open(self, request: PullRequest) -> str:
        """Open it, unless the branch has an open one; returns the URL. Raises WorkspaceFailed."""
        body: JsonObject = {
            "title": " ".join(request.title.split())[:MAX_TITLE],
            "body": request.body[:MAX_BODY],
            "head": request.head,
            "base": request.base,
            "draft": request.draft,
        }
        answer = self._call("POST", f"/repos/{request.slug}/pulls", body)
        if answer.status == 201:
            return _address(_body(answer))
        if answer.status == 422 and "already exists" in _reason(answer):
            return self._existing(request)
        raise _failure(answer)

    def _existing(self, request: PullRequest) -> str:
        owner = request.slug.partition("/")[0]
        wanted = {"head": f"{owner}:{request.head}", "state": "open"}
        answer = self._call("GET", f"/repos/{request.slug}/pulls?{urlencode(wanted)}")
        if answer.status != 200:
            raise _failure(answer)
        found = _body(answer)
        return _address(cast("list[object]", found)[0] if isinstance(found, list) and found else {})

    def _call(self, method: str, target: str, body: JsonObject | None = None) -> HttpReply:
        request = ClientRequest(
            method=method,
            target=target,
            headers=self._headers,
            body=None if body is None else encode(body),
            timeout_s=TIMEOUT_S,
        )
        try:
            with closing(Wire(self._api_url)) as wire:
                return wire.exchange(request)
        except WireError as exc:
            raise WorkspaceFailed(
                ErrorClass.NETWORK,
                f"GitHub's API could not be reached: {exc}.",
                remedy="The branch is pushed; open the pull request by hand.",
            ) from exc


def _body(answer: HttpReply) -> object:
    """The JSON of the answer; {} when it is not JSON."""
    try:
        return cast("object", json.loads(answer.content))
    except ValueError:
        return {}


def _field(found: object, name: str) -> object:
    return cast("JsonObject", found).get(name) if isinstance(found, dict) else None


def _address(found: object) -> str:
    url = _field(found, "html_url")
    if not isinstance(url, str):
        raise WorkspaceFailed(
            ErrorClass.SERVER,
            "GitHub's answer does not say where the pull request is.",
            remedy="The branch is pushed; look for its pull request there.",
        )
    return url


def _reason(answer: HttpReply) -> str:
    """`message` and `errors`, on one line."""
    body = _body(answer)
    errors = _field(body, "errors")
    parts = [body, *(cast("list[object]", errors) if isinstance(errors, list) else ())]
    return one_safe_line("; ".join(words for part in parts if (words := _message(part))))


def _message(part: object) -> str:
    if isinstance(part, str):
        return part
    message = _field(part, "message")
    if message:
        return str(message)
    return " ".join(str(value) for name in ("field", "code") if (value := _field(part, name)))


def _failure(answer: HttpReply) -> WorkspaceFailed:
    status, reason = answer.status, _reason(answer)
    quiet = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    if status == 429 or (status == 403 and quiet):
        error_class, remedy = ErrorClass.RATE_LIMIT, "Open the pull request by hand, or wait."
    elif status in (401, 403, 404):
        error_class, remedy = ErrorClass.AUTH, remedy_for(reason) or _RIGHT
    elif status >= 500:
        error_class, remedy = ErrorClass.SERVER, _OPEN_MANUALLY
    elif "draft" in reason.lower():
        error_class, remedy = ErrorClass.REFUSED, "Ask for `ready` instead of `draft`."
    else:
        error_class, remedy = ErrorClass.REFUSED, remedy_for(reason) or _OPEN_MANUALLY
    return WorkspaceFailed(
        error_class,
        f"The pull request was not opened (HTTP {status}): {reason or 'no reason given'}",
        remedy=remedy,
        cause=reason or f"GitHub answered {status}",
    )
