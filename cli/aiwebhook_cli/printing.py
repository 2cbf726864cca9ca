"""What commands print: tables for people, JSON for programs, errors as one sentence and a next
step. Nothing else of the command line writes to standard output or standard error.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO, cast

from aiwebhook.clock import utc_now
from aiwebhook.domain.plain_text import plain_line, plain_text
from aiwebhook.errors import AiWebhookError, Invalid
from aiwebhook_cli.plain_table import table_lines
from aiwebhook_cli.tables import GAP, Column, fit
from aiwebhook_cli.target import Globals
from aiwebhook_cli.value_text import (
    ago,
    clock,
    content_text,
    short_ids,
    shown_as_text,
    size_text,
    value_text,
)

if TYPE_CHECKING:
    from aiwebhook_cli.screen import Screen

Json = dict[str, Any]
STYLES: Mapping[str, str] = {
    "active": "green",
    "available": "green",
    "completed": "green",
    "delivered": "green",
    "running": "cyan",
    "claimed": "cyan",
    "busy": "cyan",
    "pending": "yellow",
    "paused": "yellow",
    "expired": "yellow",
    "input_required": "magenta",
    "failed": "red",
    "offline": "red",
    "error": "red",
    "revoked": "dim",
    "cancelled": "dim",
}
_TIMES = frozenset({"created", "started", "finished", "last_activity", "time"})
_UNCUT = 10_000  # columns: what is piped into a program is never cut
_LABEL = 60  # columns at most for the names of fields; the least that a value gets is 20
# JSON may carry them as they are; a terminal may not. Control characters below U+0020, JSON
# escapes itself.
_UNSAFE_IN_JSON = re.compile(
    r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]"
)


def console(*, stderr: bool = False) -> Screen:
    """Colour on a terminal only; NO_COLOR is honoured."""
    from aiwebhook_cli.screen import Screen  # noqa: PLC0415 60 ms that --help and --json do without

    on_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Screen(stderr=stderr, width=None if on_terminal else _UNCUT)


def _plain(stream: TextIO) -> bool:
    """Whether what is printed needs neither colours nor a width, and so no Rich (60 ms)."""
    return not stream.isatty() and "FORCE_COLOR" not in os.environ  # noqa: TID251 Rich reads it there


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON that a terminal shows as it is: what could drive one is escaped, by JSON's own rules."""
    if not _utf8(sys.stdout.encoding):
        return json.dumps(value, indent=indent)
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json(options: Globals, value: object) -> None:
    """The value, or what --json=FIELDS and --jsonl leave of it. Raises Invalid."""
    from aiwebhook_cli.json_shape import as_lines, with_fields  # noqa: PLC0415 few need it

    shaped = with_fields(value, options.fields)
    if not options.lines:
        print(json_text(shaped, indent=2))
        return
    for line in as_lines(shaped):
        print(json_text(line))
    if isinstance(value, dict) and (cursor := cast("Json", value).get("next_cursor")):
        print_hint(f"More: add --cursor {cursor}")


def print_line(value: object) -> None:
    """One JSON value on one line, at once: a reader may be waiting."""
    print(json_text(value), flush=True)


def print_hint(sentence: str) -> None:
    """For who sits before the screen; a program that reads the output never sees it."""
    print(plain_line(sentence), file=sys.stderr, flush=True)


def print_news(text: str) -> None:
    """A line about what others did, at once: somebody is watching."""
    print(plain_line(text), flush=True)


def print_log_line(options: Globals, part: str, text: str) -> None:
    """A line that some program logged: agents, too, may write what drives a terminal."""
    if options.json:
        print_line({"part": part, "line": text})
    else:
        print(f"{part}: {plain_line(text)}", flush=True)


def print_content(raw: bytes) -> None:
    """What somebody asked for by its name: into a pipe or a file exactly, on a terminal cleaned.
    Raises Invalid for bytes that no terminal shows.
    """
    if not sys.stdout.isatty():
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    text = shown_as_text(raw)
    if text is None:
        raise Invalid(
            f"This artifact ({size_text(len(raw))}) is not text.",
            code="not_text",
        )
    sys.stdout.write(plain_text(text).rstrip("\n") + "\n")


def print_rows(
    options: Globals, body: Json, rows: Sequence[Json], columns: Sequence[Column], *, nothing: str
) -> None:
    """A list: the whole answer as JSON, or a table. On a terminal ids are short, times are told
    from now, and columns are left out where there is no room; in a pipe everything is there.
    """
    if options.json:
        print_json(options, body)
        return
    if not rows:
        print(plain_text(nothing))
        return
    if _plain(sys.stdout):
        _print_plain_rows(body, rows, columns)
        return
    screen = console()
    print_table(screen, rows, columns)
    if body.get("next_cursor"):
        screen.print(f"More: add --cursor {body['next_cursor']}", style="dim")


def _print_plain_rows(body: Json, rows: Sequence[Json], columns: Sequence[Column]) -> None:
    cells = [_cells(column, rows, on_terminal=False) for column in columns]
    for line in table_lines([column.heading for column in columns], cells):
        print(line)
    if body.get("next_cursor"):
        print(f"More: add --cursor {plain_line(str(body['next_cursor']))}")


