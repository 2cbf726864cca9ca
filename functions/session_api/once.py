"""Once per idempotency key: every write that is no command (commands have commands/execute.py).

One transaction takes the key, does the work and keeps the answer, so that a second request waits
for the first and then gets its answer. What is secret in an answer is never kept: it was shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from aiwebhook.commands.execute import IN_FLIGHT, jsonable
from aiwebhook.commands.validation import check_idempotency_key, fingerprint_of
from aiwebhook.errors import AiWebhookError, Conflict, Invalid, Unavailable
from aiwebhook.ports.command_rows import Change, Idempotency, KeyTaken, Written
from session_api.answer import Answer, Json
from session_api.operation import ApiCall, ApiParams, Operation

if TYPE_CHECKING:
    from aiwebhook.usecases.manage_endpoints import EndpointServices
    from aiwebhook.wiring.session_api import SessionApi

REPLAYED = {"Idempotent-Replay": "true"}


def answer_once(
    api: SessionApi, operation: Operation, call: ApiCall, params: ApiParams | None
) -> Answer:
    """The answer of the operation, or the one that it gave under the same key.

    Raises Invalid for a key that was used for another request, and what the operation raises.
    """
    if call.idempotency_key is None or not operation.once:
        return operation.handle(api, call, params)
    change = _change(operation, call, call.idempotency_key)
    for last_try in (False, True):
        try:
            return _first(api, operation, call, params, change)
        except KeyTaken:
            kept = _kept(api, operation, change)
            if kept is not None:
                return kept
            # Its life is over and it is not pruned yet, or it only kept earlier tries off.
            api.commands.store.free_key(change)
            if last_try:
                raise
        except Unavailable:
            raise
        except AiWebhookError as refusal:
            if refusal.code == IN_FLIGHT or api.commands.store.refuse_earlier_tries(change):
                raise
            kept = _kept(api, operation, change)
            if kept is None:
                raise
            return kept
    raise Conflict(
        "A request with the same idempotency key is still under way.",
        code=IN_FLIGHT,
    )


def _first(
    api: SessionApi, operation: Operation, call: ApiCall, params: ApiParams | None, change: Change
) -> Answer:
    store = api.commands.store

    def work() -> tuple[Answer, _Rings]:
        rings = _Rings()
        store.reserve_key(change)
        answer = operation.handle(replace(api, endpoints=partial(_later, api, rings)), call, params)
        body = answer.body if isinstance(answer.body, dict) else {}
        shown = {name: v for name, v in body.items() if name != operation.shown_once}
        store.keep_outcome(change, Written(data=jsonable(shown), cursor=None))
        return answer, rings

    answer, rings = store.atomically(work)
    for project_id, event_no, delay_s in rings.requested:
        api.endpoints().ringer.ring(project_id=project_id, event_no=event_no, delay_s=delay_s)
    return answer


def _kept(api: SessionApi, operation: Operation, change: Change) -> Answer | None:
    if change.idempotency is None:
        return None
    stored = api.commands.store.find_outcome(
        project_id=change.project_id, key=change.idempotency.key
    )
    if stored is None:
        return None
    if stored.fingerprint != change.idempotency.fingerprint:
        raise Invalid(
            "This idempotency key was used for another request.",
            code="idempotency_key_reused",
        )
    body: Json = dict(stored.data)
    if operation.shown_once is not None:
        body |= {operation.shown_once: None, "notice": _notice(operation)}
    return Answer(body=body, headers=REPLAYED)


def _notice(operation: Operation) -> str:
    kind = operation.path.split("/")[2]
    verb = {"people": "reset", "projects": "keys"}.get(kind, "rotate")
    return (
        f"The {operation.shown_once} was shown once, in the first answer to this request."
        f" If it is lost, POST /v1/{kind}/<id>/{verb} makes a new one."
    )


def _change(operation: Operation, call: ApiCall, key: str) -> Change:
    check_idempotency_key(key)
    request = {"ids": dict(call.ids), "given": dict(call.given)}
    return Change(
        project_id=call.caller.project_id,
        session_id="",
        request_id=call.request_id,
        correlation_id=call.correlation_id,
        idempotency=Idempotency(
            key=key,
            fingerprint=fingerprint_of(operation.name, None, request),
            arrived_at=call.arrived_at,
        ),
    )


@dataclass(slots=True)
class _Rings:
    """Rings that wait for the commit: a sender that looked before would find nothing."""

    requested: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])

    def ring(self, *, project_id: str, event_no: int, delay_s: int = 0) -> None:
        self.requested.append((project_id, event_no, delay_s))


def _later(api: SessionApi, rings: _Rings) -> EndpointServices:
    return replace(api.endpoints(), ringer=rings)
