"""What an image is built from: the files of a clone, and the version that they make."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

DOCKERFILE = "runner/Dockerfile"
_ALLOWED = ".dockerignore"
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})
_ANY_TIME = (1980, 1, 1, 0, 0, 0)
"""Equal files make equal bundles."""


def image_version(root: Path) -> str:
    """Changes with anything that a build is given, and with nothing else: what is pushed under it
    once is never different."""
    sums = hashlib.sha256()
    for path in context_files(root):
        content = hashlib.sha256((root / path).read_bytes()).hexdigest()
        sums.update(f"{path}\0{content}\n".encode())
    return sums.hexdigest()[:12]


def context_files(root: Path) -> list[str]:
    """What .dockerignore lets in, the Dockerfile and itself; by name, relative to the clone."""
    lines = (root / _ALLOWED).read_text("utf-8").splitlines()
    found = {DOCKERFILE, _ALLOWED}
    for entry in (root / line[1:] for line in lines if line.startswith("!")):
        paths = entry.rglob("*") if entry.is_dir() else (entry,)
        found |= {str(path.relative_to(root)) for path in paths if _is_sent(path, root)}
    return sorted(found)


def packed(root: Path, more: Mapping[str, str]) -> bytes:
    """The context as a zip file, with `more`: name → text."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in context_files(root):
            mode = 0o755 if (root / path).stat().st_mode & 0o100 else 0o644
            _put(bundle, path, (root / path).read_bytes(), mode)
        for name, text in more.items():
            _put(bundle, name, text.encode(), 0o644)
    return file.getvalue()


def _put(bundle: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, _ANY_TIME)
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    bundle.writestr(entry, content)


def _is_sent(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    return path.is_file() and not _LEFT_OUT & {*parts} and path.suffix != ".pyc"
