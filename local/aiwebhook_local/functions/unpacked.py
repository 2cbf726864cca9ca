"""The code of a function on disk: Lambda's /var/task and /opt, shared by its processes."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiwebhook_local.functions.deployed_function import DeployedFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackedFunction:
    """One revision of a function in a folder of its own."""

    function: DeployedFunction
    folder: Path

    @property
    def task_root(self) -> Path:
        """The working folder of its processes, by which they are recognised."""
        return self.folder / "task"

    @property
    def python_path(self) -> Sequence[Path]:
        """Searched first at imports: its own code, then the layers'."""
        layers = (self.folder / f"layer-{i}" for i in range(len(self.function.layers)))
        return [self.task_root, *(layer / "python" for layer in reversed([*layers]))]

    def remove(self) -> None:
        """Call when no process uses it any more."""
        shutil.rmtree(self.folder, ignore_errors=True)


def unpack_function(function: DeployedFunction, parent: Path) -> UnpackedFunction:
    """Unpack into a new folder below `parent`. Raises OSError, BadZipFile."""
    folder = Path(tempfile.mkdtemp(prefix=f"function-{function.name}-", dir=parent))
    unpacked = UnpackedFunction(function=function, folder=folder)
    _extract(function.code, unpacked.task_root)
    for i, layer in enumerate(function.layers):
        _extract(layer, folder / f"layer-{i}")
    return unpacked


def _extract(content: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
