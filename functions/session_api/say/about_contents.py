"""What is kept: notes, memories, sessions."""

from __future__ import annotations

from dataclasses import replace

from aiwebhook.domain.say_phrases import gist, title
from aiwebhook.domain.say_text import LONGEST_CHARS, capitalized, cut
from session_api.say.grammar.intent import Intent
from session_api.say.matching import tell_tale, things_named
from session_api.say.state import Asks, Thing
from session_api.say.turn import SayTurn, Spoken

_FOUND = 2
_SESSIONS = 50


def note(turn: SayTurn, intent: Intent) -> Spoken:
    """Keep the sentence in the conversation; offer it to the agent that worked last."""
    reply = turn.run("append_conversation", {"content": intent.text}, session_id=turn.session())
    agent = turn.state.agent
    if agent is None:
        return turn.saying(turn.phrases("noted"), reply)
    return replace(turn.asking(Asks.GIVE, [agent], "give", text=intent.text), reply=reply)


def remember(turn: SayTurn, intent: Intent) -> Spoken:
    """Store a memory."""
    memory = intent.memory or "note"
    data = {"type": memory, "content": intent.text}
    reply = turn.run("store_memory", data, session_id=turn.session())
    return turn.saying(turn.phrases.kept(memory), reply)


def recall(turn: SayTurn, intent: Intent) -> Spoken:
    """The memories that fit best, of all sessions."""
    found = turn.api.spoken.recall_memories(
        project_id=turn.caller.project_id,
        memory_type=intent.memory,
        words=tell_tale(intent.text, intent.language),
        limit=_FOUND + 1,
    )
    gists = [text for text in (gist(memory.content) for memory in found) if text]
    if not gists:
        return turn.saying(turn.phrases("nothing_found"))
    breaths = [capitalized(f"{text}.") for text in gists]
    say = cut(" ".join(breaths[:_FOUND]), LONGEST_CHARS)
    return turn.saying(say, rest=tuple(breath for breath in breaths if breath not in say))


def start_session(turn: SayTurn, intent: Intent) -> Spoken:
    """A new session, in which the conversation goes on."""
    name = title(intent.text)
    reply = turn.run("create_session", {"title": intent.text[:500]} if name else {})
    say = turn.phrases("opened", title=name) if name else turn.phrases("opened_untitled")
    return turn.saying(say, reply, session_id=reply.session_id)


def switch_session(turn: SayTurn, intent: Intent) -> Spoken:
    """Go on in another session; ask where two have such a title."""
    listed = turn.run("list_sessions", {"limit": _SESSIONS}, quietly=True)
    sessions = [
        Thing(id=each["session_id"], title=title(each["title"] or each["session_id"]))
        for each in listed.data["sessions"]
    ]
    found = things_named(intent.text, sessions, intent.language)
    if not found:
        return turn.saying(turn.phrases("no_session"))
    if len(found) == 1:
        return enter(turn, found[0])
    return turn.asking(Asks.WHICH_SESSION, found, "which_session")


def enter(turn: SayTurn, session: Thing) -> Spoken:
    """Raises errors.*."""
    reply = turn.run("resume_session", {}, session_id=session.id)
    say = turn.phrases("in_session", title=session.title)
    return turn.saying(say, reply, session_id=session.id, focus=None)
