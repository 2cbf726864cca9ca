"""Hot reload: a changed function, or a changed core layer, is in use with the next request."""

import contextlib
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from aiwebhook_local import code_zips
from aiwebhook_local.deploy import Aws
from aiwebhook_local.home import Project

_PERIOD_S = 0.5
_CORE = "core layer"

TreeSnapshot = dict[str, frozenset[tuple[str, int]]]


def snapshot(project: Project) -> TreeSnapshot:
    """Files and their mtimes, by function and for the core layer."""
    parts = {name: project.functions / name for name in code_zips.function_names(project)}
    parts[_CORE] = project.core_layer / "python"
    return {name: frozenset(_times(folder)) for name, folder in parts.items()}


def changed(before: TreeSnapshot, after: TreeSnapshot) -> frozenset[str]:
    """The parts that differ; a removed part does not count, because its code cannot be packed."""
    return frozenset(name for name, files in after.items() if before.get(name) != files)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotReload:
    """Watches a project and updates its deployed functions (name in functions/ → in Lambda).

    `deployed` is the snapshot from before the code was packed: what was saved since is not lost.
    """

    aws: Aws
    project: Project
    compiled: Path
    functions: dict[str, str]
    deployed: TreeSnapshot
    say: Callable[[str], None]
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Generator[None]:
        """Watch in a thread until the block ends."""
        watcher = threading.Thread(target=self._watch, name="hot-reload", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._stopped.set()
            watcher.join()

    def _watch(self) -> None:
        seen = self.deployed
        while not self._stopped.wait(_PERIOD_S):
            try:
                now = snapshot(self.project)
            except FileNotFoundError:
                continue  # a folder vanished while it was read: found with the next look
            parts = changed(seen, now)
            if parts:
                seen = now
                self._reload(parts)

    def _reload(self, parts: frozenset[str]) -> None:
        try:
            if _CORE in parts:
                self._replace_core_layer()
            for name in sorted(parts & self.functions.keys()):
                code = code_zips.function_zip(self.project, name, self.compiled)
                self._client().update_function_code(FunctionName=self.functions[name], ZipFile=code)
        except (OSError, ClientError) as error:
            # For example a file that vanished while it was packed; its next change is seen again.
            self.say(f"not reloaded: {error}")
            return
        self.say(f"reloaded: {', '.join(sorted(parts))}")

    def _replace_core_layer(self) -> None:
        """Publish a new version of the layer and have every function use it."""
        client = self._client()
        code = code_zips.core_layer_zip(self.project, self.compiled)
        layer = client.publish_layer_version(LayerName="core", Content={"ZipFile": code})
        for deployed in self.functions.values():
            configuration = client.get_function_configuration(FunctionName=deployed)
            others = [item["Arn"] for item in configuration.get("Layers", [])]
            others = [arn for arn in others if not _is_core(arn)]
            client.update_function_configuration(
                FunctionName=deployed, Layers=[*others, layer["LayerVersionArn"]]
            )

    def _client(self) -> Any:
        return self.aws.client("lambda")


def _is_core(arn: str) -> bool:
    return "core" in arn.rsplit(":", 2)[1].lower()


def _times(folder: Path) -> list[tuple[str, int]]:
    times: list[tuple[str, int]] = []
    # Only files that are packed: a folder's mtime changes when Python creates a __pycache__, where
    # bytecode has another suffix than .pyc while it is written.
    for path in code_zips.sources(folder):
        with contextlib.suppress(FileNotFoundError):
            times.append((str(path), path.stat().st_mtime_ns))
    return times
