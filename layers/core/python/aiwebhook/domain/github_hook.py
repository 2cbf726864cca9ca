"""GitHub's list of what a hook was sent: how to read it, what is missing, what to do. Pure.

As documented for `/repos/{owner}/{repo}/hooks/{id}/deliveries`, those of organisations and of Apps:
newest first, pages by the cursor in the header Link, one entry per attempt, attempts of one event
under one GUID. GitHub never tries again by itself, and forgets after three days.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

GITHUB_API = "https://api.github.com"
GITHUB_KEEPS_S = 72 * 3600
"""How long GitHub keeps a delivery and sends it again when it is asked (GitHub Enterprise Server:
a week)."""
OVERLAP_S = 600
"""How far a listing reaches behind the one before: attempts are listed only once they have ended,
and not in the order of their times."""
SETTLING_S = 60
"""A younger failure may be on its way still; the next listing sees it again."""
EVERY_S = 300.0
SHORT_S = 60.0
"""While there is more to do."""
REFUSED_S = 3600.0
"""After an answer that stays the same until a person does something."""
LONGEST_S = 7200.0
_HOOK = re.compile(
    r"(?:repos/[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}|orgs/[A-Za-z0-9][A-Za-z0-9-]{0,99})"
    r"/hooks/(?P<hook_id>[0-9]{1,20})|app/hook",
    re.ASCII,
)
_NEXT = re.compile(r'<[^<>]*[?&]cursor=([A-Za-z0-9_.~%-]{1,200})[^<>]*>;\s*rel="next"')
_TOO_LARGE = 413
_RATE_STATUSES = frozenset({403, 429})
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HookPlace:
    """Where a hook is in the API: `repos/OWNER/REPO/hooks/ID`, `orgs/ORG/hooks/ID` or `app/hook`.
    `hook_id` None: an App's, which the path does not tell.
    """

    path: str
    hook_id: str | None

    @property
    def of_app(self) -> bool:
        return self.hook_id is None


def hook_place(text: str) -> HookPlace | None:
    """The hook of that path; None where it is none."""
    match = _HOOK.fullmatch(text)
    return None if match is None else HookPlace(path=text, hook_id=match["hook_id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAttempt:
    """An attempt of GitHub's to deliver. `status_code` 0: there was no answer."""

    delivery_no: int
    guid: str
    delivered_at: datetime
    status_code: int

    @property
    def answered_well(self) -> bool:
        return 200 <= self.status_code < 300


