"""Handlers that an installed package offers by entry point; a failure ends as a program's does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import Invalid
from aiwebhook_cli.listening.handlers import HANDLER_GROUP, delivery_handler
from aiwebhook_cli.listening.listener import Listener
from tests.cli.conftest import CommandLine
from tests.support.commands import any_name
from tests.support.deliveries import receive
from tests.support.laptop import Laptop

pytestmark = pytest.mark.req("W5")
EXAMPLE = Path(__file__).parents[2] / "examples/delivery_handler"
MODULE = """
import sys
seen = []
def good(delivery):
    seen.append((delivery.event, delivery.headers["content-type"], delivery.body))
def bad(delivery):
    raise RuntimeError("no: " + delivery.body.decode())
def leaves(delivery):
    sys.exit(3)
not_callable = 1
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module with handlers, as an installer leaves it."""
    module = any_name("handlers").replace("-", "_")
    names = ("good", "bad", "leaves", "not_callable", "missing")
    (tmp_path / f"{module}.py").write_text(MODULE)
    metadata = tmp_path / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    points = "\n".join(f"{name} = {module}:{name}" for name in names)
    (metadata / "entry_points.txt").write_text(f"[{HANDLER_GROUP}]\n{points}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield module
    sys.modules.pop(module, None)


def test_a_handler_gets_the_exact_bytes_and_what_they_are_about(
    laptop: Laptop, installed: str
) -> None:
    laptop.receive(b"\xff\x00 1", b"2")
    laptop.listen(delivery_handler("good", _fail))
    seen = sys.modules[installed].seen
    assert seen == [("push", "application/json", b"\xff\x00 1"), ("push", "application/json", b"2")]
    assert [reason for _, reason in laptop.watched.shown] == ["handled"] * 2


@pytest.mark.parametrize(("name", "noted"), [("bad", "RuntimeError"), ("leaves", "SystemExit")])
@pytest.mark.usefixtures("installed")
def test_what_a_handler_raises_is_tried_three_times_noted_and_kept_from_the_server(
    laptop: Laptop, name: str, noted: str
) -> None:
    hints: list[str] = []
    [delivery_id] = laptop.receive(b"a secret")
    laptop.listen(delivery_handler(name, hints.append))

    assert len(hints) == 3
    assert len(laptop.watched.pauses) == 2
    [failed] = laptop.driver.get("/v1/inbound?status=failed").body["items"]
    assert (failed["delivery_id"], failed["failure"]) == (delivery_id, noted)
    assert "secret" not in failed["failure"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("unknown", "Installed: .*good"),
        ("missing", "cannot be loaded: AttributeError"),
        ("not_callable", "is not callable"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_an_unusable_handler_is_reported_in_a_sentence(
    cli: CommandLine, name: str, told: str
) -> None:
    with pytest.raises(Invalid, match=told):
        delivery_handler(name, _fail)
    refused = cli("listen", "--handler", name)
    assert refused.code in (1, 2)
    assert "Traceback" not in refused.err


def test_the_example_is_installed_and_notes_each_push_once(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--target", str(site)]
    subprocess.run([*command, str(_copy_of_example(tmp_path))], check=True, timeout=100)
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    monkeypatch.setattr(Listener, "run", _rounds(Listener.run, 1))
    pushed = receive(cli.driver, b'{"ref": "refs/heads/main", "after": "a1b2"}').delivery_id
    receive(cli.driver, b"{}", event="issues")

    for channel in (any_name("channel"), any_name("channel")):
        done = cli("listen", "--handler", "pushes", "--replay", "1h", "--channel", channel)
        assert done.code == 0, done.err
        assert done.out.count("handled") == 2
    notes = (tmp_path / "pushes.txt").read_text()
    assert notes == f"{pushed} refs/heads/main a1b2\n"


def _copy_of_example(folder: Path) -> Path:
    """A build writes beside what it builds."""
    copy = folder / "example"
    copy.mkdir()
    for file in EXAMPLE.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    return copy


def _rounds(run: Callable[..., None], count: int) -> Callable[[Any], None]:
    return lambda listener: run(listener, rounds=count)


def _fail(hint: str) -> None:
    raise AssertionError(hint)
