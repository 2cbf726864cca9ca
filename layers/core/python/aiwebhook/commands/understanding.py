"""Reads what language models send in another form than asked for, where it can mean one thing only.

Asked only after the strict reading has refused, and only about what it refused: a request in the
right form is never read otherwise. What was taken another way is told in `notes` of the reply.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from aiwebhook.commands.base import ConversionNote
from aiwebhook.commands.refusals import data_path, join
from aiwebhook.commands.schema_wording import Schema, choices, received, schema_at
from aiwebhook.commands.synonyms import field_meant, normal
from aiwebhook.errors import Invalid, NotJson
from aiwebhook.strict_json import parse_object

Json = dict[str, Any]
_ROUNDS = 3
_FENCED = re.compile(r"\s*```[a-zA-Z0-9]*[ \t]*\r?\n(.*?)```\s*", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


def called(pointer: str, name: str) -> ConversionNote:
    """A field that has another name here."""
    return ConversionNote(pointer=pointer, message=f'is called "{name}" here', renamed=True)


def object_in(value: object) -> Json | None:
    """The object that a text holds as JSON, also inside a Markdown code fence."""
    if not isinstance(value, str):
        return None
    fenced = _FENCED.fullmatch(value)
    text: str = fenced[1] if fenced else value
    if not text.lstrip().startswith("{"):
        return None
    try:
        return parse_object(text.encode("utf-8", "surrogatepass"))
    except (NotJson, Invalid):
        return None


def understand(
    model: type[BaseModel], data: Json, *, pointer: str
) -> tuple[Json, list[ConversionNote]]:
    """The data as the model takes it, as far as that is without doubt, and what was read another
    way. `data` itself is not changed.
    """
    reading = _Reading(model, copy.deepcopy(data), pointer)
    reading.rename_fields(reading.data, reading.root, pointer)
    reading.join_messages()
    for _ in range(_ROUNDS):
        if not reading.mend_values():
            break
    return reading.data, reading.notes


class _Reading:
    def __init__(self, model: type[BaseModel], data: Json, pointer: str) -> None:
        self._model = model
        self._pointer = pointer
        self.root: Schema = model.model_json_schema()
        self.data = data
        self.notes: list[ConversionNote] = []

    def rename_fields(self, value: Json, schema: Schema, pointer: str) -> None:
        """Give every unknown field the known name that is meant, here and in objects inside."""
        for choice in choices(schema, self.root):
            properties: Schema = choice.get("properties", {})
            if not properties:
                continue
            for name in [name for name in value if name not in properties]:
                meant = field_meant(name, properties)
                if meant is not None and meant not in value:
                    value[meant] = value.pop(name)
                    self.notes.append(called(join(pointer, name), meant))
            for name, inner in value.items():
                if isinstance(inner, dict) and name in properties:
                    below = cast("Json", inner)
                    self.rename_fields(below, properties[name], join(pointer, name))

    def join_messages(self) -> None:
        """`messages: [{role, content}]` is a dialogue, one line for each."""
        if not {"content", "participants"} <= set(self._model.model_fields):
            return
        for name in ("messages", "turns", "dialogue", "content"):
            lines = _lines(self.data.get(name))
            if lines is not None and (name == "content" or "content" not in self.data):
                del self.data[name]
                self.data["content"] = "\n".join(lines)
                place = join(self._pointer, name)
                self.notes.append(ConversionNote(pointer=place, message="was read as a dialogue"))

    def mend_values(self) -> bool:
        """Read the values that the model refuses another way; whether any was."""
        try:
            self._model.model_validate(self.data)
        except ValidationError as exc:
            faults = exc.errors(include_input=False, include_url=False, include_context=False)
        else:
            return False
        mended = False
        done: set[tuple[str | int, ...]] = set()
        for detail in faults:
            path, value = data_path(detail, self.data)
            if not path or detail["type"] in {"missing", "extra_forbidden"} or tuple(path) in done:
                continue
            done.add(tuple(path))
            for choice in choices(schema_at(self.root, path), self.root):
                read = _read_as(value, choice)
                if read is not None and read != value:
                    self._put(path, read)
                    self._note(path, value, read)
                    mended = True
                    break
        return mended

    def _put(self, path: list[str | int], value: object) -> None:
        place: Any = self.data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    def _note(self, path: list[str | int], value: object, read: object) -> None:
        pointer = self._pointer
        for step in path:
            pointer = join(pointer, step)
        self.notes.append(
            ConversionNote(
                pointer=pointer, message=f"was read as {received(read)}, not {received(value)}"
            )
        )


def _read_as(value: object, choice: Schema) -> object:
    """The value in the form the schema asks for; None where that is in doubt."""
    if isinstance(value, str):
        return _read_text(value.strip(), choice)
    kind = choice.get("type")
    if kind == "array" and isinstance(value, dict):
        of_text = choice.get("items", {}).get("type") == "string"
        return None if of_text else [cast("object", value)]
    if kind == "object" and isinstance(value, list):
        items = cast("list[object]", value)
        one = items[0] if len(items) == 1 else None
        return cast("Json", one) if isinstance(one, dict) else None
    return None


def _read_text(text: str, choice: Schema) -> object:  # noqa: PLR0911 — one per JSON type
    if "enum" in choice:
        said = normal(text)
        return next((o for o in choice["enum"] if normal(str(o)) in {said, said[:-1]}), None)
    match choice.get("type"):
        case "integer":
            return int(text) if _INTEGER.fullmatch(text) else None
        case "number":
            return float(text) if _NUMBER.fullmatch(text) else None
        case "boolean":
            return {"true": True, "false": False}.get(text.lower())
        case "object":
            return object_in(text)
        case "array":
            return _list_in(text, choice)
        case _:
            return _name_in(text, choice)


def _name_in(text: str, choice: Schema) -> str | None:
    pattern = choice.get("pattern")
    if pattern is None:
        return None
    if re.search(pattern, text):
        return text
    # Only a pattern without capitals says that case and separators carry no meaning.
    name = normal(text)
    return name if "A-Z" not in pattern and re.search(pattern, name) else None


def _list_in(text: str, choice: Schema) -> list[Any] | None:
    if text.startswith("["):
        wrapped = object_in(f'{{"list": {text}}}')
        return None if wrapped is None else wrapped["list"]
    items: Schema = choice.get("items", {})
    whole = object_in(text)
    if whole is not None and items.get("type") != "string":
        return [whole]
    if items.get("type") != "string":
        return None
    return [part.strip() for part in text.split(",") if part.strip()] or None


def _lines(value: object) -> list[str] | None:
    if not isinstance(value, list) or not value:
        return None
    lines = [_line(message) for message in cast("list[object]", value)]
    return None if None in lines else cast("list[str]", lines)


def _line(message: object) -> str | None:
    if not isinstance(message, dict):
        return None
    said = cast("Mapping[str, Any]", message)
    speaker = said.get("name") or said.get("speaker") or said.get("role")
    text = _text_of(said.get("content", said.get("text")))
    if not isinstance(speaker, str) or text is None:
        return None
    return f"{speaker}: {text}"


def _text_of(content: object) -> str | None:
    """The text of a message: plain, or in parts that are all text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [
        cast("Json", part).get("text") if isinstance(part, dict) else None
        for part in cast("list[object]", content)
    ]
    texts = [part for part in parts if isinstance(part, str)]
    return " ".join(texts) if len(texts) == len(parts) else None
