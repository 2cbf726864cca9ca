"""Built-in agent: extracts ideas, decisions, questions, action items, risks and facts
from a conversation.

Input: `text` (read instead of the session), `chunk_ids` (only these), `min_confidence` (0.5).
Reading the same text again changes nothing: keys are made of the words, and a memory stored with
the same content is not stored again.
"""

import sys
from collections import Counter
from collections.abc import Mapping

from aiwebhook_agents.agent_io import JsonObject, Task, Voice, as_list
from aiwebhook_agents.extraction.extract import extract
from aiwebhook_agents.extraction.items import Finding
from aiwebhook_agents.phrases import count_in_words, listed

MAX_ITEMS = 1_500
"""The terminal write is one transaction and one request; of a long text the most confident findings
are kept.
"""
DEFAULT_MIN_CONFIDENCE = 0.5
NOUNS = {
    "decision": ("decision", "decisions"),
    "action_item": ("action item", "action items"),
    "question": ("open question", "open questions"),
    "risk": ("risk", "risks"),
    "idea": ("idea", "ideas"),
    "fact": ("fact", "facts"),
    "note": ("note", "notes"),
}


def main() -> None:
    """One task from stdin, messages to stdout."""
    process(Task.read(sys.stdin), Voice())


def process(task: Task, voice: Voice) -> None:
    """Writes memories and the result."""
    chunks = _chunks_of(task)
    voice.say(
        "progress", message=f"Reading {count_in_words(len(chunks), 'chunk', 'chunks')}", percent=0
    )
    items, dropped = _surest(extract(chunks), task.input)
    known = {str(memory.get("key")): memory.get("content") for memory in task.memories}
    stored = 0
    for item in items:
        content = item.content()
        if known.get(item.key) != content:
            stored += 1
            voice.say(
                "memory",
                memory_type=item.kind,
                key=item.key,
                content=content,
                tags=["from_conversation"],
                source=item.source(),
            )
    counts = Counter(item.kind for item in items)
    voice.say("usage", chunks=len(chunks), characters=sum(len(_text(chunk)) for chunk in chunks))
    output: JsonObject = {
        "counts": dict(counts),
        "stored": stored,
        "already_known": len(items) - stored,
        "dropped": dropped,
        "items": [_summary(item) for item in items],
    }
    voice.say("result", output=output, say=_say(items, counts))


def _chunks_of(task: Task) -> tuple[Mapping[str, object], ...]:
    text = task.input.get("text")
    if isinstance(text, str) and text:
        return ({"chunk_id": "input", "content": text},)
    ids = as_list(task.input.get("chunk_ids"))
    if ids:
        return tuple(chunk for chunk in task.chunks if chunk.get("chunk_id") in ids)
    return task.chunks


def _text(chunk: Mapping[str, object]) -> str:
    content = chunk.get("content")
    return content if isinstance(content, str) else ""


def _surest(items: list[Finding], settings: Mapping[str, object]) -> tuple[list[Finding], int]:
    """The most confident findings in the order in which they were said, and how
    many were left out.
    """
    floor = settings.get("min_confidence")
    least = float(floor) if isinstance(floor, int | float) else DEFAULT_MIN_CONFIDENCE
    sure = [item for item in items if item.confidence >= least]
    if len(sure) > MAX_ITEMS:
        limit = sorted((item.confidence for item in sure), reverse=True)[MAX_ITEMS - 1]
        above = sum(item.confidence > limit for item in sure)
        room = MAX_ITEMS - above
        kept: list[Finding] = []
        for item in sure:
            at_limit = item.confidence == limit
            if item.confidence > limit or (at_limit and room > 0):
                room -= at_limit
                kept.append(item)
        sure = kept
    return sure, len(items) - len(sure)


def _summary(item: Finding) -> JsonObject:
    """Short, because the memory itself has everything."""
    return {"key": item.key, "type": item.kind, "text": item.text, "owner": item.owner}


def _say(items: list[Finding], counts: Counter[str]) -> str:
    if not items:
        return "I found nothing to note down."
    parts = [count_in_words(counts[kind], *names) for kind, names in NOUNS.items() if counts[kind]]
    first = f"I noted {listed(parts)}."
    due = [item for item in items if item.kind == "action_item" and item.owner and item.due]
    if not due:
        return first
    soonest = min(due, key=lambda item: (str(item.due), item.key))
    return f"{first} The first one due is {soonest.owner}'s, {soonest.due_text}."


if __name__ == "__main__":
    main()
