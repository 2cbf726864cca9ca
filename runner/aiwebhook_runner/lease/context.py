"""Collects what the agent needs to know of its session, page by page."""

from collections.abc import Callable

from aiwebhook.client.runs import ContextPage, Run
from aiwebhook.domain.agent import AgentNeed
from aiwebhook.domain.run import MAX_CONTEXT_PAGE
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.lease.run_input import RunInput

MAX_CONTEXT_BYTES = 256 * 1024 * 1024
"""A session larger than this is cut, and the agent is told so: context.truncated = true."""


def gather_context(
    run: RunInput,
    lease: Run,
    until_answered: Callable[[Callable[[], ContextPage]], ContextPage],
) -> JsonObject:
    """{session, chunks, memories, truncated}; only what the manifest says it needs, no call when
    it needs nothing. Raises what `until_answered` raises."""
    needs = run.agent.needs
    context: JsonObject = {"session": {"session_id": run.session_id}, "truncated": False}
    chunks: list[JsonObject] = []
    memories: list[JsonObject] = []
    context |= {"chunks": chunks, "memories": memories}
    after: str | None = None
    size = 0
    while needs:
        cursor = after
        page = until_answered(lambda: lease.context(after=cursor, limit=MAX_CONTEXT_PAGE))  # noqa: B023 (called at once)
        context["session"] = page.session or context["session"]
        if AgentNeed.CONVERSATION in needs:
            chunks += page.chunks
        if AgentNeed.MEMORIES in needs:
            memories += page.memories
        size += len(encode([page.chunks, page.memories]))
        after = page.next
        if after is None:
            break
        if size > MAX_CONTEXT_BYTES:
            context["truncated"] = True
            break
    return context
