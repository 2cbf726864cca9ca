"""What somebody may mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from session_api.say.grammar.agents import NOBODY, AgentNames


class IntentKind(StrEnum):
    """The ten rules, and the three answers to a question of ours."""

    YES = "yes"
    NO = "no"
    CHOICE = "choice"
    """One of the things that were offered: `number`, 1 the first, -1 the last."""
    REPLY = "reply"
    """`text` is for an agent that has asked."""
    NEWS = "news"
    """What has finished; `text` names one task, where one was named."""
    DELEGATE = "delegate"
    """`text` is work for `agent`; no agent: which one is to be asked for."""
    REMEMBER = "remember"
    """`text` is a memory of the type `memory`."""
    RECALL = "recall"
    """`text` is to be found among the memories; `memory` where only one type is meant."""
    STOP = "stop"
    """The task that `text` names is to be cancelled; empty: the one spoken of."""
    OPEN = "open"
    """A new session with the title `text`; empty: without one."""
    SWITCH = "switch"
    """Go on in the session that `text` names."""
    AGAIN = "again"
    MORE = "more"
    NOTE = "note"
    """Anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A sentence, read. `language` is that of the rule, or the likelier one of a note."""

    kind: IntentKind
    language: str
    text: str = ""
    agent: str | None = None
    memory: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the rules must know of the conversation.

    `pending`: a question of ours is open. `asked`: exactly one agent waits for an answer.
    `language`: of the locale, or of the last sentence.
    """

    agents: AgentNames = NOBODY
    pending: bool = False
    asked: bool = False
    language: str = "en"
