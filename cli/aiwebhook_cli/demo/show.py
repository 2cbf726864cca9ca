"""Shows the story: what was understood, the hops with their milliseconds, the brief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from rich.console import Group
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from aiwebhook.domain.plain_text import plain_text
from aiwebhook_cli.demo.story import AgentRun, Story
from aiwebhook_cli.live import usage_text
from aiwebhook_cli.screen import Screen, styled

DONE_MARK = ("• ", "green")
_SHOWN = 3  # memories of each type; the rest is counted
_TYPES = ("decision", "action_item", "question", "risk", "idea")


def show_story(story: Story, console: Screen) -> None:
    """Print everything worth seeing."""
    console.print(_memories(story))
    for run in story.runs:
        console.print(_timeline(run))
    brief = Markdown(plain_text(story.brief), hyperlinks=False)
    console.print(Panel(brief, title="brief.md, by researcher", border_style="dim"))


def show_agent_run(task: Mapping[str, Any], patch: str, *, live: bool, console: Screen) -> None:
    """The spoken result of an agent's run, its diff, what it has used."""
    agent: Mapping[str, Any] = task["output"]["agent"]
    usage: Mapping[str, Any] = task.get("usage") or {}
    model = agent.get("model") or ", ".join(usage.get("models", ())) or "its model"
    version = f"{task['agent_name']} {agent.get('version') or ''}".strip()
    console.print(styled(DONE_MARK, f"{version} says: “{task['say']}”"))
    diff = Syntax(plain_text(patch).strip(), "diff", background_color="default", word_wrap=True)
    console.print(Panel(diff, title="changes.patch", border_style="dim"))
    label = "" if live else " (of the fake model)"
    console.print(
        styled(DONE_MARK, f"{model}{label}: {usage_text(usage)}, metered by the gateway.\n")
    )


def _memories(story: Story) -> Table:
    table = Table(
        title="What conversation_processor understood", title_justify="left", show_lines=False
    )
    table.add_column("type", style="bold", no_wrap=True)
    table.add_column("what was said")
    table.add_column("chunk", style="dim", no_wrap=True)
    for kind in _TYPES:
        memories = story.memories[kind]
        for memory in memories[:_SHOWN]:
            table.add_row(
                kind, _words(memory["content"]), str(memory["source"].get("chunk_id", ""))
            )
        if len(memories) > _SHOWN:
            table.add_row(kind, Text(f"and {len(memories) - _SHOWN} more", style="dim"), "")
    return table


def _words(content: object) -> str:
    if isinstance(content, dict):
        fields = cast(dict[str, object], content)
        return str(fields.get("text") or fields)
    return str(content)


def _timeline(run: AgentRun) -> Group:
    table = Table(title=f"The path of one task: {run.agent_name}", title_justify="left")
    table.add_column("hop", style="bold", no_wrap=True)
    table.add_column("ms", justify="right")
    table.add_column("since the hop before", justify="right", style="dim")
    table.add_column("what happened", style="dim")
    for hop in run.hops:
        table.add_row(hop.name, f"{hop.ms:,}", f"+{hop.step_ms:,}", hop.what)
    return Group(
        table,
        Text(
            f"webhook-id {run.webhook_id}, verified by the standardwebhooks library\n", style="dim"
        ),
    )
