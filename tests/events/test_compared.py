"""Our server and the PyPI package mcp-webhook-events behind the same fake chat, side by side, as
docs/events-compared.md shows them. What was seen is written to the folder .build.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.events.behaviours import BEHAVIOURS, Meeting
from tests.events.served import Anchor, Ours, Served
from tests.support.fake_chat import ChatReceiver, chat_receiver
from tests.support.postgres import clone
from tests.support.source_tree import ROOT
from tests.support.tls import Tls

pytestmark = [pytest.mark.events, pytest.mark.req("N6")]
DOCUMENT, SEEN = ROOT / "docs/events-compared.md", ROOT / ".build/events-compared.md"
HEAD = """\
# Events: this server beside mcp-webhook-events

How this server behaves towards a client like ChatGPT, and how one does that is built with the
Python package `mcp-webhook-events` 0.2.0 of October 2026, which is known to work with the real
ChatGPT. The same fake chat (`tests/support/fake_chat.py`) asks both: it subscribes over HTTP, is
called back over TLS, and verifies with the official library. `make test-events` asks these
questions and fails when an answer differs. Numbers are JSON-RPC error codes, with the reason that
the error names.
"""


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """Of the receiver, and who trusts it."""
    return Tls(tmp_path, name="127.0.0.1")


@pytest.fixture
def receiver(tls: Tls) -> Generator[ChatReceiver]:
    with chat_receiver(tls.server) as running:
        yield running


@pytest.mark.timeout(400)
def test_the_table_of_ours_and_the_anchor_is_as_documented(
    receiver: ChatReceiver,
    tls: Tls,
    tmp_path: Path,
    postgres_server: EmbeddedPostgres,
    migrated_template: str,
) -> None:
    with clone(postgres_server, migrated_template, "compared") as dsn:
        ours = Ours(dsn=dsn, tls=tls.client)
        anchor = Anchor(folder=tmp_path, authority=tls.authority)
        try:
            seen = {"ours": answers(ours, receiver), "anchor": answers(anchor, receiver)}
        finally:
            ours.close()
            anchor.close()
    text = table(seen)
    SEEN.parent.mkdir(exist_ok=True)
    SEEN.write_text(text, encoding="utf-8")
    assert DOCUMENT.read_text("utf-8") == text, f"read it, and: cp {SEEN} {DOCUMENT}"


def answers(served: Served, receiver: ChatReceiver) -> Mapping[str, str]:
    """By behaviour."""
    seen: dict[str, str] = {}
    for part, asked in BEHAVIOURS.items():
        for title, ask in asked.items():
            served.fresh()
            meeting = Meeting(served=served, receiver=receiver)
            seen[f"{part}: {title}"] = ask(meeting)
            meeting.end()
    return seen


def table(seen: Mapping[str, Mapping[str, str]]) -> str:
    """The document."""
    lines = [HEAD]
    for part, asked in BEHAVIOURS.items():
        lines += [f"## {part}", "", "| | here | mcp-webhook-events 0.2.0 |", "|---|---|---|"]
        for title in asked:
            ours, anchor = (seen[who][f"{part}: {title}"] for who in ("ours", "anchor"))
            lines.append(f"| {title} | {ours} | {anchor} |")
        lines.append("")
    return "\n".join(lines)
