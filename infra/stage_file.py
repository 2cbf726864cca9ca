"""stages.toml, the user's own: what a stage has otherwise than dev or prod, and further stages.

`python -m infra.stage_file NAME` prints as JSON what the command line wants to know of a stage.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra import ROOT
from infra.agents import queued_agents
from infra.costs import idle_costs
from infra.stages import DEV, GATEWAYS, STAGES, Stage

FILE = "stages.toml"
"""Beside cdk.json."""
_LIKE = "like"
_TABLE = re.compile(r"^\s*\[\[?([^\[\]]+)\]")
_WANTED = {
    "tuple_type": 'this must be a list, such as ["…"]',
    "dict_type": "this must be a table",
    "mapping_type": "this must be a table",
    "model_type": "this must be a table",
}
"""Python's words for types, in TOML's."""


class StageFileError(ValueError):
    """The file, or a stage that was asked for: one sentence with the line and the remedy."""


def read_stages(path: Path = ROOT / FILE) -> tuple[Stage, ...]:
    """dev, prod and the file's stages with its changes. Raises StageFileError."""
    return _stages_in(_text_of(path), path.name)


def add_settings(path: Path, stage: str, settings: Mapping[str, str]) -> None:
    """Write settings under `[stage]`, and leave all else in the file as it is. They must not be
    there yet. Raises StageFileError, and has changed nothing then."""
    before = _text_of(path)
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    header = re.search(rf"^[ \t]*\[[ \t]*{re.escape(stage)}[ \t]*\].*\n?", before, re.MULTILINE)
    if header is None:
        gap = "\n" if before and not before.endswith("\n\n") else ""
        text = f"{before}{gap}[{stage}]\n{''.join(lines)}"
    else:
        end = header.end()
        above = before[:end] if before[:end].endswith("\n") else f"{before[:end]}\n"
        text = above + "".join(lines) + before[end:]
    try:
        _stages_in(text, path.name)
    except StageFileError as exc:
        wanted = " ".join(lines).replace("\n", "")
        raise StageFileError(f"{exc} Write under [{stage}] yourself: {wanted}") from exc
    # A whole file or none, whenever this is killed.
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(text, "utf-8")
        new.replace(path)
    except OSError as exc:
        raise StageFileError(f"{path.name} cannot be written: {exc.strerror}.") from exc