def read_attempts(body: bytes) -> list[ListedAttempt] | None:
    """The attempts of a page; None where it is no such page."""
    try:
        listed: Any = json.loads(body)
        return [
            ListedAttempt(
                delivery_no=int(entry["id"]),
                guid=str(entry["guid"]),
                delivered_at=datetime.fromisoformat(entry["delivered_at"]),
                status_code=int(entry["status_code"] or 0),
            )
            for entry in listed
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def next_cursor(link: str | None) -> str | None:
    """The cursor of the next page, from the header Link."""
    match = _NEXT.search(link or "")
    return None if match is None else match[1]


def unanswered(attempts: Iterable[ListedAttempt], *, before: datetime) -> list[ListedAttempt]:
    """Of each GUID that no attempt brought over the first one: those GitHub counts as failed.
    `before`: younger ones are left for later.
    """
    ordered = sorted(attempts, key=lambda attempt: (attempt.delivered_at, attempt.delivery_no))
    well = {attempt.guid for attempt in ordered if attempt.answered_well}
    first: dict[str, ListedAttempt] = {}
    for attempt in ordered:
        if attempt.guid not in well and attempt.delivered_at < before:
            first.setdefault(attempt.guid, attempt)
    return list(first.values())


class Recovery(StrEnum):
    """How to get what is missing."""

    REDELIVER = "redeliver"
    """GitHub sends the same bytes again, signed, under the same GUID."""
    FETCH = "fetch"
    """It is above our limit: GitHub's API tells what it says, in other bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryDecision:
    """What to do about one missing delivery, and why."""

    how: Recovery
    reason: str


def decide_recovery(*, status_code: int, too_large: bool) -> RecoveryDecision:
    """`too_large`: it left a tombstone here. Sending it again would end alike."""
    if too_large:
        return RecoveryDecision(how=Recovery.FETCH, reason="larger than its source takes")
    if status_code == _TOO_LARGE:
        return RecoveryDecision(how=Recovery.FETCH, reason="refused as too large")
    return RecoveryDecision(how=Recovery.REDELIVER, reason="never arrived")


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRefusal:
    """Why GitHub did not do what it was asked, and when to ask again. `gone`: what was asked about
    does not exist (or the token may not see it).
    """

    reason: str
    wait_s: float
    gone: bool = False


def read_refusal(status: int, headers: Mapping[str, str], now: datetime) -> HookRefusal | None:
    """None for an answer that is none; names of headers in lower case."""
    if status < 400:
        return None
    wait = _told_to_wait(headers, now) if status in _RATE_STATUSES else None
    if wait is not None:
        return HookRefusal(reason="GitHub's rate limit is reached", wait_s=wait)
    if status == 429:
        return HookRefusal(reason="GitHub's rate limit is reached", wait_s=SHORT_S)
    if status >= _SERVER_ERROR:
        return HookRefusal(reason=f"GitHub answered {status}", wait_s=EVERY_S)
    reason = {
        401: "GitHub does not know the token or the key of the App (401)",
        403: "The token may not read this hook's deliveries (403): it needs to administer hooks",
        404: "There is no such hook, or the token may not see it (404)",
    }.get(status, f"GitHub refused with {status}")
    return HookRefusal(reason=reason, wait_s=REFUSED_S, gone=status in {404, 410, 422})


def spent(headers: Mapping[str, str], now: datetime, *, spare: int) -> float | None:
    """For how long to leave the rest of the token's hour to others: once fewer than
    `spare` requests remain.
    """
    remaining = _number(headers.get("x-ratelimit-remaining"))
    if remaining is None or remaining >= spare:
        return None
    return _until_reset(headers, now)


def _told_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    after = _number(headers.get("retry-after"))
    if after is not None:
        return min(max(float(after), 1.0), LONGEST_S)
    if headers.get("x-ratelimit-remaining") == "0":
        return _until_reset(headers, now)
    return None


def _until_reset(headers: Mapping[str, str], now: datetime) -> float:
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is None:
        return SHORT_S
    return min(max(reset - now.timestamp(), 1.0), LONGEST_S)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,12}", text, re.ASCII) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedDelivery:
    """What GitHub's API tells of a delivery; `body` is its payload written again, not the bytes
    that were signed. Names of headers in lower case, without the signature.
    """

    headers: Mapping[str, str]
    body: bytes


def read_fetched(body: bytes) -> FetchedDelivery | None:
    """None where it is no such answer."""
    try:
        request: Any = json.loads(body)["request"]
        headers = cast("Mapping[str, Any]", request["headers"])
        payload = request["payload"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    named = {name.lower(): str(value) for name, value in headers.items()}
    kept = {name: value for name, value in named.items() if not name.startswith("x-hub-signature")}
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return FetchedDelivery(
        headers={**kept, "content-type": "application/json"},
        body=text.encode("utf-8", "replace"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSpan:
    """What a listing covers: from its beginning back to `floor`."""

    top: datetime
    floor: datetime
    unchecked_s: int
    """Of the time since the last listing, what GitHub has forgotten."""


def listing_span(*, checked_until: datetime | None, now: datetime) -> ListingSpan:
    """From now back to what is checked, with an overlap, as far as GitHub remembers."""
    oldest = now - timedelta(seconds=GITHUB_KEEPS_S)
    if checked_until is None:
        return ListingSpan(top=now, floor=oldest, unchecked_s=0)
    floor = max(oldest, checked_until - timedelta(seconds=OVERLAP_S))
    unchecked = max(0, int((oldest - checked_until).total_seconds()))
    return ListingSpan(top=now, floor=floor, unchecked_s=unchecked)
