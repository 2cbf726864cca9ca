"""The files of the local stack: the folder `.local` of the project."""

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from aiwebhook.private_file import write_private
from aiwebhook_local.stand_in_folders import make_stand_in, others_can_reach, stand_in_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The source tree that is run; `root` has functions/, layers/, runner/ and infra/synth/."""

    root: Path

    @property
    def functions(self) -> Path:
        """One package per Lambda function."""
        return self.root / "functions"

    @property
    def core_layer(self) -> Path:
        """The layer with our shared package; its `python/` is importable as it is."""
        return self.root / "layers" / "core"

    @property
    def manifests(self) -> Path:
        """The agents' manifests, a file each."""
        return self.core_layer / "python" / "aiwebhook" / "agents"

    @property
    def templates(self) -> Path:
        """The synthesised templates that the local stack is made from."""
        return self.root / "infra" / "synth" / "dev"

    @property
    def agents(self) -> Path:
        """Where `make agents` puts the agents' CLIs."""
        return self.root / ".build" / "agents" / "bin"

    @property
    def task_python_path(self) -> str:
        """Our packages that the runner's image has installed."""
        folders = (self.root / "runner", self.root / "agents", self.core_layer / "python")
        return os.pathsep.join(map(str, folders))


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The state folder. Everything in it may be deleted while the stack is down (`make clean`)."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The database's folder; kept between runs."""
        return self.root / "postgres"

    @property
    def objects(self) -> Path:
        """The contents of S3: kept between runs."""
        return self.root / "s3"

    @property
    def logs(self) -> Path:
        """Logs of every part, newest run only."""
        return self.root / "logs"

    @property
    def tasks(self) -> Path:
        """Working folders of running tasks; elsewhere if agents' users cannot reach `root`."""
        return stand_in_of(self._tasks) or self._tasks

    @property
    def _tasks(self) -> Path:
        return self.root / "tasks"

    @property
    def temporary(self) -> Path:
        """TMPDIR of the emulator: gone after every run."""
        return self.root / "tmp"

    @property
    def compiled(self) -> Path:
        """Compiled modules by content, so that packing the code takes no time twice."""
        return self.root / "compiled"

    @property
    def api_key_file(self) -> Path:
        """The API key of the default project (0600)."""
        return self.root / "api_key"

    @property
    def stack_file(self) -> Path:
        """What is running: URL, ports and processes, as JSON (0600)."""
        return self.root / "stack.json"

    @property
    def sam_variables(self) -> Path:
        """What the functions of the running stack are given, for `sam` (0600)."""
        return self.root / "sam_variables.json"

    def make_folders(self) -> None:
        """Create the folders; other users of the machine may pass through but see nothing."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.logs, self.temporary, self.objects, self.compiled):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._tasks.mkdir(mode=0o711, exist_ok=True)
        if not others_can_reach(self._tasks):
            make_stand_in(self._tasks, "tasks").chmod(0o711)

    def remove_temporary(self) -> None:
        """Remove what no task or function needs, once none runs."""
        for folder in (self.tasks, self._tasks, self.temporary):
            shutil.rmtree(folder, ignore_errors=True)

    def secrets(self) -> dict[str, str]:
        """The stack's secrets, made once: keys derived from them must survive a restart.
        `master_key`, `github_secret`, `database_password`.
        """
        path = self.root / "secrets.json"
        if not path.exists():
            names = ("master_key", "github_secret", "database_password")
            write_private(path, json.dumps({name: secrets.token_hex(32) for name in names}))
        return json.loads(path.read_text())
