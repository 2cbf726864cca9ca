"""Rewraps docstrings whose last words spill alone onto a line, and draws rulers to the margin.

What ruff leaves alone (`make fmt`). Only paragraphs of plain prose are rewrapped: lists, tables
and whatever is indented stay. With `--check` nothing is written, and the exit code is 1
when something would be.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST, NARROWEST = 100, 60
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_RULER = re.compile(r"^( *# )[-─]{2,} (.*?) [-─]{3,}$", re.MULTILINE)
_STRUCTURED = re.compile(r"[-*·•>|]|\d+[.)] |\w+:$|\S.*  +\S")


def is_tail(line: str) -> bool:
    """Whether a paragraph's last line is too little to stand alone."""
    return len(line.split()) < 3 and len(line.strip().removesuffix('"""')) < 25


def rewrapped(lines: list[str], indent: str) -> list[str]:
    """A paragraph without indent, wrapped so that it has no tail; as it was when none will do."""
    for width in range(LONGEST - len(indent), NARROWEST, -1):
        wrapped = textwrap.wrap(
            " ".join(lines), width, break_long_words=False, break_on_hyphens=False
        )
        if not is_tail(wrapped[-1]) and (len(wrapped) > 1 or len(wrapped[0]) + 3 <= width):
            return wrapped
    return lines


def formatted(source: str) -> str:
    """The module with its docstrings rewrapped and its rulers of one length."""
    source = _RULER.sub(lambda ruler: f"{ruler[1]}── {ruler[2]} ".ljust(LONGEST, "─"), source)
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, _DOCUMENTED) or ast.get_docstring(node, clean=False) is None:
            continue
        text = node.body[0]
        end = text.end_lineno or text.lineno
        block = lines[text.lineno - 1 : end]
        if len(block) > 1:
            new = _rewrapped_block(block, " " * text.col_offset)
            # As many lines as before, so that the other nodes' numbers stay true; cut below.
            lines[text.lineno - 1 : end] = new + ["\0"] * (len(block) - len(new))
    return "\n".join(line for line in lines if line != "\0")


def _rewrapped_block(block: list[str], indent: str) -> list[str]:
    bounds = [-1, *(n for n, line in enumerate(block) if not line.strip()), len(block)]
    out: list[str] = []
    for before, after in pairwise(bounds):
        paragraph = block[before + 1 : after]
        closing = [paragraph.pop()] if paragraph and paragraph[-1].strip() == '"""' else []
        bare = [line.removeprefix(indent) for line in paragraph]
        if len(bare) > 1 and is_tail(bare[-1]) and not any(map(_is_structured, bare)):
            new = rewrapped(bare, indent)
            if len(new) <= len(bare):
                bare = new
        out += [indent + line for line in bare] + closing
        if after < len(block):
            out.append("")
    if len(out) == 2 and out[1].strip() == '"""' and len(out[0]) + 3 <= LONGEST:
        return [out[0] + '"""']
    return out


def _is_structured(line: str) -> bool:
    return line.startswith(" ") or _STRUCTURED.match(line) is not None


def main(*, check: bool) -> int:
    """Format every Python file that git knows; with `check` only say which would change."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"],  # noqa: S607 reason: git of the PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    changed = 0
    for name in listed.stdout.split():
        path = ROOT / name
        if not path.exists():
            continue
        source = path.read_text("utf-8")
        text = formatted(source)
        if text == source:
            continue
        changed += 1
        if check:
            print(f"{name}: a docstring's tail or a short ruler; run make fmt")
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
