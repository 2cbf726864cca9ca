"""Where a spoken conversation is: what `it` means, which question is open, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

Json = dict[str, Any]
QUESTION_S = 120
"""How long a question of ours waits for its answer."""


class Asks(StrEnum):
    """What a question of ours is about."""

    CANCEL = "cancel"
    """Cancel the task that is its only option?"""
    GIVE = "give"
    """Give `text` to the agent that is its only option?"""
    WHICH_AGENT = "which_agent"
    """Which of the options does `text`?"""
    WHICH_TASK = "which_task"
    """Which of the options is to be cancelled?"""
    WHICH_QUESTION = "which_question"
    """Which of the options is `text` the answer for?"""
    WHICH_SESSION = "which_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A task, session or agent by its id, and what it is called when spoken of."""

    id: str
    title: str

    @classmethod
    def of(cls, value: Json) -> Thing:
        """From JSON."""
        return cls(id=value["id"], title=value["title"])

    def as_json(self) -> Json:
        """To JSON."""
        return {"id": self.id, "title": self.title}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of ours. `until`: Unix time in seconds."""

    asks: Asks
    options: tuple[Thing, ...]
    text: str = ""
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is kept from one sentence to the next.

    `focus`: the task that `it` means. `agent`: the last one that got work. `said`: the last reply;
    `rest`: what `more` goes on with. `told`: ids of the news that the last reply spoke, which the
    next sentence acknowledges. `language`: of the last sentence.
    """

    session_id: str | None = None
    focus: Thing | None = None
    agent: Thing | None = None
    question: Question | None = None
    said: str = ""
    rest: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    language: str | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> State:
        """From JSON of an earlier sentence; {} begins a conversation."""
        question = cast("Json | None", value.get("question"))
        return cls(
            session_id=value.get("session_id"),
            focus=Thing.of(value["focus"]) if value.get("focus") else None,
            agent=Thing.of(value["agent"]) if value.get("agent") else None,
            question=None if question is None else _question(question),
            said=value.get("said", ""),
            rest=tuple(value.get("rest", ())),
            told=tuple(value.get("told", ())),
            language=value.get("language"),
        )

    def as_json(self) -> Json:
        """To JSON."""
        question = self.question
        return {
            "session_id": self.session_id,
            "focus": self.focus.as_json() if self.focus else None,
            "agent": self.agent.as_json() if self.agent else None,
            "question": None
            if question is None
            else {
                "asks": question.asks.value,
                "options": [option.as_json() for option in question.options],
                "text": question.text,
                "until": question.until,
            },
            "said": self.said,
            "rest": list(self.rest),
            "told": list(self.told),
            "language": self.language,
        }


def _question(value: Json) -> Question:
    return Question(
        asks=Asks(value["asks"]),
        options=tuple(Thing.of(option) for option in value["options"]),
        text=value["text"],
        until=value["until"],
    )
