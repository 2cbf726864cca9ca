"""Which agents there are, what each can do, and whether it can work now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.delegation import require_agent
from aiwebhook.commands.fields import AgentName, CommandData
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.agent_kind import works_on_files
from aiwebhook.domain.counted import counted
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.domain.say_phrases import count_in_words, listed
from aiwebhook.domain.say_text import capitalized, speakable_sentence
from aiwebhook.ports.command_rows import Json
from aiwebhook.ports.listed_rows import AgentRow

_NAMED = 4


class Data(CommandData):
    """All of them, or one, by its name or alias, with what it takes and returns."""

    agent_name: AgentName | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound for an unknown agent."""
    rows: Sequence[AgentRow] = services.store.describe_agents(project_id=context.project_id)
    if command.agent_name is not None:
        wanted = require_agent(services, context, command.agent_name).agent_name
        rows = [row for row in rows if row.agent_name == wanted]
    agents = [_shown(row, whole=command.agent_name is not None) for row in rows]
    return Outcome(
        data={"agents": agents, "count": len(agents)}, session_id=context.session_id or None
    )


def _shown(row: AgentRow, *, whole: bool) -> Json:
    agent: Json = {
        "agent_name": row.agent_name,
        "agent_title": agent_display_name(row.agent_name, row.title),
        "aliases": list(row.aliases),
        "description": row.description,
        "capabilities": list(row.capabilities),
        "takes_repository": works_on_files(row.kind),
        "can_work": row.status in ("available", "busy"),
        "status": row.status,
        "reason": _reason(row),
        "running": row.running,
        "queued": row.queued,
        "max_concurrent": row.max_concurrent,
    }
    if not whole:
        return agent
    return agent | {
        "input_schema": row.input_schema,
        "output_schema": row.output_schema,
        "timeout_s": row.timeout_s,
        "max_attempts": row.max_attempts,
        "max_cost_usd": row.max_cost_usd,
    }


def _reason(row: AgentRow) -> str | None:
    """Why a task would not start at once, in one sentence."""
    name = agent_display_name(row.agent_name, row.title)
    agent = capitalized(name)
    match row.status:
        case "available":
            return None
        case "busy":
            most = counted(row.max_concurrent, "task")
            return f"{agent} works on {most}, as many as it may; a new one waits its turn."
        case "offline":
            return f"No worker that does the work of {name} is connected."
        case _:
            return row.status_reason or f"{agent} cannot start."


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """Who can work now; then who cannot, with the reason where it is one."""
    agents: Sequence[Json] = data["agents"]
    message = counted(data["count"], "agent").capitalize()
    ready = [agent["agent_title"] for agent in agents if agent["can_work"]]
    others = [agent for agent in agents if not agent["can_work"]]
    say = [f"{capitalized(_names(ready))} can work now."] if ready else []
    if len(others) == 1:
        reason = speakable_sentence(others[0]["reason"] or "")
        say.append(reason or f"{capitalized(others[0]['agent_title'])} cannot work now.")
    elif others:
        say.append(f"{capitalized(_names([a['agent_title'] for a in others]))} cannot work now.")
    return Phrase(message=message, say=" ".join(say) or "There are no agents in this project.")


def _names(titles: Sequence[str]) -> str:
    if len(titles) <= _NAMED + 1:
        return listed(titles)
    return f"{', '.join(titles[:_NAMED])} and {count_in_words(len(titles) - _NAMED, 'other')}"
