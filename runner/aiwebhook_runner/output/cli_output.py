"""The output of a command-line agent's run, and the part of it that is spoken."""

# ruff: noqa: PLC0415 - reason: the agent waits for what is imported here, not for its own answer
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object
from aiwebhook_runner.output.messages import AgentMessage, AgentResult, FileChanged, SessionStarted

MAX_FILES = 200
_FENCED = re.compile(r"(?s)```(?:json|JSON)?[ \t]*\n(.*?)```")


@dataclass(slots=True, kw_only=True)
class RunStory:
    """What is reported of a run besides its answer; collected during its turns."""

    kind: str
    session_id: str | None = None
    version: str | None = None
    model: str | None = None
    turns: int = 0
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Path → last change."""
    workspace: JsonObject = field(default_factory=dict[str, object])
    publication: str = ""
    """To be spoken after the agent's own words."""

    def observe(self, message: AgentMessage) -> None:
        """Keep what belongs in the output."""
        match message:
            case SessionStarted():
                self.session_id = message.session_id or self.session_id
                self.version = message.version or self.version
                self.model = message.model or self.model
            case FileChanged(path=path, change=change):
                self.files[path] = change
            case _:
                pass

    def as_output(self) -> JsonObject:
        """Fields of the output; failures have them too, so that the work is kept."""
        fields: JsonObject = {
            "agent": {
                "kind": self.kind,
                "version": self.version,
                "model": self.model,
                "session_id": self.session_id,
            },
            "turns": self.turns,
            "files_changed": [
                {"path": path, "change": change}
                for path, change in list(self.files.items())[:MAX_FILES]
            ],
        }
        return fields | ({"workspace": self.workspace} if self.workspace else {})


class SchemaBroken(ValueError):
    """The answer holds no JSON object that the manifest's output_schema accepts."""


def text_result(text: str) -> AgentResult:
    """A final text in words; fields of a schema are added where the schema is known."""
    from aiwebhook_runner.output.say_answer import say_of_answer

    return AgentResult(output={"text": text}, say=say_of_answer(text) or None)


def run_output(
    result: AgentResult, story: RunStory, schema: Mapping[str, object]
) -> tuple[JsonObject, str | None]:
    """The output and what to speak. Raises SchemaBroken."""
    from aiwebhook_runner.output.say_answer import answer_summary, say_of_answer

    text = str(result.output.get("text") or "")
    fields = story.as_output()
    if not schema:
        return {"text": text, **fields}, _say(result.say or say_of_answer(text), story)
    found = _conforming(text, schema)
    output = {"text": text, **fields, **found}
    if _breach_of(schema, output):
        output = found  # the schema wants nothing beside its own fields
    return output, _say(
        say_of_answer(answer_summary(found)) or result.say or say_of_answer(text), story
    )


def _say(words: str, story: RunStory) -> str | None:
    from aiwebhook_runner.output.say_answer import followed_by

    return followed_by(words, story.publication) or None


def _conforming(text: str, schema: Mapping[str, object]) -> JsonObject:
    """The first JSON object in the text that the schema accepts."""
    why = "holds no JSON object."
    for candidate in _objects(text):
        breach = _breach_of(schema, candidate)
        if breach is None:
            return candidate
        why = f"breaks output_schema, {breach}"
    raise SchemaBroken(f"The agent's answer {why}")


def _objects(text: str) -> Iterator[JsonObject]:
    """The whole text, then fenced blocks, then anything else that looks like an object."""
    for piece in (text, *(match.group(1) for match in _FENCED.finditer(text))):
        try:
            yield decode_object(piece.encode("utf-8", "replace"))
        except NotJsonObject:
            continue
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        end = at + 1
        try:
            value, end = decoder.raw_decode(text, at)
            if isinstance(value, dict):
                yield decode_object(text[at:end].encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            pass
        at = text.find("{", end)


def _breach_of(schema: Mapping[str, object], value: object) -> str | None:
    """None when it conforms; otherwise where and why not."""
    import jsonschema  # costs more than starting an agent; few runs need it

    # Its types know only JSON that types can spell, and leave what it finds untyped.
    rules: Any = jsonschema
    try:
        rules.Draft202012Validator.check_schema(schema)
    except rules.SchemaError as exc:
        return f"the schema itself is none: {exc}"[:300]
    error = rules.exceptions.best_match(rules.Draft202012Validator(schema).iter_errors(value))
    if error is None:
        return None
    place = "/".join(str(step) for step in error.absolute_path)
    return f"{'at ' + place + ': ' if place else ''}{str(error.message)[:300]}"
