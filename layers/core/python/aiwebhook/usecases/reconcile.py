"""Finds deliveries that GitHub sent and we never received, and requests them: the reconciler's pass
over one source.

A listing runs from the newest delivery back to what was already checked, page by page. Its position
is saved after each page, and missing deliveries are recorded before any is requested. So a pass
that dies loses only its current page, and no delivery is requested twice in quick succession.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.clock import Clock, rfc3339
from aiwebhook.domain.github_app import NotAPrivateKey
from aiwebhook.domain.github_hook import (
    EVERY_S,
    GITHUB_API,
    GITHUB_KEEPS_S,
    REFUSED_S,
    SETTLING_S,
    SHORT_S,
    HookRefusal,
    Recovery,
    decide_recovery,
    listing_span,
    unanswered,
)
from aiwebhook.domain.secret_box import NotSealed, SecretBox
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.reconciliation import (
    ApiExchange,
    ClaimedReconciliation,
    ListingPlace,
    MissedDelivery,
    PassEnd,
)
from aiwebhook.usecases.hook_deliveries import HookDeliveries, HookRefused
from aiwebhook.usecases.keep_fetched import keep_fetched
from aiwebhook.usecases.manage_reconciliations import reconciliation_purpose

if TYPE_CHECKING:
    from aiwebhook.postgres.inbound_store import PostgresInboundStore
    from aiwebhook.postgres.reconciliation_store import PostgresReconciliationStore

PASS_LEASE_S = 300.0
"""Longer than the function may run."""
ASKS_PER_PASS = 60
"""GitHub allows fewer than 80 content-creating requests a minute."""
ASK_AGAIN_S = 600.0
ASK_AGAIN_LONGEST_S = 6 * 3600.0
ASKS_OF_REFUSED = 5
"""Within seven hours: long enough to correct a secret without informing us."""
_DRY_RUN = "dry_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilerServices:
    """The reconciler's ports. `app_token`: makes an App's token from its id and key."""

    store: PostgresReconciliationStore
    inbound: PostgresInboundStore
    blobs: BlobStore
    exchange: ApiExchange
    box: Callable[[], SecretBox]
    app_token: Callable[[str, bytes, datetime], str]
    clock: Clock
    github_api: str = GITHUB_API
    """The API that GitHub's networks are read from."""


@dataclass(slots=True, kw_only=True)
class ReconcileReport:
    """What a pass did. `listed`: attempts examined; `missed`: deliveries found missing;
    `recovered`: those that have arrived since; `lost`: GitHub no longer has them; `behind_s`: how
    long nobody had checked, of which `unchecked_s` is too old for GitHub to know.
    """

    dry_run: bool = False
    listed: int = 0
    missed: int = 0
    recovered: int = 0
    asked: int = 0
    fetched: int = 0
    lost: int = 0
    behind_s: int = 0
    unchecked_s: int = 0

    def counts(self) -> dict[str, int]:
        return {f"deliveries_{name}": getattr(self, name) for name in _COUNTED}


_COUNTED = ("missed", "recovered", "asked", "fetched", "lost")


@dataclass(slots=True, kw_only=True)
class _Pass:
    services: ReconcilerServices
    claimed: ClaimedReconciliation
    hook: HookDeliveries
    has_time: Callable[[], bool]
    now: datetime
    report: ReconcileReport
    rest_s: float | None = None
    more: bool = False
    well: set[str] = field(default_factory=set[str])


def reconcile_due(
    services: ReconcilerServices, *, has_time: Callable[[], bool]
) -> list[ReconcileReport]:
    """One pass over each due source, as long as there is time. Raises Unavailable."""
    reports: list[ReconcileReport] = []
    while has_time():
        claimed = services.store.claim_reconciliation(lease_s=PASS_LEASE_S)
        if claimed is None:
            break
        reports.append(_reconcile(services, claimed, has_time))
    return reports


def _reconcile(
    services: ReconcilerServices, claimed: ClaimedReconciliation, has_time: Callable[[], bool]
) -> ReconcileReport:
    report = ReconcileReport(dry_run=claimed.wanted == _DRY_RUN)
    work = _Pass(
        services=services,
        claimed=claimed,
        hook=_hook(services, claimed),
        has_time=has_time,
        now=services.clock(),
        report=report,
    )
    refusal: HookRefusal | None = None
    try:
        _list(work)
        if not report.dry_run:
            _recover(work)
    except HookRefused as refused:
        refusal = refused.refusal
    _settle(work, refusal)
    return report


def _hook(services: ReconcilerServices, claimed: ClaimedReconciliation) -> HookDeliveries:
    purpose = reconciliation_purpose(claimed.project_id, claimed.source_id)

    def credential() -> str:
        try:
            secret = services.box().open(purpose, bytes(claimed.secret_box))
        except NotSealed as exc:
            reason = "The token was sealed under another master key: set it again"
            raise HookRefused(HookRefusal(reason=reason, wait_s=REFUSED_S)) from exc
        if claimed.app_id is None:
            return secret.decode()
        try:
            return services.app_token(claimed.app_id, secret, services.clock())
        except NotAPrivateKey as exc:
            refusal = HookRefusal(reason=f"The App's key: {exc}", wait_s=REFUSED_S)
            raise HookRefused(refusal) from exc

    return HookDeliveries(
        exchange=services.exchange,
        api_url=claimed.api_url,
        path=claimed.hook,
        credential=credential,
        clock=services.clock,
    )


