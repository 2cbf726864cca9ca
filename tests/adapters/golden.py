"""Golden files: what a real CLI printed in a scenario, trimmed, and what its reader made of it.

`python -m tests.adapters.golden FOLDER_OF_BINARIES [kind [scenario …]]` captures them anew.
"""

import json
import re
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from aiwebhook_runner.adapters import ProcessEnd, adapter_for
from aiwebhook_runner.jsons import NotJsonObject, decode_object
from tests.adapters.any_launch import any_manifest
from tests.adapters.real_cli import Heard, understood
from tests.adapters.scenarios import SCENARIOS, SCRIPTS, play
from tests.adapters.scripted import scripted_provider

FOLDER = Path(__file__).with_name("golden")
KINDS = ("claude_code", "codex", "gemini", "opencode")
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
MANY = 3
"""Items of a list that are kept."""
LONG = 240
"""Characters of a text that are kept."""


def names() -> list[str]:
    """kind/scenario of every golden file."""
    return sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.glob("*/*.json"))


def read(name: str) -> dict[str, Any]:
    """{exit_code, stderr_tail, lines, messages}"""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def messages_of(kind: str, lines: list[Any], end: ProcessEnd) -> list[dict[str, Any]]:
    """What the reader makes of these lines, as JSON values."""
    encoded = [json.dumps(line).encode() for line in lines]
    adapter = adapter_for(any_manifest(kind))
    return [
        {"kind": type(message).__name__, **json.loads(json.dumps(asdict(message)))}
        for message in understood(adapter, encoded, end)
    ]


def capture(kind: str, scenario: str, binaries: str) -> None:
    """Plays the scenario and writes its file."""
    with tempfile.TemporaryDirectory() as name, scripted_provider(Path(name), **SCRIPTS) as llm:
        folder = Path(name) / "run"
        heard = play(kind, scenario, llm, folder, path=f"{binaries}:{SYSTEM_PATH}")
        lines = [_trimmed(_decoded(line), folder) for line in heard.lines]
    if len(lines) > 3 * MANY:
        lines = lines[: 2 * MANY] + lines[-MANY:]
    end = ProcessEnd(exit_code=heard.end.exit_code, stderr_tail=_trimmed(_errors(heard), folder))
    content = {
        "exit_code": end.exit_code,
        "stderr_tail": end.stderr_tail,
        "lines": lines,
        "messages": messages_of(kind, lines, end),
    }
    path = FOLDER / kind / f"{scenario}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_as_text(content), encoding="utf-8")


def _as_text(content: dict[str, Any]) -> str:
    """One row for each line and each message, so that a difference is one row."""
    parts: list[str] = []
    for name, value in content.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            rows = cast("list[object]", value)
            text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            text = f"[\n{text}\n]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _decoded(line: bytes) -> object:
    try:
        return decode_object(line)
    except NotJsonObject:
        return line.decode("utf-8", "replace")


def _errors(heard: Heard) -> str:
    return "\n".join(heard.end.stderr_tail.splitlines()[-MANY:])


def _trimmed(value: Any, folder: Path) -> Any:
    """Without what is long, and without what only this machine and this run know."""
    if isinstance(value, str):
        text = value.replace(str(folder), "/run").replace(folder.parent.name, "tmp")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8788", text)
        return text if len(text) <= LONG else text[:LONG] + "…"
    if isinstance(value, list):
        return [_trimmed(item, folder) for item in cast("list[Any]", value)[:MANY]]
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {name: _trimmed(item, folder) for name, item in pairs}
    return value


def main(arguments: list[str]) -> None:
    """All kinds and scenarios, or those that are named."""
    binaries, *rest = arguments
    kinds = rest[:1] or list(KINDS)
    for kind in kinds:
        for scenario in rest[1:] or SCENARIOS:
            capture(kind, scenario, binaries)
            last = read(f"{kind}/{scenario}")["messages"][-1:]
            sys.stdout.write(f"{kind:11} {scenario:10} {json.dumps(last)[:300]}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