def print_table(screen: Screen, rows: Sequence[Json], columns: Sequence[Column]) -> None:
    from rich.cells import cell_len  # noqa: PLC0415 as in console()
    from rich.table import Table  # noqa: PLC0415 as in console()

    by_column = [_cells(column, rows, on_terminal=screen.is_terminal) for column in columns]
    widths = [
        max(cell_len(column.heading), *map(cell_len, cells)) if any(cells) else 0
        for column, cells in zip(columns, by_column, strict=True)
    ]
    if not screen.is_terminal:
        widths = [width or cell_len(c.heading) for c, width in zip(columns, widths, strict=True)]
    fitted = fit(columns, widths, screen.width)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    for column in fitted:
        table.add_column(columns[column.index].heading, no_wrap=True, width=column.width)
    for number in range(len(rows)):
        table.add_row(*(_styled(columns[c.index].name, by_column[c.index][number]) for c in fitted))
    screen.print(table)


def print_fields(options: Globals, body: Json, *, say: str | None = None) -> None:
    """One thing: as JSON, or a line per field that says something."""
    if options.json:
        print_json(options, body)
        return
    screen = console()
    if say:
        screen.print(say, style="bold")
    width = min(_LABEL, max((len(name) for name in body), default=0))
    for name, value in body.items():
        if value not in (None, [], {}, ""):
            print_field(screen, name.replace("_", " "), field_text(name, value), label_width=width)


def print_field(screen: Screen, label: str, text: str, *, label_width: int) -> None:
    """A name and its value, which goes on below itself where it is long."""
    from rich.text import Text  # noqa: PLC0415 as in console()

    room = max(20, screen.width - label_width - GAP)
    lines = Text(text, style=STYLES.get(text, "") if label == "status" else "").wrap(screen, room)
    for number, line in enumerate(lines):
        line.rstrip()
        label_text = Text(f"{'' if number else plain_line(label):<{label_width + GAP}}", "dim")
        screen.print(Text.assemble(label_text, line), soft_wrap=True)


def print_done(options: Globals, body: Json, sentence: str) -> None:
    if options.json:
        print_json(options, body)
        return
    if _plain(sys.stdout):
        print(f"✓ {plain_text(sentence)}")
        return
    from aiwebhook_cli.screen import styled  # noqa: PLC0415 as in console()

    console().print(styled(("✓", "green"), f" {sentence}"))


def print_failed(sentence: str, remedy: str) -> None:
    """Something of theirs did not work: why, and what to do; for people only."""
    from aiwebhook_cli.screen import styled  # noqa: PLC0415 as in console()

    screen = console()
    screen.print(styled(("✗", "red"), f" {sentence}"))
    if remedy:
        screen.print(styled(("  →", "bold"), f" {remedy}"))


def print_error(error: AiWebhookError, *, as_json: bool) -> None:
    """One sentence and the next step, on standard error; never a trace."""
    if as_json:
        problem: Json = {"code": error.code, "detail": error.detail, "remedy": error.remedy}
        if error.errors:
            problem["errors"] = [{"pointer": e.pointer, "message": e.message} for e in error.errors]
        print(json_text(problem), file=sys.stderr)
        return
    if _plain(sys.stderr):
        _print_plain_error(error)
        return
    from aiwebhook_cli.screen import styled  # noqa: PLC0415 as in console()

    screen = console(stderr=True)
    screen.print(styled(("Error:", "bold red"), f" {error.detail}"))
    for fault in error.errors[1:]:
        screen.print(f"       {fault.pointer} {fault.message}")
    if error.remedy:
        screen.print(styled(("  →", "bold"), f" {error.remedy}"))


def _print_plain_error(error: AiWebhookError) -> None:
    lines = [f"Error: {error.detail}"]
    lines += (f"       {fault.pointer} {fault.message}" for fault in error.errors[1:])
    if error.remedy:
        lines.append(f"  → {error.remedy}")
    for line in lines:
        print(plain_text(line), file=sys.stderr)


def field_text(name: str, value: object) -> str:
    """A value beside its name, whole; of several lines where it has them."""
    if isinstance(value, str):
        return f"{clock(value)} ({ago(value, utc_now())})" if _is_time(name) else plain_text(value)
    return value_text(value)


def _cells(column: Column, rows: Sequence[Json], *, on_terminal: bool) -> list[str]:
    name = column.name
    values = [row.get(name) for row in rows]
    if name == "content":
        return [content_text(value) for value in values]
    texts = [value_text(value) for value in values]
    if _is_time(name):
        now = utc_now()
        return [ago(t, now) if on_terminal and t else clock(t) for t in texts]
    if name.endswith("_id") and on_terminal:
        short = short_ids(texts)
        return [short[text] for text in texts]
    return texts


def _styled(name: str, text: str) -> Any:  # noqa: ANN401 Rich's text, which is imported late
    from aiwebhook_cli.screen import styled  # noqa: PLC0415 as in console()

    return styled((text, STYLES.get(text, "") if name == "status" else ""))


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name in _TIMES


def _utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "") in ("utf8", "utf8sig")