def _list(work: _Pass) -> None:
    """Record what is missing, back to what was already checked; continues an unfinished listing."""
    claimed, report = work.claimed, work.report
    span = listing_span(checked_until=claimed.checked_until, now=work.now)
    report.unchecked_s = span.unchecked_s
    if claimed.checked_until is not None:
        report.behind_s = max(0, int((work.now - claimed.checked_until).total_seconds()))
    place = ListingPlace(top=span.top, floor=span.floor, cursor=None)
    if report.dry_run:
        place = ListingPlace(
            top=span.top, floor=work.now - timedelta(seconds=GITHUB_KEEPS_S), cursor=None
        )
    elif claimed.listing_cursor and claimed.listing_top and claimed.listing_floor:
        place = ListingPlace(
            top=claimed.listing_top, floor=claimed.listing_floor, cursor=claimed.listing_cursor
        )
    while True:
        if not work.has_time() or work.rest_s is not None:
            work.more = True
            return
        place = _list_page(work, place)
        if place.cursor is None:
            return


def _list_page(work: _Pass, place: ListingPlace) -> ListingPlace:
    page = work.hook.list_attempts(place.cursor)
    work.rest_s = page.rest_s
    young = [attempt for attempt in page.attempts if attempt.delivered_at >= place.floor]
    work.report.listed += len(young)
    work.well |= {attempt.guid for attempt in young if attempt.answered_well}
    before = work.now - timedelta(seconds=SETTLING_S)
    failed = [
        attempt for attempt in unanswered(young, before=before) if attempt.guid not in work.well
    ]
    store, claimed, apply = work.services.store, work.claimed, not work.report.dry_run
    if failed:
        work.report.missed += store.note_missed(claimed, failed, apply=apply)
    goes_on = page.attempts and page.attempts[-1].delivered_at >= place.floor
    cursor = page.cursor if goes_on else None
    reached = ListingPlace(top=place.top, floor=place.floor, cursor=cursor)
    if apply:
        store.save_listing(claimed, reached)
    return reached


def _recover(work: _Pass) -> None:
    store, claimed, report = work.services.store, work.claimed, work.report
    report.recovered = store.forget_arrived(claimed)
    report.lost = store.give_up_missed(claimed, floor=work.now - timedelta(seconds=GITHUB_KEEPS_S))
    for _ in range(ASKS_PER_PASS):
        if not work.has_time() or work.rest_s is not None:
            work.more = True
            return
        missed = store.claim_missed(
            claimed,
            wait_s=ASK_AGAIN_S,
            longest_s=ASK_AGAIN_LONGEST_S,
            refused_asks=ASKS_OF_REFUSED,
        )
        if missed is None:
            return
        _get(work, missed)
    work.more = True


def _get(work: _Pass, missed: MissedDelivery) -> None:
    decision = decide_recovery(status_code=missed.status_code, too_large=missed.too_large)
    try:
        if decision.how is Recovery.FETCH:
            fetched = work.hook.fetch(missed.delivery_no)
            keep_fetched(work.services.inbound, work.services.blobs, work.claimed, missed, fetched)
            work.report.fetched += 1
        else:
            work.rest_s = work.hook.redeliver(missed.delivery_no)
            work.report.asked += 1
    except HookRefused as refused:
        if not refused.refusal.gone:
            raise
        floor = work.now - timedelta(seconds=GITHUB_KEEPS_S)
        store = work.services.store
        work.report.lost += store.give_up_missed(work.claimed, floor=floor, guid=missed.guid)
        return
    observability.info("delivery asked for", guid=missed.guid, reason=decision.reason)


def _settle(work: _Pass, refusal: HookRefusal | None) -> None:
    claimed, report = work.claimed, work.report
    if refusal is not None:
        wait_s = refusal.wait_s
        observability.warning("GitHub refused", source=claimed.source_id, reason=refusal.reason)
    elif work.rest_s is not None:
        wait_s = work.rest_s
    else:
        wait_s = SHORT_S if work.more else EVERY_S
    if refusal is None and claimed.failing_since is not None:
        observability.info(
            "GitHub is reached again",
            source=claimed.source_id,
            failing_since=rfc3339(claimed.failing_since),
            behind_s=report.behind_s,
        )
    if report.lost or report.unchecked_s:
        observability.warning(
            "deliveries are lost",
            source=claimed.source_id,
            lost=report.lost,
            unchecked_s=report.unchecked_s,
        )
    end = PassEnd(
        wait_s=wait_s,
        report=asdict(report),
        failure=None if refusal is None else refusal.reason,
        # A cursor that GitHub no longer accepts must not fail every listing from now on.
        restart=refusal is not None and refusal.gone,
    )
    work.services.store.settle_reconciliation(claimed, end)
