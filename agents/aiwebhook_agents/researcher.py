"""Built-in agent: writes a brief of a session in which every sentence is quoted and cited.

It invents nothing: it ranks what was said against the question and puts it in order. Input:
`question`, otherwise the task's description; with neither, the brief is about the session
as a whole.
"""

import re
import sys

from aiwebhook_agents.agent_io import JsonObject, Task, Voice, as_list, as_object
from aiwebhook_agents.phrases import count_in_words, listed, quoted
from aiwebhook_agents.research.sources import Quote, Sources
from aiwebhook_agents.research.study import Study, study

TITLES = {
    "decision": "Decisions",
    "question": "Open questions",
    "action_item": "Action items",
    "risk": "Risks",
}
COUNTED = {"decision": "decision", "action_item": "action item", "question": "open question"}
WITHOUT_MODEL = "I searched without a model and can only quote."
CLOCK = re.compile(r"T(\d\d:\d\d)|^(\d{1,2}:\d\d)")


def main() -> None:
    """One task from stdin, messages to stdout."""
    research(Task.read(sys.stdin), Voice())


def research(task: Task, voice: Voice) -> None:
    """Writes the brief as an artifact and as structured findings."""
    chunks = count_in_words(len(task.chunks), "chunk", "chunks")
    amount = f"{chunks} and {count_in_words(len(task.memories), 'memory', 'memories')}"
    voice.say("progress", message=f"Reading {amount}", percent=0)
    sources = Sources(task.chunks)
    found = study(task, sources)
    voice.say("progress", message="Writing the brief", percent=80)
    findings = _findings(found)
    used = {str(place["ref"]) for finding in findings for place in _places(finding)}
    listing = sources.listing(used)
    title = str(task.session.get("title") or task.session.get("session_id") or "this session")
    voice.say(
        "artifact",
        name="brief.md",
        artifact_type="brief",
        format="markdown",
        content=brief(found, listing, title),
    )
    output: JsonObject = {
        "question": found.question,
        "findings": findings,
        "sources": listing,
        "counts": {kind: len(quotes) + found.more[kind] for kind, quotes in found.sections.items()},
        "artifact": "brief.md",
    }
    voice.say("result", output=output, say=spoken(found))


def brief(found: Study, listing: list[JsonObject], title: str) -> str:
    lines = [f"# Brief: {title}", ""]
    if found.question:
        lines += [f"Question: {found.question}", ""]
    lines += ["## Answer in brief", ""]
    if found.missed:
        lines += ["_The session names nothing that was asked about; this is the nearest._", ""]
    lines += [_cited(quote) for quote in found.answer] or ["Nothing about this was said."]
    for kind, heading in TITLES.items():
        lines += ["", f"## {heading}", ""]
        lines += [_item_line(quote) for quote in found.sections[kind]] or ["None."]
        if found.more[kind]:
            lines.append(f"- … and {found.more[kind]} more, in the memories of the session.")
        if kind == "decision" and found.superseded:
            lines += ["", "Replaced since:", ""]
            lines += [_replaced_line(new, old) for new, old in found.superseded]
    lines += ["", "## Evidence", ""]
    lines += [
        f"> {_who(quote)}“{_flat(quote.text)}” [{quote.ref}]\n" for quote in found.evidence
    ] or ["None."]
    lines += ["## Sources", ""]
    lines += [_source_line(row) for row in listing] or ["None."]
    return "\n".join(lines) + "\n"


def spoken(found: Study) -> str:
    """At most two sentences: the first finding, and that it is a quote."""
    if not found.answer:
        return f"I found nothing about this in the session. {WITHOUT_MODEL}"
    best = found.answer[0]
    speaker = best.place.get("speaker")
    words = quoted(best.text)
    first = f"{speaker} said: {words}." if speaker else f"The session says: {words}."
    if found.missed:
        first = f"The session does not name what you asked about; the nearest is: {words}."
    parts = [
        count_in_words(len(found.sections[kind]) + found.more[kind], one, f"{one}s")
        for kind, one in COUNTED.items()
        if found.sections[kind]
    ]
    brief = f"; the brief has {listed(parts)}" if parts else ""
    return f"{first.replace('?.', '?')} {WITHOUT_MODEL.rstrip('.')}{brief}."


def _findings(found: Study) -> list[JsonObject]:
    findings = [quote.as_finding("answer") for quote in found.answer]
    for kind, quotes in found.sections.items():
        findings += [quote.as_finding(kind) for quote in quotes]
    for new, old in found.superseded:
        findings.append(old.as_finding("superseded") | {"replaced_by": new.text})
    return findings + [quote.as_finding("evidence") for quote in found.evidence]


def _places(finding: JsonObject) -> list[JsonObject]:
    return [as_object(place) for place in as_list(finding["sources"])]


def _cited(quote: Quote) -> str:
    return f"{_who(quote)}{_flat(quote.text)} [{quote.ref}]  "


def _item_line(quote: Quote) -> str:
    owner = f"**{quote.owner}**: " if quote.owner else ""
    due = f" (due {quote.due})" if quote.due else ""
    return f"- {owner}{_flat(quote.text)}{due} [{quote.ref}]"


def _replaced_line(new: Quote, old: Quote) -> str:
    return f"- ~~{_flat(old.text)}~~ [{old.ref}] → {_flat(new.text)} [{new.ref}]"


def _who(quote: Quote) -> str:
    speaker, time = quote.place.get("speaker"), str(quote.place.get("time") or "")
    clock = CLOCK.search(time)
    at = f" ({clock[1] or clock[2]})" if clock else ""
    return f"{speaker}{at}: " if speaker else ""


def _source_line(row: JsonObject) -> str:
    names = ", ".join(str(name) for name in as_list(row.get("participants")))
    about = [
        str(row.get("chunk_id") or f"memory {row.get('memory')}"),
        names,
        str(row.get("start_time") or ""),
    ]
    return f"- [{row['ref']}] {' · '.join(part for part in about if part)}"


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
