"""Runs that end together on a whole local stack, and when the chats that follow them learn it."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiwebhook.client.runs import Run
from aiwebhook_local.stack import running_stack
from aiwebhook_local.trusted_authority import trust
from tests.support.fake_chat import Arrival, FakeChat, chat_receiver
from tests.support.tenant import Tenant, tenant
from tests.support.tls import Tls

_WORK = {"action_type": "git", "params": {"command": ["git", "status"]}}
_KIND = "task.updated"
_PROJECTS, _SESSIONS = 10, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedSession:
    """A session whose tasks are followed by one chat, which follows nothing else."""

    project: Tenant
    session_id: str
    chat: FakeChat

    def claimed(self) -> Run:
        """Claim a run of a new task."""
        self.project.delegate(self.session_id, "local", input_data=_WORK)
        run = self.project.client.claim_run(worker_id="bench", agents=["local"], wait_s=20)
        if run is None:
            raise RuntimeError("a task that was delegated cannot be claimed")
        return run


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvents:
    """A hundred sessions on a running stack, each followed by webhook over TLS."""

    sessions: list[FollowedSession]

    def delays(self, *, at_once: int) -> list[float]:
        """End a run of each session, `at_once` at a time; seconds from the terminal write (when its
        transaction began) to the arrival at the receiver.
        """
        before = [len(each.chat.hook.posts) for each in self.sessions]
        runs = [each.claimed() for each in self.sessions]
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(_complete, runs))
        for each, posts in zip(self.sessions, before, strict=True):
            each.chat.hook.wait_for(posts + 1, within_s=120)
        return [
            _delay_s(each.chat.hook.posts[posts])
            for each, posts in zip(self.sessions, before, strict=True)
        ]


@contextmanager
def stack_events(folder: Path) -> Generator[StackEvents]:
    """Run a stack with chats and their receiver, warmed up, until the block ends. It has ten
    projects, because one principal may have fifty subscriptions and 200 wakes.
    """
    folder.mkdir(exist_ok=True)
    tls = Tls(folder, name="127.0.0.1")
    with ExitStack() as opened:
        stack = opened.enter_context(running_stack(home=folder / ".local", port=0))
        trust(stack.aws, tls.authority)
        receiver = opened.enter_context(chat_receiver(tls.server))
        sessions: list[FollowedSession] = []
        for _ in range(_PROJECTS):
            project = opened.enter_context(tenant(stack))
            project.sql("UPDATE agents SET max_concurrent = 1000 WHERE project_id = %(project_id)s")
            for _ in range(_SESSIONS):
                chat = FakeChat(server=f"{stack.url}/mcp", token=project.key, hook=receiver.hook())
                session_id = project.session()
                chat.subscribed(_KIND, arguments={"session_id": session_id})
                sessions.append(FollowedSession(project=project, session_id=session_id, chat=chat))
        events = StackEvents(sessions=sessions)
        events.delays(at_once=10)
        yield events


def _complete(run: Run) -> None:
    with run:
        run.complete(output={"success": True}, exit_code=0)


def _delay_s(arrival: Arrival) -> float:
    written = datetime.fromisoformat(arrival.document["timestamp"])
    return arrival.at - written.timestamp()