def _text_of(path: Path) -> str:
    """Empty where there is no file. Raises StageFileError."""
    if not path.exists() and not path.is_symlink():
        return ""
    try:
        return path.read_text("utf-8-sig")  # some editors begin a file with a mark
    except OSError as exc:
        raise StageFileError(f"{path.name} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        raise StageFileError(f"{path.name}, line {line}: this is not UTF-8.") from exc


def _stages_in(text: str, file: str) -> tuple[Stage, ...]:
    known = {stage.name: stage for stage in STAGES}
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as exc:  # also a number of thousands of digits
        raise StageFileError(_toml_fault(file, text, str(exc))) from exc
    for name, table in tables.items():
        where = _Place(file=file, text=text)
        if isinstance(table, list):
            raise StageFileError(f"{where.of(name)}: [[{name}]] is a list: write [{name}], once.")
        if not isinstance(table, dict):
            raise StageFileError(f"{where.of(name)}: {name} comes before the first [stage].")
        known[name] = _stage(name, cast("dict[str, Any]", table), known, where)
    return tuple(known.values())


def choose_stages(names: str, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Of these the ones that are named, by commas between them. Raises StageFileError."""
    by_name = {stage.name: stage for stage in stages}
    chosen = [name.strip() for name in names.split(",")]
    for name in chosen:
        if name not in by_name:
            raise StageFileError(
                f"There is no stage {name!r}: choose one of {', '.join(by_name)}, or describe it in"
                f" {FILE}."
            )
        if chosen.count(name) > 1:
            raise StageFileError(f"The stage {name!r} is named twice: name it once.")
    return tuple(by_name[name] for name in chosen)


def choose_stage(name: str, stages: Sequence[Stage]) -> Stage:
    """The one of that name. Raises StageFileError."""
    (stage, *others) = choose_stages(name, stages)
    if others:
        raise StageFileError(f"One stage at a time: {name!r} are several.")
    return stage


class _Place:
    """Where a setting stands in the file."""

    def __init__(self, *, file: str, text: str) -> None:
        self._file, self._lines = file, text.splitlines()

    def of(self, *path: str) -> str:
        """`stages.toml, line 3` of the longest part of the path that the text shows."""
        table, found = "", 0
        wanted = {".".join(path[:length]) for length in range(1, len(path) + 1)}
        best = ""
        for number, line in enumerate(self._lines, start=1):
            header = _TABLE.match(line)
            if header:
                table = ".".join(part.strip(" \t\"'") for part in header[1].split("."))
                here = table
            else:
                key = line.partition("=")[0].strip(" \t\"'")
                here = f"{table}.{key}" if table else key
            if here in wanted and len(here) > len(best):
                best, found = here, number
        return f"{self._file}, line {found}" if found else self._file


def _stage(name: str, table: dict[str, Any], known: Mapping[str, Stage], where: _Place) -> Stage:
    like = table.pop(_LIKE, name if name in known else DEV.name)
    if not isinstance(like, str) or like not in known:
        raise StageFileError(
            f"{where.of(name, _LIKE)}: there is no stage {like!r} above it: choose one of"
            f" {', '.join(known)}."
        )
    begun = known[like].model_dump()
    if "name" in table:
        raise StageFileError(
            f"{where.of(name, 'name')}: a stage is named by its table: remove this."
        )
    try:
        stage = Stage.model_validate(_merged(begun, {**table, "name": name}))
    except ValidationError as exc:
        raise StageFileError(_sentence(name, exc.errors()[0], where)) from exc
    known_agents = [agent.name for agent in queued_agents()]
    for agent in stage.agents:
        if agent not in known_agents:
            raise StageFileError(
                f"{where.of(name, 'agents', agent)}: there is no agent {agent!r} with a queue:"
                f" choose one of {', '.join(known_agents)}."
            )
    return stage


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` wins; tables within tables likewise."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = _merged(cast("dict[str, Any]", old), cast("dict[str, Any]", value))
        else:
            result[key] = value
    return result


def _sentence(stage: str, fault: ErrorDetails, where: _Place) -> str:
    path = tuple(str(part) for part in fault["loc"])
    line = where.of(stage, *path)
    if fault["type"] == "extra_forbidden":
        near = _nearest(path[-1], _names_beside(path))
        hint = f" Did you mean {near!r}?" if near else ""
        return f"{line}: there is no setting {path[-1]!r}.{hint} docs/deploy.md lists them."
    if path == ("name",):
        return f"{line}: {stage!r} is not a stage's name: a to z and digits, at most 20."
    said = _WANTED.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
    if not path:
        return f"{line}: {said}"
    if fault["type"] == "string_pattern_mismatch":
        said = f"the form is invalid ({_first_words(path)})"
    given = json.dumps(fault["input"], default=str)
    return f"{line}: {'.'.join(path)}: {said}, got {given}."


def _first_words(path: tuple[str, ...]) -> str:
    """What a setting is, as docs/deploy.md begins to say it."""
    field = _model_of(path).model_fields.get(path[-1])
    said = " ".join(((field and field.description) or "").split())
    return re.split(r"[.;] ", said)[0].rstrip(".")


def _names_beside(path: tuple[str, ...]) -> list[str]:
    model = _model_of(path)
    return [*model.model_fields, *([_LIKE] if model is Stage else [])]


def _model_of(path: tuple[str, ...]) -> type[BaseModel]:
    """The model in which the last one of the path was looked for."""
    model: type[BaseModel] = Stage
    for part in path[:-1]:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        types: tuple[object, ...] = (annotation, *getattr(annotation, "__args__", ()))
        for each in types:
            if isinstance(each, type) and issubclass(each, BaseModel):
                model = each
    return model


def _nearest(name: str, known: Sequence[str]) -> str | None:
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return found[0] if found else None


def _toml_fault(file: str, text: str, said: str) -> str:
    """tomllib's words; ours for what is defined twice."""
    twice = re.search(r"Cannot declare \((.+?),?\) twice \(at line (\d+)", said)
    if twice:
        table = twice[1].replace("', '", ".").strip("'")
        kind = "table" if "." in table else "stage"
        return f"{file}, line {twice[2]}: the {kind} [{table}] is defined twice: merge the two."
    again = re.search(r"Cannot overwrite a value \(at line (\d+)", said)
    if again:
        key = text.splitlines()[int(again[1]) - 1].partition("=")[0].strip()
        return f"{file}, line {again[1]}: {key} is set twice: remove one."
    return f"{file}: this is not TOML: {said}"


def description(stage: Stage) -> dict[str, Any]:
    """What `aiwebhook cloud` says of a stage before anything is created."""
    return {
        "stage": stage.name,
        "keep_data": stage.keep_data,
        "database_major": stage.database_major,
        "database_instance": stage.database_instance,
        "database_storage_gib": stage.database_storage_gib,
        "max_waits": stage.max_waits,
        "elastic_addresses": GATEWAYS[stage.egress],
        "database_snapshot": stage.database_snapshot,
        "app_secret_arn": stage.app_secret_arn,
        "certificate_arn": stage.certificate_arn,
        "idle_costs": [asdict(item) for item in idle_costs(stage)],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the description. Exit code 2, with a sentence, for an invalid stage or file."""
    parser = argparse.ArgumentParser(prog="python -m infra.stage_file")
    parser.add_argument("stage")
    parser.add_argument("--settings", type=Path, default=ROOT / FILE)
    parser.add_argument("--set", type=json.loads, default={}, help="JSON: added to the file first")
    options = parser.parse_args(arguments)
    try:
        if options.set:
            add_settings(options.settings, options.stage, options.set)
        stage = choose_stage(options.stage, read_stages(options.settings))
    except StageFileError as exc:
        print(exc, file=sys.stderr)
        return 2
    print(json.dumps(description(stage)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
