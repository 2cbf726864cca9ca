"""What a person sees of the main views, on terminals of two widths: docs/cli-views.md, which
`make docs` writes. The deployment is a stand-in with fixed answers, and it is always the same time.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiwebhook_cli import printing
from aiwebhook_cli.main import run_command_line
from tests.support.http_front import HttpFront
from tests.support.terminal import on_a_terminal

Json = dict[str, Any]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "cli-views.md"
WIDTHS = (80, 120)
_NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
_SEEN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_HEAD = """# What the command line shows

Captured on terminals of 80 and 120 columns, from a deployment with fixed answers, by `make docs`.
[cli.md](cli.md) has every command, [cli-compared.md](cli-compared.md) a comparison with others.
"""


def _id(prefix: str, number: int) -> str:
    return f"{prefix}_019a2b3c-4d5e-7f60-8123-4567{number:08x}"


def _at(minutes_ago: int) -> str:
    return datetime.fromtimestamp(_NOW.timestamp() - 60 * minutes_ago, UTC).isoformat()


_SESSIONS = [
    ("carbon_planning", "active", "Carbon tracking: which metal for the sensors", 4),
    ("release_train", "active", "What goes into the November release, and who tests it", 190),
    ("hiring", "completed", "Interviews of the week", 3_000),
]
_TASKS = [
    ("running", "researcher", "Compare copper and aluminium for the sensor housings", 3),
    ("completed", "researcher", "Copper it is: cheaper per year, and it can be recycled.", 55),
    ("failed", "claude_code", "The tests did not pass: two of 412 failed.", 240),
]
_USED = {"requests": 41, "cached_input_tokens": 220_000, "cache_write_tokens": 0}
ANSWERS: dict[str, Json] = {
    "/v1/sessions": {
        "data": {
            "sessions": [
                {"session_id": name, "status": status, "title": title, "last_activity_at": _at(ago)}
                for name, status, title, ago in _SESSIONS
            ],
            "next_cursor": None,
        }
    },
    "/v1/tasks": {
        "data": {
            "tasks": [
                {
                    "task_id": _id("task", number),
                    "status": status,
                    "agent_name": agent,
                    "session_id": "carbon_planning",
                    "created_at": _at(ago),
                    "say": say,
                }
                for number, (status, agent, say, ago) in enumerate(_TASKS, 0xA1)
            ],
            "next_cursor": None,
        }
    },
    "/v1/sessions/carbon_planning/memories": {
        "data": {
            "memories": [
                {
                    "type": kind,
                    "content": text,
                    "key": key,
                    "tags": ["metal"],
                    "version": 1,
                    "created_at": _at(ago),
                }
                for kind, text, key, ago in (
                    ("decision", "The housings are made of copper.", "metal", 12),
                    ("question", "Who measures the first winter?", "winter", 14),
                )
            ],
            "next_cursor": None,
        }
    },
    "/v1/endpoints": {
        "items": [
            {
                "endpoint_id": _id("ep", 0xE1),
                "url": "https://hooks.example.com/aiwebhook",
                "status": "active",
                "event_types": ["task.completed", "task.failed"],
                "failures": 0,
                "payload": "thin",
                "created_at": _at(9_000),
                "description": "the team's chat",
            }
        ],
        "next_cursor": None,
    },
    "/v1/deliveries": {
        "items": [
            {
                "delivery_id": _id("dlv", number),
                "event_type": event,
                "status": status,
                "attempts": attempts,
                "url": "https://hooks.example.com/aiwebhook",
                "created_at": _at(ago),
                "next_attempt_at": None,
                "delivered_at": None,
                "task_id": _id("task", 0xA2),
                "endpoint_id": _id("ep", 0xE1),
            }
            for number, event, status, attempts, ago in (
                (0xD1, "task.completed", "delivered", 1, 55),
                (0xD2, "task.failed", "dead", 12, 4_400),
            )
        ],
        "next_cursor": None,
    },
    "/v1/usage": {
        "by": "agent",
        "total": {
            "name": None,
            "tasks": 12,
            "runs": 14,
            "input_tokens": 912_400,
            "output_tokens": 31_207,
            "unpriced_requests": 0,
            "cost_usd": 3.4182,
            **_USED,
        },
        "items": [
            {
                "name": name,
                "tasks": tasks,
                "runs": runs,
                "input_tokens": given,
                "output_tokens": taken,
                "unpriced_requests": 0,
                "cost_usd": cost,
                **_USED,
            }
            for name, tasks, runs, given, taken, cost in (
                ("claude_code", 4, 6, 701_300, 24_009, 2.9),
                ("researcher", 8, 8, 211_100, 7_198, 0.5182),
            )
        ],
    },
    "/v1/audit": {
        "items": [
            {
                "audit_no": number,
                "created_at": _at(ago),
                "actor": _id("key", 0xC1),
                "action": action,
                "subject": subject,
                "data": data,
            }
            for number, action, subject, data, ago in (
                (2, "key.revoked", _id("key", 0xC2), {}, 30),
                (1, "endpoint.created", _id("ep", 0xE1), {"payload": "thin"}, 9_000),
            )
        ],
        "next_cursor": None,
    },
    "/v1/search": {
        "items": [
            {
                "kind": "memory",
                "session_id": "carbon_planning",
                "name": "metal",
                "created_at": _at(12),
                "excerpt": "The housings are made of copper.",
            },
            {
                "kind": "conversation",
                "session_id": "carbon_planning",
                "name": _id("chunk", 0xB1),
                "created_at": _at(15),
                "excerpt": "Ana: the copper price rises, and we still come out ahead after a year",
            },
        ]
    },
}
LINES = (
    "session list",
    "session search copper",
    "task list",
    "memory list carbon_planning",
    "endpoints list",
    "callbacks list",
    "usage --by agent",
    "audit",
    "session list --json=session_id,status --jsonl",
    "session list --json=titel",
    "session frobnicate",
)


def _handle(event: Json, _context: object) -> Json:
    body = json.dumps(ANSWERS[event["path"]])
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": False}


def views() -> str:
    """The page."""
    parts = [_HEAD]
    with HttpFront(session_api=lambda: _handle) as front:
        for line in LINES:
            parts.append(f"\n## aiwebhook {line}\n")
            shown = [_shown(line, front.url, width) for width in WIDTHS]
            parts += [f"\n```text\n{text}```\n" for text in dict.fromkeys(shown)]
    return "".join(parts)


def _shown(line: str, url: str, width: int) -> str:
    environ = {
        "COLUMNS": str(width),
        "NO_COLOR": "1",
        "TERM": "xterm-256color",
        "AIWEBHOOK_URL": url,
        "AIWEBHOOK_API_KEY": "aiw_shown",
    }
    with _always_now(), _environment(environ), on_a_terminal(columns=width) as seen:
        run_command_line(line.split())
    lines = _SEEN.sub("", seen()).replace("\r", "").splitlines()
    return "".join(f"{each.rstrip()}\n" for each in lines)


@contextmanager
def _always_now() -> Generator[None]:
    true_now = printing.utc_now
    printing.utc_now = lambda: _NOW
    try:
        yield
    finally:
        printing.utc_now = true_now


@contextmanager
def _environment(changes: Mapping[str, str]) -> Generator[None]:
    before = dict(os.environ)  # noqa: TID251 of the command line
    os.environ.update(changes)  # noqa: TID251 as above
    try:
        yield
    finally:
        os.environ.clear()  # noqa: TID251 as above
        os.environ.update(before)  # noqa: TID251 as above


if __name__ == "__main__":
    DOCUMENT.write_text(views(), encoding="utf-8")
