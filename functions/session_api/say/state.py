"""Where a spoken conversation is: what `it` means, which question is open, what was said."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

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


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Thing(_Kept):
    """A task, session or agent by its id, and what it is called when spoken of."""

    id: str
    title: str


class OpenQuestion(_Kept):
    """A question of ours. `until`: Unix time in seconds."""

    asks: Asks
    options: tuple[Thing, ...]
    text: str = ""
    until: float


class State(_Kept):
    """What is kept from one sentence to the next; without any of it a conversation begins.

    `focus`: the task that `it` means. `agent`: the last one that got work. `said`: the last reply;
    `rest`: what `more` goes on with. `told`: ids of the news that the last reply spoke, which the
    next sentence acknowledges. `language`: of the last sentence.
    """

    session_id: str | None = None
    focus: Thing | None = None
    agent: Thing | None = None
    question: OpenQuestion | None = None
    said: str = ""
    rest: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    language: str | None = None
