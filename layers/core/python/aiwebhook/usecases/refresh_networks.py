"""Reads from GitHub, once a day, which networks it sends webhooks from."""

from __future__ import annotations

from aiwebhook import observability
from aiwebhook.domain.github_hook import read_refusal
from aiwebhook.domain.github_networks import NETWORKS_EVERY_S, NETWORKS_RETRY_S, read_networks
from aiwebhook.ports.reconciliation import NoApiAnswer, OutboundRequest
from aiwebhook.usecases.reconcile import ReconcilerServices

_META_LIMIT = 4 * 2**20


def refresh_networks(services: ReconcilerServices) -> bool | None:
    """Whether the list was read; None: it is not due, or no source uses it. A failure leaves the
    list unchanged. Raises Unavailable.
    """
    if not services.store.claim_networks(wait_s=NETWORKS_RETRY_S):
        return None
    found = _read(services)
    if isinstance(found, str):
        observability.warning("GitHub's networks are not read", reason=found)
        return False
    services.store.keep_networks(found, wait_s=NETWORKS_EVERY_S)
    observability.info("GitHub's networks are read", networks=len(found))
    return True


def _read(services: ReconcilerServices) -> list[str] | str:
    """The networks, or why they could not be read."""
    request = OutboundRequest(
        method="GET",
        url=f"{services.github_api}/meta",
        headers={"Accept": "application/vnd.github+json"},
    )
    answer = services.exchange.exchange(request, limit=_META_LIMIT)
    if isinstance(answer, NoApiAnswer):
        return answer.reason
    refusal = read_refusal(answer.status, answer.headers, services.clock())
    if refusal is not None:
        return refusal.reason
    return read_networks(answer.body) or "its list of networks cannot be read"
