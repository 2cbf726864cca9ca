"""From what was meant to what is done and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.say_text import LONGEST_CHARS, cut, speakable_sentence
from aiwebhook.errors import AiWebhookError, Conflict, Invalid, NotFound
from session_api.say import about_contents, about_tasks
from session_api.say.grammar.intent import Heard, Intent, IntentKind
from session_api.say.grammar.reading import read_intent
from session_api.say.grammar.text import words_of
from session_api.say.matching import best_matches
from session_api.say.phrases import Phrasebook
from session_api.say.state import Asks, OpenQuestion, State, Thing
from session_api.say.turn import SayTurn, Spoken

_NAME_WORDS = 6
_ROOM_FOR_NEWS = 40
_SESSION_GONE = frozenset({"session_not_found", "session_completed"})
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SayOutcome:
    """The reply, and where the conversation is now."""

    reply: Json
    state: State


def act(turn: SayTurn, text: str, *, language: str) -> SayOutcome:
    """Work on one sentence. Raises errors.*."""
    _acknowledge(turn)
    question = _open_question(turn)
    heard = Heard(
        agents=turn.agent_names(),
        pending=question is not None,
        asked=len(turn.waiting()) == 1,
        language=turn.state.language or language,
    )
    intent = read_intent(text, heard)
    turn.phrases = Phrasebook(intent.language)
    turn.state = turn.state.model_copy(
        update={"language": intent.language, "question": None, "told": ()}
    )
    try:
        spoken = _spoken(turn, question, intent, text)
    except (NotFound, Conflict) as error:
        if turn.state.session_id is None or error.code not in _SESSION_GONE:
            raise
        # It was deleted or completed meanwhile: what was said is kept in the session of the day.
        turn.leave_session()
        spoken = _spoken(turn, question, intent, text)
    return _told(turn, intent, spoken)


def say_refusal(turn: SayTurn, error: AiWebhookError) -> SayOutcome:
    """The refusal, said. No question stays open, so that nothing is answered by accident."""
    cause = speakable_sentence(error.detail) if turn.phrases.language == "en" else None
    say = turn.phrases("ended") if error.code == "task_ended" else cause or turn.phrases("refused")
    state = turn.state.model_copy(update={"said": say, "question": None})
    return SayOutcome(reply=say_reply(say, "failed"), state=state)


def say_reply(say: str, intent: str, *, ask: bool = False, updates: Sequence[Json] = ()) -> Json:
    """The body of an answer, but for its conversation (docs/wire.md)."""
    return {"say": say, "ask": ask, "intent": intent, "updates": list(updates)}


def _spoken(turn: SayTurn, question: OpenQuestion | None, intent: Intent, text: str) -> Spoken:
    answered = None if question is None else _answered(turn, question, intent, text)
    return answered or _ACTS[intent.kind](turn, intent)


def _acknowledge(turn: SayTurn) -> None:
    """What the last reply spoke was heard: the person went on. News that is gone needs nothing."""
    if turn.state.told:
        with suppress(NotFound, Invalid):
            turn.run("ack_updates", {"ids": list(turn.state.told)})


def _open_question(turn: SayTurn) -> OpenQuestion | None:
    question = turn.state.question
    if question is None or question.until < turn.arrived_at.timestamp():
        return None
    return question


def _answered(turn: SayTurn, question: OpenQuestion, intent: Intent, text: str) -> Spoken | None:
    """What an answer to our question brings about; None: the sentence is none."""
    if intent.kind is IntentKind.NO:
        return turn.saying(turn.phrases("all_right"))
    chosen = _chosen(turn, question, intent, text)
    if chosen is None:
        return None
    match question.asks:
        case Asks.CANCEL | Asks.WHICH_TASK:
            return about_tasks.cancel(turn, chosen)
        case Asks.GIVE | Asks.WHICH_AGENT:
            return about_tasks.give(turn, chosen, question.text)
        case Asks.WHICH_QUESTION:
            return about_tasks.answer_question(turn, chosen, question.text)
        case Asks.WHICH_SESSION:
            return about_contents.enter(turn, chosen)


def _chosen(turn: SayTurn, question: OpenQuestion, intent: Intent, text: str) -> Thing | None:
    """The option that was meant: by yes where there is one, by its place, or by its name."""
    options = question.options
    if intent.kind is IntentKind.YES:
        return options[0] if len(options) == 1 else None
    if intent.kind is IntentKind.CHOICE and intent.number is not None:
        place = intent.number - 1 if intent.number > 0 else len(options) - 1
        return options[place] if place < len(options) else None
    if len(words_of(text)) > _NAME_WORDS or question.asks in (Asks.CANCEL, Asks.GIVE):
        return None
    named = best_matches(text, options, intent.language)
    if len(named) == 1:
        return named[0]
    return _other_agent(turn, text) if question.asks is Asks.WHICH_AGENT else None


def _other_agent(turn: SayTurn, text: str) -> Thing | None:
    """One that we did not offer."""
    agents = [turn.agent(row.agent_name) for row in turn.agents]
    named = best_matches(text, agents, turn.phrases.language)
    return named[0] if len(named) == 1 else None


def _again(turn: SayTurn, _intent: Intent) -> Spoken:
    return turn.saying(turn.state.said or turn.phrases("said_nothing"))


def _more(turn: SayTurn, _intent: Intent) -> Spoken:
    if not turn.state.rest:
        return turn.saying(turn.phrases("no_more"))
    first, *rest = turn.state.rest
    return turn.saying(first, rest=tuple(rest))


def _choice(turn: SayTurn, intent: Intent) -> Spoken:
    """A name that is none of those offered is kept, as whatever is said."""
    return about_contents.note(turn, intent) if intent.text else _nothing_asked(turn, intent)


def _nothing_asked(turn: SayTurn, _intent: Intent) -> Spoken:
    return turn.saying(turn.phrases("nothing_asked"))


_ACTS: Mapping[IntentKind, Callable[[SayTurn, Intent], Spoken]] = {
    IntentKind.YES: _nothing_asked,
    IntentKind.NO: _nothing_asked,
    IntentKind.CHOICE: _choice,
    IntentKind.REPLY: about_tasks.reply,
    IntentKind.NEWS: about_tasks.news,
    IntentKind.DELEGATE: about_tasks.delegate,
    IntentKind.REMEMBER: about_contents.remember,
    IntentKind.RECALL: about_contents.recall,
    IntentKind.STOP: about_tasks.stop,
    IntentKind.OPEN: about_contents.start_session,
    IntentKind.SWITCH: about_contents.switch_session,
    IntentKind.AGAIN: _again,
    IntentKind.MORE: _more,
    IntentKind.NOTE: about_contents.note,
}


def _told(turn: SayTurn, intent: Intent, spoken: Spoken) -> SayOutcome:
    """With the news that has room in one breath."""
    found = _news_of(spoken)
    say, told = _with_news(turn, spoken.say, found)
    state = spoken.state.model_copy(update={"said": say, "told": told})
    ask = state.question is not None
    updates = [_update(update) for update in found]
    return SayOutcome(
        reply=say_reply(say, intent.kind.value, ask=ask, updates=updates), state=state
    )


def _news_of(spoken: Spoken) -> list[Json]:
    if spoken.reply is None:
        return []
    if spoken.tells_news:
        return spoken.reply.data["updates"]
    return [*spoken.reply.updates, *spoken.reply.elsewhere]


def _with_news(turn: SayTurn, say: str, found: list[Json]) -> tuple[str, tuple[str, ...]]:
    told: list[str] = []
    for update in found:
        room = LONGEST_CHARS - len(say) - 1
        if room < _ROOM_FOR_NEWS or len(told) == 2:
            break
        sentence = cut(_sentence(turn, update), room, most=1)
        say = f"{say} {sentence}".strip()
        told.append(update["id"])
    left = len(found) - len(told)
    if left and told:
        rest = turn.phrases("one_more") if left == 1 else turn.phrases("more_news", count=left)
        if len(say) + len(rest) < LONGEST_CHARS:
            say = f"{say} {rest}"
    return say, tuple(told)


def _sentence(turn: SayTurn, update: Json) -> str:
    """With the session's title, where it is another one than we are in."""
    elsewhere = update.get("session_id") not in (None, turn.state.session_id)
    place = update.get("session_title") if elsewhere else None
    return f"{place}: {update['say']}" if place else update["say"]


def _update(update: Json) -> Json:
    return {
        "say": update["say"],
        "status": update["type"].removeprefix("task."),
        "title": update.get("session_title"),
    }
