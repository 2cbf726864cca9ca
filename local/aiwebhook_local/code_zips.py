"""Packs functions and layers as Lambda receives them: sources, and bytecode for a quick start."""

import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from aiwebhook import bytecode
from aiwebhook.bytecode.pyc import pyc
from aiwebhook_local.home import Project

_EPOCH = (1980, 1, 1, 0, 0, 0)


def function_names(project: Project) -> list[str]:
    """The functions of a project: every folder of functions/ with a handler."""
    return sorted(path.parent.name for path in project.functions.glob("*/handler.py"))


def function_zip(project: Project, name: str, compiled: Path) -> bytes:
    """functions/<name> under its package name."""
    return _zip(project.functions, project.functions / name, compiled)


def core_layer_zip(project: Project, compiled: Path) -> bytes:
    """layers/core as it is."""
    return _zip(project.core_layer, project.core_layer / "python", compiled)


def vendor_layer_zip() -> bytes:
    """Empty: third-party packages are those of the environment that runs the stack."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/.empty", _EPOCH), b"")
    return buffer.getvalue()


def _zip(base: Path, folder: Path, compiled: Path) -> bytes:
    """The folder with its bytecode as a zip; not compressed, because every start of a function
    process unpacks it.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sources(folder):
            name = path.relative_to(base).as_posix()
            content = path.read_bytes()
            _add(archive, name, content)
            if path.suffix == ".py" and (bytecode := _compiled(path, content, compiled)):
                _add(archive, _cache_name(name), bytecode)
    return buffer.getvalue()


def sources(folder: Path) -> Iterator[Path]:
    """The files of a folder that are packed: all but bytecode."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _cache_name(name: str) -> str:
    parent, _, module = name.rpartition("/")
    return f"{parent}/__pycache__/{module.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"


def _compiled(path: Path, content: bytes, folder: Path) -> bytes | None:
    """The module's bytecode, valid whatever the mtime of the unpacked source; None on bad syntax.

    A syntax error is not ours to report: the function fails at import, as it would on AWS. The
    content that was read is compiled: the file may have been saved again since.
    """
    digest = hashlib.sha256(_compiler() + f"{path}{sys.version}".encode() + content).hexdigest()
    target = folder / f"{digest}.pyc"
    if not target.exists():
        try:
            compiled = pyc(content, runs_at=str(path))
        except SyntaxError:
            return None
        fresh = target.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(compiled)
        fresh.replace(target)
    return target.read_bytes()


@cache
def _compiler() -> bytes:
    """The compiler's sources, as part of the cache key: bytecode of an older one is not used."""
    sources = Path(str(bytecode.__file__)).parent
    return b"".join(path.read_bytes() for path in sorted(sources.glob("*.py")))
