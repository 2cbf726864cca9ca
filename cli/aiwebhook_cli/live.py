"""What an agent does, as it happens: a line per event; on a terminal the figures stand below."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiwebhook_cli.json_shape import having
from aiwebhook_cli.printing import console, print_line
from aiwebhook_cli.target import Globals

if TYPE_CHECKING:
    from aiwebhook_cli.screen import Screen

Json = dict[str, Any]
_LONGEST = 300  # characters of one line
# CLIs name files in full; a person knows them from the root of the workspace.
_WORKSPACE = re.compile(r"(?<!\S)/\S*/aiwebhook-run-[^/\s]+/work/")
_VERBS = {
    "Read": "reads",
    "read_file": "reads",
    "Glob": "looks for",
    "Grep": "searches",
    "grep": "searches",
    "search_file_content": "searches",
    "WebSearch": "searches the web for",
    "google_web_search": "searches the web for",
    "WebFetch": "fetches",
    "web_fetch": "fetches",
    "Edit": "edits",
    "MultiEdit": "edits",
    "edit": "edits",
    "replace": "edits",
    "apply_patch": "edits",
    "file_change": "edits",
    "Write": "writes",
    "write": "writes",
    "write_file": "writes",
    "Bash": "runs",
    "bash": "runs",
    "shell": "runs",
    "exec_command": "runs",
    "command_execution": "runs",
    "run_shell_command": "runs",
}

_STYLES = {
    "message": "bold",
    "tool_call": "cyan",
    "file_changed": "green",
    "thinking": "dim",
    "task.completed": "green",
    "task.failed": "red",
}


def line_of(event: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Time, label and text of a line for people; None for an event that only moves the figures."""
    data: Json = event["data"]
    kind = data.get("kind") if event["type"] == "task.progress" else None
    if kind is None:
        label = event["type"].removeprefix("task.").removesuffix(".created")
        details = {**data, **data.get("error", {})}
        text = next(
            (details[n] for n in ("message", "say", "name", "status") if details.get(n)), ""
        )
    else:
        label, text = _label_and_text(str(kind), data)
    if not label:
        return None
    time = event["time"].partition("T")[2].removesuffix("Z")
    return time, label, _one_line(str(text))


def style_of(event: Mapping[str, Any]) -> str:
    """Of the label, in rich's words; nothing else is coloured."""
    data: Json = event["data"]
    kind = data.get("kind") if event["type"] == "task.progress" else event["type"]
    if kind == "tool_result":
        return "dim" if data.get("ok") else "red"
    return _STYLES.get(str(kind), "default")


def usage_of(event: Mapping[str, Any]) -> Json | None:
    """The cumulative figures of the attempt, when this is what the event tells."""
    data: Json = event["data"]
    is_usage = event["type"] == "task.progress" and data.get("kind") == "usage"
    return data if is_usage else None


def usage_text(usage: Mapping[str, Any]) -> str:
    """Such as: 3,000 tokens in (600 cached), 150 out, $0.0123."""
    cached, cost = usage.get("cached_input_tokens"), usage.get("cost_usd")
    text = f"{usage.get('input_tokens', 0):,} tokens in"
    if cached:
        text += f" ({cached:,} cached)"
    text += f", {usage.get('output_tokens', 0):,} out"
    if cost is None:
        return f"{text}, price unknown"
    estimated = " (estimated)" if usage.get("estimated") else ""
    return f"{text}, ${cost:.4f}{estimated}"


@contextmanager
def shown_live(
    options: Globals | None = None, *, screen: Screen | None = None
) -> Generator[Callable[[Json], None]]:
    """Give each event to what this yields; without options it is shown to a person."""
    if options is not None and options.json:
        yield lambda event: print_line(having(event, options.fields))
        return
    from aiwebhook_cli.screen import styled  # noqa: PLC0415 Rich costs 60 ms

    screen = screen or console()

    def show(event: Json) -> None:
        line = line_of(event)
        if line is not None:
            time, label, text = line
            label = f"{label:<9} " if text else label
            screen.print(styled(f"{time}  ", (label, style_of(event)), text), soft_wrap=True)

    if not screen.is_terminal:
        shown = ""

        def show_all(event: Json) -> None:
            nonlocal shown
            show(event)
            usage = usage_of(event)
            if usage is not None and usage_text(usage) != shown:
                shown = usage_text(usage)
                screen.print(f"{' ' * 10}usage     {shown}", soft_wrap=True)

        yield show_all
        return
    with screen.status("waiting for the agent …") as status:

        def show_with_figures(event: Json) -> None:
            show(event)
            usage = usage_of(event)
            if usage is not None:
                status.update(usage_text(usage))

        yield show_with_figures


def _label_and_text(kind: str, data: Json) -> tuple[str, str]:
    """How a run event is shown; an empty label: not worth a line."""
    labeller = _LABELLERS.get(kind)
    if labeller is not None:
        return labeller(data)
    percent = data.get("percent")
    share = "" if percent is None else f" ({percent:g} %)"
    return kind, f"{data.get('message', '')}{share}"


def _tool_call(data: Json) -> tuple[str, str]:
    name, summary = str(data.get("name", "")), data.get("summary") or ""
    verb = _VERBS.get(name)
    return (verb, summary) if verb else ("uses", f"{name} {summary}")


_LABELLERS: Mapping[str, Callable[[Json], tuple[str, str]]] = {
    "usage": lambda _data: ("", ""),
    "thinking": lambda _data: ("thinks", ""),
    "message": lambda data: ("says", data.get("text") or data.get("message") or ""),
    "tool_call": _tool_call,
    "tool_result": lambda data: ("ok" if data.get("ok") else "failed", data.get("summary") or ""),
    "file_changed": lambda data: (data.get("change") or "changed", data.get("path") or ""),
    "question": lambda data: ("asks", data.get("text") or ""),
    "result": lambda _data: ("", ""),  # the task's end tells it again
}


def _one_line(text: str) -> str:
    line = _WORKSPACE.sub("", " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
