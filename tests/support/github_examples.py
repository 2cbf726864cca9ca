"""GitHub's example payloads: npm's `@octokit/webhooks-examples`, as `make test-relay` installs it.

Each as GitHub sends it: JSON without spaces, or a form with that JSON in its field `payload`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from aiwebhook.domain.inbound_payload import FORM

FOLDER = Path(__file__).parents[2] / ".build/relay/node_modules/@octokit/webhooks-examples"
EDITIONS = {
    "api.github.com": 329,
    "ghes-31": 49,
    "ghes-32": 49,
    "ghes-33": 50,
    "ghes-34": 124,
    "ghes-35": 125,
}
"""Editions of GitHub, each with how many examples version 7.6.1 has of it."""
MEDIA = ("application/json", FORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubExample:
    """A payload of an event, and what it says it is about."""

    event: str
    text: str
    action: str | None
    repository: str | None

    def body(self, media: str) -> bytes:
        """What is sent under this content type."""
        if media == FORM:
            return urlencode({"payload": self.text}).encode()
        return self.text.encode()


def github_examples(edition: str) -> list[GithubExample]:
    """All of an edition, in the package's order."""
    listed = json.loads((FOLDER / edition / "index.json").read_bytes())
    return [_example(event["name"], payload) for event in listed for payload in event["examples"]]


def _example(event: str, payload: dict[str, Any]) -> GithubExample:
    repository = cast("dict[str, Any]", payload.get("repository") or {})
    return GithubExample(
        event=event,
        text=json.dumps(payload, separators=(",", ":"), ensure_ascii=False),
        action=payload.get("action"),
        repository=repository.get("full_name"),
    )
