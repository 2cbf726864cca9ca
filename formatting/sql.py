"""Formats the SQL of the core with sqruff: `make fmt`; with `--check`, `make format`.

sqruff parses whole statements. A part (`queries/parts/`) is a list of common table expressions and
`-- include` stands for such a list, so both are completed before it sees them. Migrations are left
alone: their checksums are in every database. Exit code 1: not formatted, not parsed or too long.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POSTGRES = ROOT / "layers/core/python/aiwebhook/postgres"
SQRUFF = Path(sys.executable).with_name("sqruff")

_INCLUDE = re.compile(r"^-- include (\w+)(,?)$", re.MULTILINE)
_COMPLETED = re.compile(r"^include_(\w+) AS \(SELECT 1\)(,?)$", re.MULTILINE)
_HEAD = re.compile(r"\A(?:--.*\n)*")
_QUERY = "SELECT 1\n"
_LONGEST = 100
_UNKNOWN, _KNOWN = (
    "<<=",
    "@@",
)  # sqruff 0.44 lacks this operator of inet; no statement uses the other


def complete(text: str, *, part: bool) -> str:
    """The file as a statement that sqruff can parse."""
    text = _INCLUDE.sub(r"include_\1 AS (SELECT 1)\2", text).replace(_UNKNOWN, _KNOWN)
    return _HEAD.sub(r"\g<0>WITH\n", text) + _QUERY if part else text


def restore(text: str, *, part: bool) -> str:
    """`complete`, undone on the formatted statement."""
    text = _COMPLETED.sub(r"-- include \1\2", text).replace(_KNOWN, _UNKNOWN)
    return text.replace("\nWITH\n", "\n", 1).removesuffix(_QUERY) if part else text


def formatted(sources: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The texts by relative path, formatted, and what sqruff could not put right."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            place = Path(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(complete(text, part=_is_part(name)), encoding="utf-8")
        command = [SQRUFF, "fix", "--quiet", "--parsing-errors", "--format", "json"]
        done = subprocess.run(
            [*command, "--ignore-local-config", "--config", ROOT / ".sqruff", "."],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        texts = {
            name: restore(Path(folder, name).read_text(encoding="utf-8"), part=_is_part(name))
            for name in sources
        }
    if not done.stdout.startswith("{"):
        return sources, [done.stderr]
    return texts, [*_unparsed(done.stdout), *_too_long(texts)]


def _is_part(name: str) -> bool:
    return "/parts/" in name


def _unparsed(report: str) -> list[str]:
    """Faults under no rule: what sqruff could not parse, and so left as it was."""
    return [
        f"{name}:{fault['range']['start']['line']}: {fault['message']}"
        for name, faults in json.loads(report).items()
        for fault in faults
        if fault["code"] is None
    ]


def _too_long(texts: dict[str, str]) -> list[str]:
    """Comments mostly: sqruff breaks expressions, never prose. The schema repeats migrations."""
    return [
        f"{name}:{number}: {len(line)} characters, at most {_LONGEST}"
        for name, text in texts.items()
        if name.startswith("queries/")
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > _LONGEST
    ]


def main(*, check: bool) -> int:
    """Format the files, or with `check` only say which are not formatted."""
    files = [POSTGRES / "schema.sql", *sorted((POSTGRES / "queries").rglob("*.sql"))]
    sources = {str(path.relative_to(POSTGRES)): path.read_text("utf-8") for path in files}
    texts, faults = formatted(sources)
    changed = [name for name, text in texts.items() if text != sources[name]]
    for name in [] if check else changed:
        POSTGRES.joinpath(name).write_text(texts[name], encoding="utf-8")
    for line in faults + [f"{name}: would be reformatted" for name in changed if check]:
        print(line)
    return 1 if faults or (check and changed) else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
