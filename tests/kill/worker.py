"""A worker of somebody's own, which comes back whenever it was killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Self

import psutil

from aiwebhook_local.processes import ProcessLaunch, start_process
from tests.support.living import GONE
from tests.support.source_tree import PYTHONPATH, ROOT


class Worker:
    """`aiwebhook worker` as a child process. To be used from the main thread."""

    def __init__(self, url: str, key: str, folder: Path, *arguments: str) -> None:
        self._url = url
        self._key = key
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def __enter__(self) -> Self:
        self._folder.mkdir()
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(180)

    def kill(self) -> bool:
        """The whole, and start another of the same name; its runs end with it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._start()
        return True

    def runs(self) -> list[psutil.Process]:
        """The supervisors of its runs."""
        assert self._process is not None
        with contextlib.suppress(*GONE):
            children = psutil.Process(self._process.pid).children()
            return [p for p in children if p.status() != psutil.STATUS_ZOMBIE]
        return []

    def _start(self) -> None:
        self.starts += 1
        with (self._folder / "worker.log").open("ab") as log:
            self._process = start_process(
                ProcessLaunch(
                    command=[
                        *(sys.executable, "-m", "aiwebhook_cli", "--json", "worker"),
                        *self._arguments,
                    ],
                    output=log,
                    cwd=self._folder,
                    environment={
                        "PATH": os.environ.get("PATH", os.defpath),  # noqa: TID251 for git and sh
                        "HOME": str(self._folder),
                        "PYTHONPATH": f"{PYTHONPATH}{os.pathsep}{ROOT / 'cli'}",
                        "AIWEBHOOK_URL": self._url,
                        "AIWEBHOOK_API_KEY": self._key,
                        "AIWEBHOOK_WORK_DIR": str(self._folder / "runs"),
                    },
                )
            )
