"""Requests as an agent's CLI would make them, one for each dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.llm_gateway import RUN_TOKEN, Served

JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Where and how one API is asked."""

    name: str
    provider: str
    model: str
    path: str
    whole_path: str
    cost_of_one: float
    """Of the scripted answer: 800 fresh, 200 cached and 50 tokens of output, by prices.toml."""

    def body(self, prompt: str, *, stream: bool = True, tools: bool = False) -> dict[str, Any]:
        match self.name:
            case "google.generate":
                shell = {"functionDeclarations": [{"name": "run_shell_command"}]}
                body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
                return body | ({"tools": [shell]} if tools else {})
            case "openai.responses":
                body = {"model": self.model, "stream": stream, "input": prompt}
                shell = {"type": "function", "name": "exec_command"}
            case "openai.chat":
                messages = [{"role": "user", "content": prompt}]
                body = {"model": self.model, "stream": stream, "messages": messages}
                shell = {"type": "function", "function": {"name": "bash"}}
            case _:
                messages = [{"role": "user", "content": prompt}]
                body = {"model": self.model, "stream": stream, "messages": messages}
                shell = {"name": "Bash"}
        return body | ({"tools": [shell]} if tools else {})

    def headers(self, token: str = RUN_TOKEN) -> Mapping[str, str]:
        match self.provider:
            case "anthropic":
                return JSON | {"x-api-key": token}
            case "openai":
                return JSON | {"authorization": f"Bearer {token}".strip()}
            case _:
                return JSON | {"x-goog-api-key": token}


ANTHROPIC = Dialect(
    name="anthropic.messages",
    provider="anthropic",
    model="claude-sonnet-4-5",
    path="/v1/messages?beta=true",
    whole_path="/v1/messages",
    cost_of_one=0.00321,  # 800 × $3 + 200 × $0.30 + 50 × $15, a million tokens each
)
RESPONSES = Dialect(
    name="openai.responses",
    provider="openai",
    model="gpt-5.5",
    path="/v1/responses",
    whole_path="/v1/responses",
    cost_of_one=0.0056,  # 800 × $5 + 200 × $0.50 + 50 × $30
)
CHAT = Dialect(
    name="openai.chat",
    provider="openai",
    model="gpt-5.5",
    path="/v1/chat/completions",
    whole_path="/v1/chat/completions",
    cost_of_one=0.0056,
)
GEMINI = Dialect(
    name="google.generate",
    provider="google",
    model="gemini-2.5-pro",
    path="/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    whole_path="/v1beta/models/gemini-2.5-pro:generateContent",
    cost_of_one=0.001525,  # 800 × $1.25 + 200 × $0.125 + 50 × $10
)
DIALECTS = (ANTHROPIC, RESPONSES, CHAT, GEMINI)


def streaming(gateway: Served, dialect: Dialect, prompt: str) -> Any:
    """The answer as it comes, in a context manager."""
    return gateway.client.stream(
        "POST",
        f"{gateway.url}/{dialect.provider}{dialect.path}",
        json=dialect.body(prompt),
        headers=dialect.headers(),
    )


def posting(target: str, *headers: str, body: bytes = b"{}") -> bytes:
    """A request with the run's token, to the letter."""
    lines = [f"POST {target} HTTP/1.1", "host: x", "connection: close", f"x-api-key: {RUN_TOKEN}"]
    lines += [*headers, "content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
