"""One sentence under way: whose it is, where its conversation is, and how it runs commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.envelope import NO_READER
from aiwebhook.commands.execute import execute
from aiwebhook.domain.identity import Caller
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.domain.say_phrases import title
from aiwebhook.domain.task import TERMINAL
from aiwebhook.ports.command_rows import Page
from aiwebhook.ports.task_rows import TaskListing
from session_api.say.grammar.agents import AgentNames
from session_api.say.phrases import Phrasebook
from session_api.say.state import QUESTION_S, Asks, OpenQuestion, State, Thing

if TYPE_CHECKING:
    from aiwebhook.ports.listed_rows import AgentRow
    from aiwebhook.wiring.session_api import SessionApi

LOOKED_AT_TASKS = 50
_OFFERED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What is said in return. `reply`: of the command that was run; its news are told with it.
    `state`: what is to be remembered.
    """

    say: str
    state: State
    reply: Reply | None = None
    tells_news: bool = False
    """`reply` is the news itself."""


@dataclass(slots=True, kw_only=True)
class SayTurn:
    """`key` makes the commands of this sentence run once, however often it is worked on."""

    api: SessionApi
    caller: Caller
    request_id: str
    correlation_id: str
    arrived_at: datetime
    key: str
    reader: str
    state: State
    zone: tzinfo
    phrases: Phrasebook
    agents: Sequence[AgentRow]
    """Those of the project."""
    waits: Sequence[TaskListing]
    """The newest tasks whose agents wait for an answer."""
    _runs: int = 0

    def run(
        self,
        command: str,
        data: dict[str, Any],
        *,
        session_id: str | None = None,
        quietly: bool = False,
    ) -> Reply:
        """Run a command, once per sentence. `quietly`: no news beside it. Raises errors.*."""
        self._runs += 1
        return execute(
            self.api.commands,
            CommandRequest(
                caller=self.caller,
                command=command,
                session_id=session_id,
                data=data,
                request_id=self.request_id,
                correlation_id=self.correlation_id,
                arrived_at=self.arrived_at,
                idempotency_key=f"{self.key}:{self._runs}",
                pointer="",
                reader=NO_READER if quietly else self.reader,
            ),
        )

    def session(self) -> str:
        """The conversation's session: the one it was put in, else that of the day."""
        if self.state.session_id is None:
            day = self.arrived_at.astimezone(self.zone).date().isoformat()
            opened = self.run(
                "create_session",
                {"title": self.phrases("day", day=day)},
                session_id=f"spoken-{day}-{self.phrases.language}",
                quietly=True,
            )
            self.state = self.state.model_copy(update={"session_id": opened.session_id})
        if self.state.session_id is None:
            raise AssertionError("a session that was opened has an id")
        return self.state.session_id

    def leave_session(self) -> None:
        """Go on in the session of the day; what was refused in the other one was not done."""
        self.state = self.state.model_copy(update={"session_id": None, "focus": None})
        self.key = f"{self.key}:again"

    def agent_names(self) -> AgentNames:
        """For the grammar."""
        return AgentNames.of(
            (row.agent_name, agent_display_name(row.agent_name, row.title), row.aliases)
            for row in self.agents
        )

    def agent(self, name: str) -> Thing:
        """An agent as one speaks of it."""
        known = next((row.title for row in self.agents if row.agent_name == name), None)
        return Thing(id=name, title=self.phrases.agent(agent_display_name(name, known)))

    def waiting(self, agent: str | None = None) -> list[TaskListing]:
        """The newest tasks whose agents wait for an answer; of one agent, where one is named."""
        return [task for task in self.waits if agent in (None, task.agent_name)]

    def live_tasks(self, agent: str | None = None) -> list[TaskListing]:
        """Those of them that have not ended."""
        return [task for task in self.tasks(agent) if task.status not in TERMINAL]

    def tasks(self, agent: str | None = None) -> list[TaskListing]:
        """The newest of the project, or of one agent."""
        return self.api.commands.store.list_tasks(
            project_id=self.caller.project_id,
            session_id=None,
            status=None,
            agent_name=agent,
            page=Page(limit=LOOKED_AT_TASKS),
        )

    def thing(self, task: TaskListing) -> Thing:
        """A task as one speaks of it."""
        name = title(task.description or task.task_type or "")
        return Thing(id=task.task_id, title=name or self.agent(task.agent_name).title)

    def asking(
        self, asks: Asks, options: Sequence[Thing], phrase: str, *, text: str = ""
    ) -> Spoken:
        """A question of ours, to be answered by the next sentence: a phrase with `options`, at most
        three of them.
        """
        offered = tuple(options[:_OFFERED])
        titles = self.phrases.options([option.title for option in offered])
        until = self.arrived_at.timestamp() + QUESTION_S
        question = OpenQuestion(asks=asks, options=offered, text=text, until=until)
        return self.saying(self.phrases(phrase, options=titles), question=question)

    def saying(self, say: str, reply: Reply | None = None, **changes: object) -> Spoken:
        """Something said, and what is to be remembered beside it: fields of State."""
        return Spoken(say=say, reply=reply, state=self.state.model_copy(update=changes))
