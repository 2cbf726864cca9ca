"""GitHub's API of a hook's deliveries: list them, have one sent again, read one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.clock import Clock
from aiwebhook.domain.github_hook import (
    EVERY_S,
    FetchedDelivery,
    HookRefusal,
    ListedAttempt,
    next_cursor,
    read_attempts,
    read_fetched,
    read_refusal,
    spent,
)
from aiwebhook.ports.reconciliation import ApiAnswer, ApiExchange, NoApiAnswer, OutboundRequest

PER_PAGE = 100
SPARE_REQUESTS = 200
"""Of the token's 5,000 requests an hour, left to its other users."""
_PAGE_LIMIT = 4 * 2**20
_DELIVERY_LIMIT = 80 * 2**20
"""GitHub sends at most 25 MB; written as JSON in JSON it can be longer."""
_VERSION = "2022-11-28"


class HookRefused(Exception):
    """GitHub refused the request, or could not be reached."""

    def __init__(self, refusal: HookRefusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsPage:
    """A page of attempts. `rest_s`: how long to make no further requests with the token."""

    attempts: list[ListedAttempt]
    cursor: str | None
    rest_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDeliveries:
    """The deliveries of one hook. `credential` is called for each request: a token of an App
    lives ten minutes.
    """

    exchange: ApiExchange
    api_url: str
    path: str
    credential: Callable[[], str]
    clock: Clock

    def list_attempts(self, cursor: str | None) -> AttemptsPage:
        """The page at a cursor, the newest without one. Raises HookRefused."""
        query = f"?per_page={PER_PAGE}" + (f"&cursor={cursor}" if cursor else "")
        answer = self._ask("GET", query, limit=_PAGE_LIMIT)
        attempts = read_attempts(answer.body)
        if attempts is None:
            raise _unread("GitHub's list of deliveries cannot be read")
        return AttemptsPage(
            attempts=attempts,
            cursor=next_cursor(answer.headers.get("link")),
            rest_s=self._spent(answer.headers),
        )

    def redeliver(self, delivery_no: int) -> float | None:
        """Have GitHub send it again; returns how many seconds to make no further requests with the
        token. Raises HookRefused.
        """
        answer = self._ask("POST", f"/{delivery_no}/attempts", limit=_PAGE_LIMIT)
        return self._spent(answer.headers)

    def fetch(self, delivery_no: int) -> FetchedDelivery:
        """The stored request of a delivery. Raises HookRefused."""
        answer = self._ask("GET", f"/{delivery_no}", limit=_DELIVERY_LIMIT)
        fetched = read_fetched(answer.body)
        if fetched is None:
            raise _unread("a delivery of GitHub's cannot be read")
        return fetched

    def _ask(self, method: str, rest: str, *, limit: int) -> ApiAnswer:
        request = OutboundRequest(
            method=method,
            url=f"{self.api_url}/{self.path}/deliveries{rest}",
            headers={
                "Authorization": f"Bearer {self.credential()}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": _VERSION,
            },
        )
        answer = self.exchange.exchange(request, limit=limit)
        if isinstance(answer, NoApiAnswer):
            raise HookRefused(HookRefusal(reason=answer.reason, wait_s=EVERY_S))
        refusal = read_refusal(answer.status, answer.headers, self._now())
        if refusal is not None:
            raise HookRefused(refusal)
        return answer

    def _spent(self, headers: Mapping[str, str]) -> float | None:
        return spent(headers, self._now(), spare=SPARE_REQUESTS)

    def _now(self) -> datetime:
        return self.clock()


def _unread(reason: str) -> HookRefused:
    return HookRefused(HookRefusal(reason=reason, wait_s=EVERY_S))
