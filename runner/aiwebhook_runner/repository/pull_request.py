"""Pull requests by GitHub's REST API (docs: "REST API endpoints for pull requests")."""

import re
from dataclasses import dataclass
from typing import cast

import httpx

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.repository.failures import WorkspaceFailed

API_VERSION = "2022-11-28"
TIMEOUT_S = 20.0
MAX_TITLE = 256
MAX_BODY = 65_000
_RIGHT = "Give the token the right to write pull requests here, then open it for this branch."


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """One to be opened: from `head` to `base`, both branches of `slug` (owner/name)."""

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

    def open(self, asked: PullRequest) -> str:
        """Its address; an open one of that branch is used again. Raises WorkspaceFailed."""
        body: JsonObject = {
            "title": " ".join(asked.title.split())[:MAX_TITLE],
            "body": asked.body[:MAX_BODY],
            "head": asked.head,
            "base": asked.base,
            "draft": asked.draft,
        }
        answer = self._call("POST", asked.slug, json=body)
        if answer.status_code == 201:
            return _address(answer.json())
        if answer.status_code == 422 and "already exists" in _reason(answer):
            return self._existing(asked)
        raise _failure(answer)

    def _existing(self, asked: PullRequest) -> str:
        owner = asked.slug.partition("/")[0]
        wanted = {"head": f"{owner}:{asked.head}", "state": "open"}
        answer = self._call("GET", asked.slug, params=wanted)
        if answer.status_code != 200:
            raise _failure(answer)
        for found in cast("list[JsonObject]", answer.json()):
            return _address(found)
        raise WorkspaceFailed(
            ErrorClass.SERVER, "GitHub says that the pull request exists, and does not show it."
        )

    def _call(
        self,
        method: str,
        slug: str,
        *,
        json: JsonObject | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        url = f"{self._api_url}/repos/{slug}/pulls"
        try:
            return httpx.request(
                method, url, headers=self._headers, json=json, params=params, timeout=TIMEOUT_S
            )
        except httpx.HTTPError as exc:
            raise WorkspaceFailed(
                ErrorClass.NETWORK,
                f"GitHub's API could not be reached: {type(exc).__name__}.",
                remedy="The branch is pushed; open the pull request by hand.",
            ) from exc


def _address(found: JsonObject) -> str:
    return str(found["html_url"])


def _reason(answer: httpx.Response) -> str:
    """`message` and the messages of `errors`, in one line."""
    try:
        told = cast("JsonObject", answer.json())
    except ValueError:
        return ""
    errors = cast("list[JsonObject]", told.get("errors") or [])
    parts = [told.get("message"), *(error.get("message") for error in errors)]
    return re.sub(r"\s+", " ", "; ".join(str(part) for part in parts if part))[:300]


def _failure(answer: httpx.Response) -> WorkspaceFailed:
    status = answer.status_code
    quiet = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    if status == 429 or (status == 403 and quiet):
        error_class, remedy = ErrorClass.RATE_LIMIT, "Open the pull request by hand, or wait."
    elif status in (401, 403, 404):
        error_class, remedy = ErrorClass.AUTH, _RIGHT
    elif status >= 500:
        error_class, remedy = ErrorClass.SERVER, "The branch is pushed; open it by hand."
    else:
        error_class, remedy = ErrorClass.REFUSED, "The branch is pushed; open it by hand."
    return WorkspaceFailed(
        error_class,
        f"The pull request was not opened (HTTP {status}): {_reason(answer) or 'no reason given'}",
        remedy=remedy,
    )
