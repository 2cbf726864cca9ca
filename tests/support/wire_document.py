"""docs/wire.md as data: its examples in order, and whether an answer is as they say.

An example is a fenced block with its language and what it is for:

- `http`: a request, or the answer to the one before (it begins with a status);
- `json command`: a message posted to /webhook, and `json data`: the `data` of its reply;
- `http callback`, `json cloudevent`: what a receiver gets.

In a request `{name}` stands for the newest value of that name in an answer. In an answer `…` stands
for whatever is there: within a text, as the last item of a list, as a key of an object. Any time is
as good as any other, and so are the numbers in `UNSTABLE`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "wire.md"
RELAY = ("/webhook", "/v1/commands")
REST = "…"
UNSTABLE = frozenset(
    {"lease_epoch", "event_no", "estimate_s", "duration_minutes", "ms", "execution_time_ms"}
)
"""Keys of numbers that differ from run to run."""
_BLOCK = re.compile(
    r"^```(\w+)([ \w]*)\n(.*?)^```$|^<!-- meanwhile: ([^\n]+) -->$", re.MULTILINE | re.DOTALL
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An example, or (`kind` meanwhile) what happens between two of them."""

    kind: str
    text: str
    line: int
    span: tuple[int, int]

    @property
    def head(self) -> str:
        """The request line, or the status."""
        return self.text.partition("\n")[0]

    @property
    def headers(self) -> dict[str, str]:
        """Those of an http block."""
        lines = self.text.partition("\n\n")[0].splitlines()[1:]
        return {name: value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> str:
        """What comes after the headers of an http block; all of any other."""
        if not self.kind.startswith("http"):
            return self.text.strip()
        return self.text.partition("\n\n")[2].strip()

    @property
    def value(self) -> Any:
        """The body as JSON; as text where it is none; None where there is none."""
        return json.loads(self.body) if self.body.startswith("{") else self.body or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """An answer, or what a receiver got."""

    status: int | None
    headers: dict[str, str]
    body: Any


def blocks(text: str) -> list[Block]:
    """The examples of a document, in order."""
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        language, purpose, inside, meanwhile = match.groups()
        kind = "meanwhile" if meanwhile else f"{language}{purpose}"
        if kind == "http" and inside[:3].isdigit():
            kind = "http answer"
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(kind=kind, text=meanwhile or inside, line=line, span=match.span()))
    return found


def tables(text: str, *columns: str) -> Iterator[dict[str, str]]:
    """The rows of every table that begins with these columns."""
    head: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not head:
            head = cells
        elif tuple(head[: len(columns)]) == columns and set(line) - set("|-: "):
            yield dict(zip(head, cells, strict=True))


def document() -> str:
    """docs/wire.md."""
    return DOCUMENT.read_text(encoding="utf-8")


def filled(text: str, seen: Mapping[str, str]) -> str:
    """A request with its `{names}` replaced."""
    return re.sub(r"\{([a-z_]+)\}", lambda match: seen[match[1]], text)


