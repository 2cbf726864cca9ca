"""POST /v1/say: {text} → {say}. With a valid key every answer is 200 and can be spoken (ADR 0019).

A Shortcut that gets another status shows an error box, and nobody who walks can read it. Only
what must be told to a program stays an error: no or wrong key (401, 403), too large (413),
too often (429).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aiwebhook import observability
from aiwebhook.commands.execute import IN_FLIGHT
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.errors import AiWebhookError, ConfigurationError, Unavailable
from aiwebhook.http import Request, Response
from aiwebhook.ids import CLIENT_ID, new_id
from aiwebhook.ports.spoken_rows import BegunTurn, NewTurn
from aiwebhook.strict_json import parse_object
from session_api.authentication import serve_caller
from session_api.media_range import prefers_bytes
from session_api.say.acting import Json, act, say_refusal, say_reply
from session_api.say.grammar.text import words_of
from session_api.say.phrases import Phrasebook
from session_api.say.state import State
from session_api.say.turn import LOOKED_AT_TASKS, SayTurn

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

LONGEST_SPOKEN_TEXT = 4_000
REPEATED_WITHIN_S = 20
"""The same words again so soon are a phone's second try."""
SILENCE_S = 30 * 60
"""After it, a conversation that no client named starts over."""
_DAY_S = 86_400
_PLAIN = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """The request. `silence_s`: after that long, the conversation starts over; None: never."""

    text: str
    conversation: str
    silence_s: int | None
    request_id: str
    language: str
    zone: tzinfo

    @property
    def digest(self) -> bytes:
        """Equal for a sentence that comes again."""
        same = f"id:{self.request_id}" if self.request_id else " ".join(words_of(self.text))
        return hashlib.sha256(same.encode()).digest()


def answer_say(api: SessionApi, request: Request, limits: dict[str, str]) -> Response:
    """Raises Unauthorized, Forbidden, RateLimited; Unavailable before the caller is known."""
    return serve_caller(
        api, request, limits, lambda caller: _answer(api, caller, request), scope=Scope.SAY
    )


def _answer(api: SessionApi, caller: Caller, request: Request) -> Response:
    reply = _reply(api, caller, request, _sentence(caller, request))
    if prefers_bytes(request.headers.get("accept", ""), _PLAIN):
        headers = {"Content-Type": f"{_PLAIN}; charset=utf-8"}
        return Response(status=200, body=str(reply["say"]), headers=headers)
    return Response(status=200, body=reply)


def _reply(api: SessionApi, caller: Caller, request: Request, sentence: _Sentence) -> Json:
    """What is said; a refusal is said, too."""
    phrases = Phrasebook(sentence.language)
    if not words_of(sentence.text):
        return _only(phrases("no_words"), "unheard", sentence, ask=True)
    try:
        begun = _begun(api, caller, sentence)
        return begun.row.reply or _worked_on(api, caller, request, sentence, begun)
    except Unavailable as error:
        observability.warning("say failed", code=error.code)
        return _only(phrases("away"), "failed", sentence)


def _begun(api: SessionApi, caller: Caller, sentence: _Sentence) -> BegunTurn:
    """The sentence as a turn of its conversation; with its reply where it came before. When
    whoever worked on it has died, it has none: it is worked on again, and its commands run once
    all the same.
    """
    begun = api.spoken.begin_turn(
        NewTurn(
            project_id=caller.project_id,
            conversation=sentence.conversation,
            reader=new_id("talk"),
            digest=sentence.digest,
            silence_s=sentence.silence_s,
            repeated_within_s=_DAY_S if sentence.request_id else REPEATED_WITHIN_S,
            looked_at_tasks=LOOKED_AT_TASKS,
        )
    )
    if begun is None:
        raise Unavailable("The conversation was deleted meanwhile.")
    return begun


def _worked_on(
    api: SessionApi, caller: Caller, request: Request, sentence: _Sentence, begun: BegunTurn
) -> Json:
    """Raises Unavailable, ConfigurationError."""
    row = begun.row
    turn = SayTurn(
        api=api,
        caller=replace(caller, scopes=frozenset({Scope.COMMANDS})),
        request_id=request.request_id,
        correlation_id=request.correlation_id,
        arrived_at=request.arrived_at,
        key=f"say:{row.reader}:{row.turn}",
        reader=row.reader,
        state=State.model_validate(row.state),
        zone=sentence.zone,
        phrases=Phrasebook(sentence.language),
        agents=begun.agents,
        waits=begun.waiting,
    )
    try:
        done = act(turn, sentence.text, language=sentence.language)
    except (ConfigurationError, Unavailable):
        raise
    except AiWebhookError as error:
        observability.warning("say refused", code=error.code)
        if error.code == IN_FLIGHT:
            return _only(turn.phrases("working"), "failed", sentence)
        done = say_refusal(turn, error)
    reply = {**done.reply, "conversation": sentence.conversation}
    api.spoken.finish_turn(
        project_id=caller.project_id,
        conversation=sentence.conversation,
        turn=row.turn,
        reply=reply,
        state=done.state.model_dump(mode="json"),
    )
    return reply


def _only(say: str, intent: str, sentence: _Sentence, *, ask: bool = False) -> Json:
    return {**say_reply(say, intent, ask=ask), "conversation": sentence.conversation}


def _sentence(caller: Caller, request: Request) -> _Sentence:
    """Malformed fields count as not sent: nobody can fix them while walking."""
    fields = _fields(request)
    named = _text_of(fields, "conversation")
    door = "".join(c for c in _text_of(fields, "door").lower() if c.isalnum())[:32]
    is_named = CLIENT_ID.fullmatch(named) is not None
    return _Sentence(
        text=plain_text(_text_of(fields, "text"), limit=LONGEST_SPOKEN_TEXT).strip(),
        conversation=named if is_named else f"{caller.key_id}:{door or 'any'}",
        silence_s=None if is_named else SILENCE_S,
        request_id=_text_of(fields, "request_id") or request.headers.get("idempotency-key", ""),
        language=_text_of(fields, "locale")[:2].lower() or "en",
        zone=_zone(_text_of(fields, "tz")),
    )


def _fields(request: Request) -> Json:
    """The body's fields: JSON, or the text itself."""
    if not request.headers.get("content-type", "").startswith(_PLAIN):
        try:
            return parse_object(request.body)
        except AiWebhookError:
            pass
    return {"text": request.body.decode("utf-8", "replace")}


def _text_of(fields: Json, name: str) -> str:
    value: Any = fields.get(name)
    return value if isinstance(value, str) else ""


def _zone(name: str) -> tzinfo:
    """UTC if there is no zone of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC
