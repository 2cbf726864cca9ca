"""Built-in agent: merges near duplicates and marks decisions superseded by later ones.

Nothing is lost: a removed memory is in the source of the one that stays, under `merged_from` or
`supersedes`. Its content stays as it was. Input: `dry_run` (only the report).
"""

import sys
from collections.abc import Mapping

from aiwebhook_agents.agent_io import JsonObject, Task, Voice, as_list, as_object
from aiwebhook_agents.memories.consolidation import Consolidation, consolidate
from aiwebhook_agents.memories.memory import StoredMemory
from aiwebhook_agents.phrases import count_in_words, quoted


def main() -> None:
    """One task from stdin, messages to stdout."""
    keep(Task.read(sys.stdin), Voice())


def keep(task: Task, voice: Voice) -> None:
    """Writes new versions, keys to forget, the report and the result."""
    memories = [StoredMemory.read(data, number) for number, data in enumerate(task.memories)]
    memories = [memory for memory in memories if memory.key]
    by_key = {memory.key: memory for memory in memories}
    voice.say(
        "progress",
        message=f"Comparing {count_in_words(len(memories), 'memory', 'memories')}",
        percent=0,
    )
    found = consolidate(memories)
    dry_run = task.input.get("dry_run") is True
    if not dry_run:
        _write(found, by_key, voice)
    merged = sum(len(gone) for gone in found.merged.values())
    superseded = sum(len(gone) for gone in found.superseded.values())
    report = _report(found, by_key, len(memories))
    voice.say(
        "artifact",
        name="memory-report.md",
        artifact_type="report",
        format="markdown",
        content=report,
    )
    output: JsonObject = {
        "merged": merged,
        "superseded": superseded,
        "kept": len(memories) - merged - superseded,
        "dry_run": dry_run,
    }
    voice.say("result", output=output, say=_say(merged, superseded, len(memories), dry_run=dry_run))


def _write(found: Consolidation, by_key: Mapping[str, StoredMemory], voice: Voice) -> None:
    for key in sorted(found.merged | found.superseded):
        memory = by_key[key]
        source = dict(memory.source)
        tags = list(memory.tags)
        for link, groups in (("merged_from", found.merged), ("supersedes", found.superseded)):
            if gone := groups.get(key):
                source[link] = [*_links(memory, link), *(_trace(other) for other in gone)]
        for other in found.merged.get(key, ()):
            tags += other.tags
        voice.say(
            "memory",
            memory_type=memory.type,
            key=key,
            content=memory.content,
            tags=list(dict.fromkeys([*tags, "consolidated"])),
            source=source,
        )
    for groups in (found.merged, found.superseded):
        for gone in groups.values():
            for memory in gone:
                voice.say("forget", key=memory.key)


def _links(memory: StoredMemory, name: str) -> list[object]:
    """Links from earlier runs; older ones are in the content."""
    return [*as_list(as_object(memory.content).get(name)), *as_list(memory.source.get(name))]


def _trace(memory: StoredMemory) -> JsonObject:
    """What is kept of a removed memory, its own links included."""
    trace: JsonObject = {"key": memory.key, "text": memory.text}
    if as_object(memory.content):
        trace["content"] = memory.content
    if memory.source:
        trace["source"] = dict(memory.source)
    return trace


def _report(found: Consolidation, by_key: Mapping[str, StoredMemory], total: int) -> str:
    lines = ["# Memory report", "", f"{count_in_words(total, 'memory', 'memories')} compared.", ""]
    for title, groups in (
        ("Decisions that replaced earlier ones", found.superseded),
        ("Said more than once", found.merged),
    ):
        lines += [f"## {title}", ""]
        if not groups:
            lines += ["None.", ""]
        for key in sorted(groups, key=lambda key: by_key[key].age):
            lines.append(f"- **{quoted(by_key[key].text)}** (`{key}`)")
            lines += [f"  - was: {quoted(other.text)} (`{other.key}`)" for other in groups[key]]
        lines += [""] if groups else []
    return "\n".join(lines)


def _say(merged: int, superseded: int, total: int, *, dry_run: bool) -> str:
    if not total:
        return "There are no memories to tidy up yet."
    if not merged and not superseded:
        compared = count_in_words(total, "memory", "memories")
        return f"I looked at {compared}, and there was nothing to tidy up."
    parts: list[str] = []
    if merged:
        verb = "would merge" if dry_run else "merged"
        parts.append(f"I {verb} {count_in_words(merged, 'duplicate', 'duplicates')}.")
    if superseded:
        was = count_in_words(superseded, "decision was", "decisions were")
        parts.append(f"{was[0].upper()}{was[1:]} replaced by a later one.")
    return " ".join(parts)


if __name__ == "__main__":
    main()
