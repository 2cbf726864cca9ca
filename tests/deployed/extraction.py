"""A package of code is extracted once, not for each process of a function: the emulator would write
the thousand files of our layer anew at each cold start, which costs more than the start itself.
"""

from __future__ import annotations

import hashlib
import importlib
import threading
import zipfile
from pathlib import Path
from typing import Any


def extract_once_to(folder: Path) -> None:
    """Call once, before the first function starts."""
    extracting = threading.Lock()

    class ExtractedOnce(zipfile.ZipFile):
        """Where it is extracted, links stand in the place of its files."""

        def namelist(self) -> list[str]:
            """None that the emulator has to check: these packages are ours."""
            return []

        def extractall(self, path: Any = None, *_rest: Any, **_more: Any) -> None:
            name = Path(str(self.filename))
            package = folder / hashlib.sha256(name.read_bytes()).hexdigest()
            with extracting:
                if not package.exists():
                    super().extractall(package, self.infolist())
            for each in package.iterdir():
                (Path(path) / each.name).symlink_to(each)

    class Zipfile:
        """The module `zipfile`, as far as the emulator's pool uses it."""

        ZipFile = ExtractedOnce
        BadZipFile = zipfile.BadZipFile

    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    runtime.zipfile = Zipfile
