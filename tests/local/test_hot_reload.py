"""Hot reload: what is saved is what answers next."""

import contextlib
import io
import marshal
import shutil
import sys
import zipfile
from collections.abc import Generator
from pathlib import Path

import pytest

from aiwebhook_local import code_zips
from aiwebhook_local.home import Project
from aiwebhook_local.hot_reload import changed, snapshot
from tests.local.conftest import TOY, ToyStack
from tests.support.waiting import eventually


def current(stack: ToyStack) -> object:
    """The version that answers now; None while its process is being replaced (503)."""
    return stack.client.get("/v1/things").json().get("version")


def current_in_reaper(stack: ToyStack) -> object:
    """The version that another function gets from the layer; None while it is replaced."""
    try:
        return stack.info.invoke("reaper", {}).get("version")
    except RuntimeError:
        return None


@contextlib.contextmanager
def edited(file: Path, old: str, new: str) -> Generator[None]:
    """The file with `old` replaced until the block ends."""
    original = file.read_text()
    assert old in original
    file.write_text(original.replace(old, new))
    try:
        yield
    finally:
        file.write_text(original)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The toy project, deployed by nobody."""
    shutil.copytree(TOY, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    return Project(root=tmp_path / "project")


@pytest.mark.req("O5")
def test_a_saved_function_answers_next_and_is_all_that_is_replaced(toy_stack: ToyStack) -> None:
    handler = toy_stack.project.functions / "session_api" / "handler.py"
    said_before = len(toy_stack.said)

    with edited(handler, '"version": VERSION', '"version": "edited"'):
        eventually(lambda: current(toy_stack) == "edited")
        # More than once if the watcher looks while the file is being written.
        said = eventually(lambda: toy_stack.said[said_before:])

    assert {*said} == {"reloaded: session_api"}
    eventually(lambda: current(toy_stack) == 1)


@pytest.mark.req("O5")
def test_a_saved_core_layer_is_in_every_function_next(toy_stack: ToyStack) -> None:
    module = toy_stack.project.core_layer / "python" / "toy" / "__init__.py"

    with edited(module, "VERSION = 1", "VERSION = 2"):
        eventually(lambda: current(toy_stack) == 2)
        eventually(lambda: current_in_reaper(toy_stack) == 2)

    eventually(lambda: current(toy_stack) == 1)
    eventually(lambda: current_in_reaper(toy_stack) == 1)


@pytest.mark.req("O5")
def test_what_python_writes_when_it_imports_is_no_change(project: Project) -> None:
    before = snapshot(project)

    cache = project.core_layer / "python" / "toy" / "__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"bytecode")
    (cache / "__init__.cpython-311.pyc.140512").write_bytes(b"bytecode that is being written")

    assert snapshot(project) == before


@pytest.mark.req("O5")
def test_a_deleted_an_added_and_a_moved_file_are_changes(project: Project) -> None:
    handler = project.functions / "relay" / "handler.py"
    whole = snapshot(project)

    (handler.parent / "__init__.py").unlink()
    without = snapshot(project)
    (handler.parent / "names.py").touch()
    with_another = snapshot(project)
    (handler.parent / "names.py").rename(handler.parent / "words.py")

    assert changed(whole, without) == {"relay"}
    assert changed(without, with_another) == {"relay"}
    assert changed(with_another, snapshot(project)) == {"relay"}


@pytest.mark.req("O5")
def test_bytecode_is_of_the_source_it_is_packed_with(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the file is saved again between the two, and bytecode is kept for good."""
    module = project.core_layer / "python" / "toy" / "__init__.py"
    read = Path.read_bytes

    def read_then_saved_again(path: Path) -> bytes:
        content = read(path)
        if path == module:
            path.write_text("VERSION = 2\n")
        return content

    module.write_text("VERSION = 1\n")
    monkeypatch.setattr(Path, "read_bytes", read_then_saved_again)
    packed = zipfile.ZipFile(io.BytesIO(code_zips.core_layer_zip(project, tmp_path)))

    cached = f"python/toy/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    names: dict[str, object] = {}
    exec(marshal.loads(packed.read(cached)[16:]), names)  # noqa: S102,S302 - ours, just compiled
    assert (packed.read("python/toy/__init__.py"), names["VERSION"]) == (b"VERSION = 1\n", 1)
