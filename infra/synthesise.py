"""`python -m infra.synthesise` writes the templates of infra/synth; with --check it only compares.

infra/synth/<stage>/<network|data|door|service>.template.json are reviewed as a diff and
deployed by the local stack. Hashes of code assets are replaced by the names of their
folders (functions/relay.zip).
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra import ROOT
from infra.app import build_app
from infra.assets import Assets
from infra.stages import STAGES

SYNTH = ROOT / "infra" / "synth"


def templates() -> dict[Path, str]:
    """Synthesise dev and prod, whatever the user's file says: the path of each committed template
    and the text it should have."""
    with tempfile.TemporaryDirectory() as folder:
        app = build_app(assets=Assets(named=True), outdir=folder, stages=STAGES)
        return {
            _committed_path(stack.stack_name): _readable(Path(folder), stack.stack_name)
            for stack in app.synth().stacks
        }


def stale(expected: dict[Path, str]) -> list[Path]:
    """List the committed templates that are missing, different or no longer made."""
    present = set(SYNTH.rglob("*.template.json"))
    different = {
        path
        for path, text in expected.items()
        if path not in present or path.read_text("utf-8") != text
    }
    return sorted(different | (present - set(expected)))


def main(arguments: list[str] | None = None) -> int:
    """Write or check. Returns the exit code: 1 when a check found a stale template."""
    parser = argparse.ArgumentParser(prog="python -m infra.synthesise")
    parser.add_argument("--check", action="store_true", help="write nothing, show what is stale")
    options = parser.parse_args(arguments)
    expected = templates()
    paths = stale(expected)
    for path in paths:
        if options.check:
            sys.stdout.write(_difference(path, expected.get(path, "")) + "\n")
        else:
            _put(path, expected.get(path))
    done = "stale" if options.check else "written"
    sys.stdout.write(f"{len(expected)} templates, {len(paths)} {done}\n")
    return 1 if options.check and paths else 0


def _committed_path(stack_name: str) -> Path:
    _, stage, part = stack_name.split("-")
    return SYNTH / stage / f"{part}.template.json"


def _readable(folder: Path, stack_name: str) -> str:
    """Read the template, with folder names in place of asset hashes."""
    text = json.dumps(_json(folder / f"{stack_name}.template.json"), indent=1)
    for digest, asset in _json(folder / f"{stack_name}.assets.json")["files"].items():
        text = text.replace(digest, _asset_name(asset["displayName"]))
    return text + "\n"


def _asset_name(display_name: str) -> str:
    """Ours are named after their folders (infra/assets.py); CDK's own helpers go under cdk/."""
    if display_name.startswith(("functions/", "layers/")):
        return display_name
    return "cdk/" + display_name.rpartition("/")[2].partition(" ")[0]


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _difference(path: Path, text: str) -> str:
    committed = path.read_text("utf-8") if path.exists() else ""
    name = str(path.relative_to(ROOT))
    lines = difflib.unified_diff(
        committed.splitlines(), text.splitlines(), name, "synthesised now", n=2, lineterm=""
    )
    return "\n".join(list(lines)[:60])


if __name__ == "__main__":
    sys.exit(main())
