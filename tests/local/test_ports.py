"""Ports are taken, not looked up: two stacks that start at once never share one."""

import contextlib
from pathlib import Path

import pytest

from aiwebhook_local.front_launch import FrontNotStarted, FrontProcess, take_port
from aiwebhook_local.ports import free_port, is_free, listen_on
from tests.local.conftest import toy_options


def test_a_taken_port_is_nobody_elses_before_anything_serves_on_it() -> None:
    with take_port(None) as first, take_port(None) as second, take_port(0) as third:
        ports = [listener.getsockname()[1] for listener in (first, second, third)]
        assert len(set(ports)) == 3
        assert [port for port in ports if is_free(port)] == []
        with pytest.raises(FrontNotStarted, match=f"Port {ports[0]} is in use"):
            take_port(ports[0])
    assert is_free(ports[2])


def test_a_free_port_is_none_that_the_kernel_gives_to_outgoing_connections() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 10
    assert all(20_000 <= port < 32_000 for port in ports)


def test_a_port_in_use_is_refused() -> None:
    with listen_on(0) as listener, pytest.raises(OSError, match="in use"):
        listen_on(listener.getsockname()[1])


def test_a_front_that_dies_while_it_starts_is_told_at_once(folder: Path) -> None:
    options = toy_options(folder)
    options.home.make_folders()
    front = FrontProcess(project=options.project, home=options.home, listener=take_port(0))
    with contextlib.closing(front.aws):
        front.launch()
        assert front.process is not None
        front.process.kill()
        with pytest.raises(FrontNotStarted, match="the front did not start"):
            front.wait_until_serving()
        front.process.wait()
    assert is_free(front.port)
