"""Work: give it, ask after it, answer its questions, cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiwebhook.domain.say_text import say_text
from aiwebhook.domain.task import TERMINAL
from aiwebhook.ports.task_rows import TaskListing
from session_api.say.about_contents import note
from session_api.say.grammar.intent import Intent
from session_api.say.matching import names_all, names_nothing, things_named
from session_api.say.state import Asks, Thing
from session_api.say.turn import SayTurn, Spoken

_CHUNKS = 12


def delegate(turn: SayTurn, intent: Intent) -> Spoken:
    """Give work to the agent that was named; ask which one where none was."""
    if intent.agent is None:
        return _which_agent(turn, intent.text)
    waiting = turn.waiting(intent.agent)
    if len(waiting) == 1:
        return answer_question(turn, turn.thing(waiting[0]), intent.text)
    return give(turn, turn.agent(intent.agent), intent.text)


def give(turn: SayTurn, agent: Thing, text: str) -> Spoken:
    """Raises errors.*."""
    data = {"agent_name": agent.id, "description": text}
    reply = turn.run("delegate_task", data, session_id=turn.session())
    say = turn.phrases("given", agent=agent.title)
    queue: dict[str, Any] = reply.data.get("queue") or {}
    warning = queue.get("warning")
    task = Thing(id=reply.data["task_id"], title=text)
    return turn.saying(f"{say} {warning}" if warning else say, reply, focus=task, agent=agent)


def _which_agent(turn: SayTurn, text: str) -> Spoken:
    able = [turn.agent(row.agent_name) for row in turn.agents if row.status == "available"]
    if turn.state.agent is not None:
        able = [turn.state.agent, *(each for each in able if each.id != turn.state.agent.id)]
    if not able:
        return turn.saying(turn.phrases("no_agent"))
    return turn.asking(Asks.WHICH_AGENT, able, "give_whom", text=text)


def stop(turn: SayTurn, intent: Intent) -> Spoken:
    """Ask back before anything is cancelled."""
    live = turn.live_tasks(intent.agent)
    if not live:
        return turn.saying(turn.phrases("nothing_runs"))
    meant = _meant(turn, intent, live)
    if meant is None:
        spoken = note(turn, intent)
        return replace(spoken, say=turn.phrases("unknown_task"))
    if len(meant) == 1:
        return turn.asking(Asks.CANCEL, meant, "cancel")
    return turn.asking(Asks.WHICH_TASK, meant, "cancel_which")


def cancel(turn: SayTurn, task: Thing) -> Spoken:
    """Raises errors.*."""
    reply = turn.run("cancel_task", {"task_id": task.id})
    if reply.data["cancel_requested"]:
        agent = turn.agent(reply.data["agent_name"]).title
        return turn.saying(turn.phrases("stopping", agent=agent), reply, focus=task)
    return turn.saying(turn.phrases("cancelled"), reply, focus=task)


def reply(turn: SayTurn, intent: Intent) -> Spoken:
    """Pass an answer on to the agent that asked; to the one spoken of where none did."""
    waiting = [turn.thing(task) for task in turn.waiting(intent.agent)]
    focus = turn.state.focus
    if focus is not None and any(task.id == focus.id for task in waiting):
        return answer_question(turn, focus, intent.text)
    if len(waiting) == 1:
        return answer_question(turn, waiting[0], intent.text)
    if waiting:
        return turn.asking(Asks.WHICH_QUESTION, waiting, "reply_which", text=intent.text)
    if focus is not None and any(task.task_id == focus.id for task in turn.live_tasks()):
        return answer_question(turn, focus, intent.text)
    return replace(note(turn, intent), say=turn.phrases("nobody_asks"))


def answer_question(turn: SayTurn, task: Thing, text: str) -> Spoken:
    """Raises errors.*."""
    reply = turn.run("reply_to_task", {"task_id": task.id, "message": text})
    agent = turn.agent(reply.data["agent_name"]).title
    return turn.saying(turn.phrases("passed_on", agent=agent), reply, focus=task)


def news(turn: SayTurn, intent: Intent) -> Spoken:
    """What has finished; how one task stands, where one is named."""
    name = intent.text
    agent = intent.agent
    if agent is None and name:
        agent = turn.agent_names().meant(name)
    if name and agent is None and not names_nothing(name, intent.language):
        return _named_task(turn, intent)
    if agent is not None:
        tasks = turn.tasks(agent)
        return (
            _known_task(turn, turn.thing(tasks[0]))
            if tasks
            else turn.saying(turn.phrases("no_task"))
        )
    if name and turn.state.focus is not None:
        return _known_task(turn, turn.state.focus)
    return _everything_new(turn)


def _everything_new(turn: SayTurn) -> Spoken:
    found = turn.run("get_updates", {"limit": 20})
    if found.data["updates"]:
        return Spoken(say="", reply=found, state=turn.state, tells_news=True)
    agents = {task.agent_name: None for task in turn.live_tasks()}
    if not agents:
        return turn.saying(turn.phrases("nothing_new"))
    titles = [turn.agent(name).title for name in agents]
    return turn.saying(turn.phrases("running", agents=turn.phrases.working(titles)))


def _named_task(turn: SayTurn, intent: Intent) -> Spoken:
    things = [turn.thing(task) for task in turn.tasks()]
    found = things_named(intent.text, things, intent.language)
    if not found:
        return turn.saying(turn.phrases("no_task"))
    # Of several with one name the newest is meant.
    return _known_task(turn, found[0])


def _known_task(turn: SayTurn, task: Thing) -> Spoken:
    found = turn.run("get_task", {"task_id": task.id})
    status = found.data["status"]
    agent = turn.agent(found.data["agent_name"]).title
    if status in TERMINAL:
        return turn.saying(found.say, found, focus=task, rest=_rest(found.data, found.say))
    if status == "input_required":
        say = turn.phrases("asking_task", agent=agent)
    else:
        name = "pending_task" if status == "pending" else "running_task"
        say = turn.phrases(name, agent=agent)
    return turn.saying(say, found, focus=task)


def _rest(task: dict[str, Any], said: str) -> tuple[str, ...]:
    """What the agent wrote, in breaths, without what was said already."""
    output: dict[str, Any] = task.get("output") or {}
    text = output.get("text")
    if not isinstance(text, str):
        return ()
    breaths = [say_text(line) for line in text.splitlines()]
    return tuple(breath for breath in breaths if breath and breath not in said)[:_CHUNKS]


def _meant(turn: SayTurn, intent: Intent, live: Sequence[TaskListing]) -> list[Thing] | None:
    """The tasks that were named; None: a name that fits none."""
    things = [turn.thing(task) for task in live]
    if intent.agent is None and not names_nothing(intent.text, intent.language):
        return things_named(intent.text, things, intent.language) or None
    focus = None if names_all(intent.text, intent.language) else turn.state.focus
    if intent.agent is None and focus is not None:
        same = [thing for thing in things if thing.id == focus.id]
        return same or things
    return things
