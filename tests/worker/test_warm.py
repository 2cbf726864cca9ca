"""The container of a service of warm workers: what it is told, and how it ends."""

from __future__ import annotations

import socket

import pytest

from aiwebhook.errors import Forbidden
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.worker import warm
from aiwebhook_runner.worker.options import WorkerOptions

pytestmark = pytest.mark.req("O1", "T4")
TARGET = {"AIWEBHOOK_URL": "https://api.example", "AIWEBHOOK_API_KEY": "aiw_key"}


def test_it_serves_its_agent_one_task_at_a_time_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[WorkerOptions] = []
    monkeypatch.setattr(warm, "run_worker", seen.append)
    assert warm.run_warm("codex", TARGET) is RunExitCode.RECORDED
    (options,) = seen
    assert (options.url, options.key) == ("https://api.example", "aiw_key")
    assert options.concurrency == {"codex": 1}
    assert options.name == f"warm codex {socket.gethostname()}"
    # ECS kills after 120 s: what runs is handed back before, which takes up to ten more.
    assert options.drain_s + 10 < 120


def never(_options: WorkerOptions) -> None:
    """A worker without a key must not be started."""
    pytest.fail("it has no key")


@pytest.mark.parametrize("missing", [{}, {**TARGET, "AIWEBHOOK_API_KEY": "-"}])
def test_without_a_key_it_waits_before_it_ends_so_that_a_release_is_not_taken_for_broken(
    missing: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "run_worker", never)
    waited: list[float] = []
    assert warm.run_warm("codex", missing, pause=waited.append) is RunExitCode.MISUSED
    assert waited == [60.0]
    assert "cloud deploy" in capsys.readouterr().err


def test_a_refusal_is_reported_without_the_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_options: WorkerOptions) -> None:
        raise Forbidden("This key may not claim tasks.", code="scope_missing")

    monkeypatch.setattr(warm, "run_worker", refuse)
    waited: list[float] = []
    assert warm.run_warm("codex", TARGET, pause=waited.append) is RunExitCode.REFUSED
    said = capsys.readouterr().err
    assert "This key may not claim tasks." in said
    assert "aiw_key" not in said
    assert waited == [60.0]
