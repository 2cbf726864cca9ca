"""The command line in front of a real session_api on real Postgres."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from aiwebhook import observability
from aiwebhook_cli.listening.handing_on import only_shown
from aiwebhook_cli.main import run_command_line
from tests.support.http_front import HttpFront
from tests.support.laptop import Laptop
from tests.support.session_api import ApiDriver, session_api_handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class CommandLine:
    """Runs `aiwebhook …` in this process, for one deployment."""

    def __init__(self, url: str, driver: ApiDriver, capsys: pytest.CaptureFixture[str]) -> None:
        self.url = url
        self.driver = driver
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Outcome:
        self._capsys.readouterr()
        code = run_command_line(arguments)
        out, err = self._capsys.readouterr()
        return Outcome(code=code, out=_without_metrics(out), err=err)


def _without_metrics(text: str) -> str:
    """Metric lines left out: the server runs in this process too, and prints them."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith('{"_aws":'))


def _send_logs_elsewhere() -> None:
    """The server's log goes to a stream of its own: the command line prints to the other one."""
    observability.begin(correlation_id="test")
    for handler in logging.getLogger("aiwebhook").handlers:
        if isinstance(handler, logging.StreamHandler):
            cast("logging.StreamHandler[io.StringIO]", handler).setStream(io.StringIO())


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No deployment is known: an empty folder, nothing in the environment."""
    for name in ("AIWEBHOOK_URL", "AIWEBHOOK_API_KEY", "AIWEBHOOK_PROFILE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIWEBHOOK_HOME", str(tmp_path / ".local"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(
    database: str,
    nowhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Generator[CommandLine]:
    """A deployment named by the environment."""
    _send_logs_elsewhere()
    driver = ApiDriver(database)
    with HttpFront(session_api=lambda: session_api_handler(database, driver.outside)) as front:
        monkeypatch.setenv("AIWEBHOOK_URL", front.url)
        monkeypatch.setenv("AIWEBHOOK_API_KEY", driver.key)
        yield CommandLine(front.url, driver, capsys)
    driver.outside.close()


@pytest.fixture
def laptop(cli: CommandLine) -> Iterator[Laptop]:
    """A channel that begins here."""
    laptop = Laptop(cli.url, cli.driver)
    laptop.listen(only_shown)
    with laptop.open:
        yield laptop
