"""The prompts plan, hand_over and catch_me_up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from session_api.mcp.definition import Prompt, RequestContext

Json = dict[str, Any]

_PLAN = """Let us plan: {topic}

Work with AI Webhook. If there is a session about it, continue it (list_sessions, continue_session);
otherwise start one. Ask me what is unclear, one question at a time. Save each decision, open
question and to-do as a memory while we speak. At the end, read the plan back to me in a few
sentences, and ask which parts an agent should begin with."""

_HAND_OVER = """Hand this to an agent: {work}

Choose the agent with list_agents. Write the instructions so that somebody who did not hear us can
do it: goal, repository, what was decided, what not to touch, how to tell that it is done. Then
delegate_task, and tell me in one sentence what was handed over. Do not wait for the result: it
comes as an update."""

_CATCH_UP = """Catch me up{about}.

Use get_updates first, then continue_session for the session it is about. Tell me in at most five
sentences what finished, what failed and why, what waits for an answer of mine, and what is open.
Then pass on, with `ack`, what you have told me."""


def prompts() -> Mapping[str, Prompt]:
    """All prompts by name."""
    made = (
        _prompt(
            "plan",
            "Plan something",
            "Think something through, and keep what is decided.",
            _PLAN,
            topic=("What to plan", True),
        ),
        _prompt(
            "hand_over",
            "Hand over",
            "Brief an agent, and let it work in the background.",
            _HAND_OVER,
            work=("What is to be done", True),
        ),
        _prompt(
            "catch_me_up",
            "Catch me up",
            "What happened since we last spoke.",
            _CATCH_UP,
            session=("Title of a session; all when left out", False),
        ),
    )
    return {prompt.listed["name"]: prompt for prompt in made}


def _prompt(name: str, title: str, about: str, text: str, **arguments: tuple[str, bool]) -> Prompt:
    listed: Json = {
        "name": name,
        "title": title,
        "description": about,
        "arguments": [
            {"name": argument, "description": says, "required": required}
            for argument, (says, required) in arguments.items()
        ],
    }
    return Prompt(listed=listed, get=partial(_get, about, text))


def _get(about: str, text: str, _context: RequestContext, arguments: Json) -> Json:
    session = arguments.get("session")
    words = {"about": f" on the session {session}" if session else "", **arguments}
    said = text
    for name, value in words.items():
        said = said.replace(f"{{{name}}}", str(value))
    return {
        "description": about,
        "messages": [{"role": "user", "content": {"type": "text", "text": said}}],
    }
