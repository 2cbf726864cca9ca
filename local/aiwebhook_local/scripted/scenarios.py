"""The scenarios by name: `[[scenario:tool]]` in the newest prompt chooses one."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from aiwebhook_local.scripted.steps import Mcp, Say, Shell, Step, Write

MARKER = re.compile(r"\[\[scenario:([A-Za-z0-9_-]{1,64})\]\]")
DEFAULT_SCENARIO = "text"


class ConnectionFault(StrEnum):
    """What goes wrong with the connection."""

    HANG = "hang"
    """The request is taken and never answered."""
    STALL = "stall"
    """The stream begins and falls silent."""
    DROP = "drop"
    """The stream begins and the connection breaks."""
    GARBAGE = "garbage"
    """A 200 answer that cannot be parsed."""
    ENDLESS = "endless"
    """The stream never ends; text comes every few milliseconds."""


class ModelStop(StrEnum):
    """Why the model stops."""

    END = "end"
    """It has finished its answer, or calls a tool."""
    MAX_TOKENS = "max_tokens"
    """Cut at the length limit."""
    REFUSAL = "refusal"
    """It declines."""


class ProviderFailure(StrEnum):
    """The provider answers with an error."""

    BAD_REQUEST = "400"
    AUTH = "401"
    PERMISSION = "403"
    NOT_FOUND = "404"
    RATE_LIMIT = "429"
    SERVER = "500"
    OVERLOADED = "overloaded"
    """529 or 503, depending on the provider."""
    CONTEXT = "context"
    """The prompt does not fit into the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedUsage:
    """What an answer claims to have used; `input_tokens` counts the cached ones too."""

    input_tokens: int = 1000
    cached_tokens: int = 200
    output_tokens: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Steps in order; the last one repeats for ever."""

    steps: Sequence[Step] = (Say(text="Hello from the scripted provider."),)
    fault: ConnectionFault | None = None
    failure: ProviderFailure | None = None
    stop: ModelStop = ModelStop.END
    usage: ScriptedUsage = field(default_factory=ScriptedUsage)

    def step(self, number: int) -> Step:
        """The step after `number` results of tools."""
        return self.steps[min(number, len(self.steps) - 1)]


SECRET = "-".join(("sk", "ant", "api03", "Sc1ptedN0tReal" * 3))
"""Looks like a provider's key but is none; concatenated, so that secret scanners do not report it.
"""

RESEARCH = {
    "question": "What does the scripted provider know?",
    "findings": [
        {
            "text": "The scripted provider answers the same every time.",
            "sources": [{"ref": "S1", "title": "Scripted source", "url": "https://example.com/s1"}],
        }
    ],
    "sources": [{"ref": "S1", "title": "Scripted source", "url": "https://example.com/s1"}],
}

_COMMIT_HELLO = "git add -A && git commit -qm 'agent: add hello.txt' && git log --oneline | head -1"
_APPEND = "echo 'a second line' >> hello.txt && git add -A && git commit -qm 'agent: second edit'"

SCENARIOS: Mapping[str, Scenario] = {
    "text": Scenario(),
    "tool": Scenario(
        steps=(
            Write(path="hello.txt", content="hello from the scripted model\n"),
            Shell(command=_COMMIT_HELLO),
            Say(text="Done: wrote hello.txt and committed it."),
        )
    ),
    "edit2": Scenario(
        steps=(Shell(command=_APPEND), Say(text="Done: added a second line and committed it."))
    ),
    "mcp": Scenario(
        steps=(
            Mcp(server="lab", tool="echo", arguments={"text": "hello"}),
            Say(text="Called the MCP tool."),
        )
    ),
    "loop": Scenario(steps=(Shell(command="echo step"),)),
    # Some CLIs refuse a bare `sleep`, so the command prints something first.
    "sleep": Scenario(steps=(Shell(command="echo sleeping; sleep 300"), Say(text="Slept."))),
    "detach": Scenario(
        steps=(
            Shell(command="setsid sleep 300 >/dev/null 2>&1 & echo detached"),
            Say(text="Left a process behind."),
        )
    ),
    "secret": Scenario(
        steps=(Shell(command=f"echo {SECRET}"), Say(text=f"The key is {SECRET}, keep it safe."))
    ),
    "research": Scenario(steps=(Say(text=json.dumps(RESEARCH)),)),
    "spend": Scenario(
        steps=(Shell(command="echo spending"),), usage=ScriptedUsage(output_tokens=1_000_000)
    ),
    "maxtok": Scenario(stop=ModelStop.MAX_TOKENS),
    "refusal": Scenario(steps=(Say(text="I can't help with that."),), stop=ModelStop.REFUSAL),
    "context": Scenario(failure=ProviderFailure.CONTEXT),
    "overloaded": Scenario(failure=ProviderFailure.OVERLOADED),
    "e400": Scenario(failure=ProviderFailure.BAD_REQUEST),
    "e401": Scenario(failure=ProviderFailure.AUTH),
    "e403": Scenario(failure=ProviderFailure.PERMISSION),
    "e404": Scenario(failure=ProviderFailure.NOT_FOUND),
    "e429": Scenario(failure=ProviderFailure.RATE_LIMIT),
    "e500": Scenario(failure=ProviderFailure.SERVER),
    **{fault.value: Scenario(fault=fault) for fault in ConnectionFault},
}

SIDE_ANSWER = Say(text="Scripted side answer.")
"""Answers requests without tools (titles, summaries) where the script's next step needs one."""