def values(value: Any) -> Iterator[tuple[str, str]]:
    """(name, value) of every text and number in an answer, innermost last."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            if isinstance(inner, str | int) and not isinstance(inner, bool):
                yield name, str(inner)
            yield from values(inner)
    elif isinstance(value, list):
        for inner in reversed(cast("list[Any]", value)):
            yield from values(inner)


def differences(shown: Any, got: Any, at: str = "", name: str = "") -> Iterator[str]:
    """Where an answer is not as the document shows it."""
    if isinstance(shown, dict) and isinstance(got, dict):
        yield from _of_objects(cast("Any", shown), cast("Any", got), at)
    elif isinstance(shown, list) and isinstance(got, list):
        yield from _of_lists(cast("Any", shown), cast("Any", got), at)
    elif isinstance(shown, str) and isinstance(got, str):
        if not _same_text(shown, got):
            yield f"{at}: {shown!r} is {got!r}"
    elif name in UNSTABLE and isinstance(got, int | float) and isinstance(shown, int | float):
        return
    elif json.dumps(shown) != json.dumps(got):  # 1, 1.0 and true are equal, but not the same JSON
        yield f"{at}: {shown!r} is {got!r}"


def _of_objects(shown: dict[str, Any], got: dict[str, Any], at: str) -> Iterator[str]:
    for name in shown.keys() - got.keys() - {REST}:
        yield f"{at}/{name} is not there"
    for name in () if REST in shown else got.keys() - shown.keys():
        yield f"{at}/{name} is not shown: {got[name]!r}"
    for name in shown.keys() & got.keys():
        yield from differences(shown[name], got[name], f"{at}/{name}", name)


def _of_lists(shown: list[Any], got: list[Any], at: str) -> Iterator[str]:
    more = bool(shown) and shown[-1] == REST
    expected = shown[:-1] if more else shown
    if len(got) < len(expected) or (len(got) > len(expected) and not more):
        yield f"{at}: {len(expected)} items are {len(got)}"
    for number, (left, right) in enumerate(zip(expected, got, strict=False)):
        yield from differences(left, right, f"{at}/{number}")


def _same_text(shown: str, got: str) -> bool:
    if _TIME.fullmatch(shown):
        return _TIME.fullmatch(got) is not None
    pattern = ".*".join(re.escape(part) for part in shown.split(REST))
    return re.fullmatch(pattern, got, re.DOTALL) is not None


# ── writing answers down ──────────────────────────────────────────────────────────────────────────
_PREFIXES = "sess|chunk|mem|task|art|evt|dlv|req|key|ep|att|in"
_GENERATED = re.compile(rf"\b({_PREFIXES})_[0-9a-f]{{8,}}[-0-9a-f]*")
_LONG = re.compile(r"(whsec_|lt1\.|aiw_|https://blobs\.invalid/)[^\s\"]{12,}")


def as_shown(value: Any, name: str = "") -> Any:
    """An answer with what differs from run to run replaced, as the document would show it."""
    if isinstance(value, dict):
        return {key: as_shown(v, key) for key, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [as_shown(inner) for inner in cast("list[Any]", value)]
    if not isinstance(value, str):
        return value
    if _TIME.fullmatch(value):
        return "2026-11-28T14:03:11.204Z"
    text = _LONG.sub(rf"\1{REST}", _GENERATED.sub(rf"\1_{REST}", value))
    if name in ("cursor", "next_cursor", "eventno") and text:
        return REST
    return f"{text[:4]}{REST}" if name == "prefix" else text


def corrected(shown: Any, got: Any, name: str = "") -> Any:
    """What is shown, with what differs taken from the answer; what it leaves out stays so."""
    if not any(differences(shown, got, name=name)):
        return shown
    if isinstance(shown, dict) and isinstance(got, dict) and REST in shown:
        kept = cast("dict[str, Any]", shown)
        answer = cast("dict[str, Any]", got)
        return {key: corrected(v, answer[key], key) for key, v in kept.items() if key in answer} | {
            REST: kept[REST]
        }
    if isinstance(got, dict):
        fields = cast("dict[str, Any]", shown) if isinstance(shown, dict) else {}
        answer = cast("dict[str, Any]", got)
        return {key: corrected(fields.get(key), v, key) for key, v in answer.items()}
    if isinstance(got, list):
        items = cast("list[Any]", shown) if isinstance(shown, list) else []
        answers = cast("list[Any]", got)
        more = items[-1:] == [REST]
        before = items[:-1] if more else items + [None] * len(answers)
        pairs = zip(before, answers, strict=False)
        return [corrected(one, other) for one, other in pairs] + ([REST] if more else [])
    return as_shown(got, name)


def rendered(value: Any, indent: str = "", room: int = 116) -> str:
    """JSON on as few lines as fit."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(indent) <= room or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {rendered(inner, deeper, room)}"
            for key, inner in cast("dict[str, Any]", value).items()
        ]
        opening, closing = "{}"
    else:
        items = [rendered(inner, deeper, room) for inner in cast("list[Any]", value)]
        opening, closing = "[]"
    return f"{opening}{_packed(items, deeper, room)}{closing}"


def _packed(items: list[str], indent: str, room: int) -> str:
    """Short items share lines, as in print."""
    lines: list[str] = []
    for item in items:
        last = lines[-1] if lines else ""
        if lines and "\n" not in last + item and len(indent + last + item) + 3 <= room:
            lines[-1] = f"{last}, {item}"
        else:
            lines.append(item)
    return f",\n{indent[:-1]}".join(lines)
