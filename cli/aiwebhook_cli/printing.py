"""What commands print: tables for people, JSON for programs, errors as one sentence and a next
step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.target import Globals

if TYPE_CHECKING:
    from rich.console import Console

Json = dict[str, Any]
_STYLES = {
    "active": "green",
    "available": "green",
    "completed": "green",
    "delivered": "green",
    "running": "cyan",
    "claimed": "cyan",
    "busy": "cyan",
    "pending": "yellow",
    "paused": "yellow",
    "input_required": "magenta",
    "failed": "red",
    "offline": "red",
    "error": "red",
    "cancelled": "dim",
}


_SENTENCES = frozenset({"title", "description", "say", "content", "name"})
_SHORTEST, _GAP = 10, 2  # columns: of a sentence that is cut, and between two
_UNCUT = 10_000  # columns: what is piped into a program is never cut


def console(*, stderr: bool = False) -> Console:
    """Colour on a terminal only; NO_COLOR is honoured."""
    from rich.console import Console  # noqa: PLC0415 60 ms that --help and --json do without

    on_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, highlight=False, width=None if on_terminal else _UNCUT)


def print_json(value: object) -> None:
    """For programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_line(value: object) -> None:
    """One JSON value on one line, at once: a reader may be waiting."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def print_rows(
    told: Globals, body: Json, rows: Sequence[Json], columns: Sequence[str], *, nothing: str
) -> None:
    """A list: the whole answer as JSON, or a table of some columns."""
    if told.json:
        print_json(body)
        return
    screen = console()
    if not rows:
        screen.print(nothing, markup=False)
        return
    from rich.table import Table  # noqa: PLC0415 as in console()

    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [[_cell(column, row.get(column)) for column in columns] for row in rows]
    least = 0
    for column in columns:
        # Only sentences may be cut; what a person copies or compares is shown whole, and rather
        # makes the lines longer than the terminal.
        texts = (column, *(str(row.get(column)) for row in rows))
        width = _SHORTEST if column in _SENTENCES else max(map(len, texts))
        table.add_column(column.replace("_", " "), no_wrap=True, min_width=width)
        least += width + _GAP
    screen.width = max(screen.width, least)
    for line in cells:
        table.add_row(*line)
    screen.print(table)
    if body.get("next_cursor"):
        screen.print(f"More: add --cursor {body['next_cursor']}", style="dim", markup=False)


def print_fields(told: Globals, body: Json, *, say: str | None = None) -> None:
    """One thing: as JSON, or a line per field that says something."""
    if told.json:
        print_json(body)
        return
    screen = console()
    if say:
        screen.print(say, style="bold", markup=False)
    width = max((len(name) for name in body), default=0)
    for name, value in body.items():
        if value not in (None, [], {}, ""):
            label = f"[dim]{name.replace('_', ' '):<{width}}[/]"
            screen.print(f"{label}  {_cell(name, value)}")


def print_done(told: Globals, body: Json, sentence: str) -> None:
    """Something was done."""
    if told.json:
        print_json(body)
    else:
        console().print(f"[green]✓[/] {plain(sentence)}")


def print_failed(sentence: str, remedy: str) -> None:
    """Something of theirs did not work: why, and what to do; for people only."""
    screen = console()
    screen.print(f"[red]✗[/] {plain(sentence)}")
    if remedy:
        screen.print(f"  [bold]→[/] {plain(remedy)}")


def print_error(told: Globals, error: AiWebhookError) -> None:
    """One sentence and the next step, on standard error; never a trace."""
    if told.json:
        problem: Json = {"code": error.code, "detail": error.detail, "remedy": error.remedy}
        if error.errors:
            problem["errors"] = [{"pointer": e.pointer, "message": e.message} for e in error.errors]
        print(json.dumps(problem, ensure_ascii=False), file=sys.stderr)
        return
    screen = console(stderr=True)
    screen.print(f"[bold red]Error:[/] {plain(error.detail)}")
    for fault in error.errors[1:]:
        screen.print(f"       {plain(fault.pointer)} {plain(fault.message)}")
    screen.print(f"  [bold]→[/] {plain(error.remedy)}")


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(v, str) for v in cast("list[object]", value)):
        return plain(", ".join(cast("list[str]", value)))
    if isinstance(value, (dict, list)):
        return plain(json.dumps(value, ensure_ascii=False))
    if name == "status":
        return f"[{_STYLES.get(str(value), 'default')}]{plain(str(value))}[/]"
    if name.endswith("_at") or name in ("created", "last_activity", "time"):
        return plain(str(value).replace("T", " ").split(".")[0].removesuffix("Z"))
    return plain(str(value))


def plain(text: str) -> str:
    """Text of others without markup, and without the control characters that could drive a
    terminal.
    """
    from rich.markup import escape  # noqa: PLC0415 as in console()

    safe = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)
    return escape(safe)
