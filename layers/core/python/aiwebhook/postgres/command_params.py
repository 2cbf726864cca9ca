"""The parameters that commands' statements share."""

from __future__ import annotations

from aiwebhook.domain.news import COUNTED_UP_TO, ELSEWHERE_PER_REPLY, MOST_TIMES, UPDATES_PER_REPLY
from aiwebhook.ports.command_rows import Change, NewsMode, Page, Settlement


def settle_params(settlement: Settlement) -> dict[str, object]:
    """Of settle.sql and find_news.sql."""
    return {
        "project_id": settlement.project_id,
        "session_id": settlement.session_id,
        "principal": settlement.reader.principal,
        "reader": settlement.reader.name,
        "news": settlement.news_mode is not NewsMode.NOTHING,
        "counted": settlement.news_mode is NewsMode.COUNTED,
        "reported_task": settlement.reported and settlement.reported[0],
        "reported_status": settlement.reported and settlement.reported[1],
        "pushed": list(settlement.pushed),
        "changed": settlement.changed,
        "resumed": list(settlement.resumed),
        "correlation_id": settlement.correlation_id,
        "own_events": [event.event_no for event in settlement.own_events],
        "own_seqs": [
            event.seq
            for event in settlement.own_events
            if event.session_id == settlement.session_id
        ],
        "connection": settlement.connection,
        "limit": UPDATES_PER_REPLY,
        "elsewhere_limit": ELSEWHERE_PER_REPLY,
        "count_limit": COUNTED_UP_TO,
        "most_times": MOST_TIMES,
    }


def keyset(page: Page) -> dict[str, object]:
    """The parameters of a page."""
    time, identity = page.after or (None, None)
    return {"limit": page.limit, "after_time": time, "after_id": identity}


def envelope(change: Change) -> dict[str, object]:
    """Of every write."""
    key = change.idempotency
    return {
        "project_id": change.project_id,
        "session_id": change.session_id,
        "request_id": change.request_id,
        "correlation_id": change.correlation_id,
        "idempotency_key": None if key is None else key.key,
        "fingerprint": None if key is None else key.fingerprint,
        "arrived_at": None if key is None else key.arrived_at,
        "valid_s": None if key is None else key.valid_s,
    }
