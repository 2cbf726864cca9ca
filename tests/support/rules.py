"""Rules and the events that they are about."""

from __future__ import annotations

import json
from typing import Any

from aiwebhook.domain.inbound_payload import read_payload
from aiwebhook.domain.rule_decision import Occurrence

Json = dict[str, Any]


def any_rule(rule_id: str = "agent-issues", **fields: Any) -> Json:
    """A rule for issues that are labelled `agent`."""
    when = [
        {"pointer": "/action", "equals": "labeled"},
        {"pointer": "/label/name", "equals": "agent"},
    ]
    task = {
        "agent_name": "researcher",
        "instructions": "Work on the issue below.",
        "fields": ["/issue/number", "/issue/title", "/issue/body"],
    }
    return {"rule_id": rule_id, "event": "issues", "when": when, "task": task, **fields}


def labelled_issue(number: int = 7, **fields: Any) -> Json:
    """As GitHub says that an issue was labelled; `fields` replace some of it."""
    issue = {
        "number": number,
        "title": "The pipes leak",
        "body": "They drip at night.",
        "author_association": "MEMBER",
    }
    return {
        "action": "labeled",
        "label": {"name": "agent"},
        "issue": issue,
        "repository": {"full_name": "octo/tree"},
        "sender": {"login": "octocat", "type": "User"},
        **fields,
    }


def sent(payload: Json) -> bytes:
    """As it comes in."""
    return json.dumps(payload).encode()


def came_from_github(payload: Json, event: str = "issues", source: str = "github") -> Occurrence:
    """The event of such a payload."""
    return Occurrence(source=source, event=event, payload=read_payload(sent(payload), None))
