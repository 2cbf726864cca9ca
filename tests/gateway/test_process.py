"""The program keeps its keys to itself, says its port, and ends when it is told to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.asking import DIALECTS, GEMINI, RESPONSES
from tests.support.llm_gateway import CONTROL_TOKEN, KEYS, RUN_TOKEN, Served, ServedProcess

pytestmark = pytest.mark.req("O3")

PROGRAM = (sys.executable, "-m", "aiwebhook_gateway")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_keys_are_gone_from_what_others_see(gateway_process: ServedProcess) -> None:
    try:
        shown = Path(f"/proc/{gateway_process.process.pid}/environ").read_bytes()
    except PermissionError:
        return  # who may not trace sees nothing at all
    assert b"ANTHROPIC_API_KEY=\0" in shown
    assert not [key for key in KEYS.values() if key.encode() in shown]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_is_closed_to_others_of_its_user(gateway_process: ServedProcess) -> None:
    owner = Path(f"/proc/{gateway_process.process.pid}/environ").stat().st_uid
    assert owner == 0, "of root, whoever runs it: not dumpable"
    assert Path(f"/proc/{gateway_process.process.pid}").stat().st_uid == os.getuid() or owner == 0


def test_the_log_holds_no_secret_and_no_content(gateway_process: ServedProcess) -> None:
    gateway = gateway_process
    gateway.open("google")
    url = f"{gateway.url}/google{GEMINI.whole_path}?key={RUN_TOKEN}"
    prompt = "a word that nobody else says: zebrafish"
    assert gateway.client.post(url, json=GEMINI.body(prompt)).status_code == 200
    gateway.client.post(url + "x", json={})
    gateway.client.get(f"{gateway.url}/google/zebrafish?key={RUN_TOKEN}")
    gateway.client.get(f"{gateway.url}/control/usage", headers={"Authorization": "zebrafish"})
    assert gateway.stop() == 0
    lines = [json.loads(line) for line in gateway.log.splitlines()]
    assert [line["status"] for line in lines] == [200, 401, 404]
    assert (
        lines[0]
        | {
            "message": "model call",
            "method": "POST",
            "door": "google.generate",
            "input_tokens": 1000,
            "output_tokens": 50,
        }
        == lines[0]
    )
    for secret in (*KEYS.values(), RUN_TOKEN, CONTROL_TOKEN, "zebrafish", "Hello"):
        assert secret not in gateway.log


def test_garbage_on_the_wire_leaves_no_trace(gateway_process: ServedProcess) -> None:
    gateway = gateway_process
    gateway.open("openai")
    url = f"{gateway.url}/openai{RESPONSES.path}"
    for body in (b"", b"\xff" * 100, b"[" * 10_000, b'"' * 50):
        headers = RESPONSES.headers()
        assert gateway.client.post(url, content=body, headers=headers).status_code == 200
    gateway.stop()
    assert "Traceback" not in gateway.log
    assert all(json.loads(line) for line in gateway.log.splitlines())


def test_sigterm_ends_it_while_answers_are_under_way(gateway_process: ServedProcess) -> None:
    gateway = gateway_process
    gateway.open()
    anthropic = DIALECTS[0]
    url = f"{gateway.url}/anthropic{anthropic.path}"
    body = anthropic.body("[[scenario:stall]]")
    with gateway.client.stream("POST", url, json=body, headers=anthropic.headers()) as answer:
        next(answer.iter_bytes())
        assert gateway.stop() == 0
    assert "Traceback" not in gateway.log


@pytest.mark.parametrize(
    "command", [("aiwebhook_gateway", "serve"), ("aiwebhook_local.scripted",)], ids=lambda c: c[0]
)
def test_with_its_parent_it_ends_too(command: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert b"port" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIWEBHOOK_GATEWAY_PORT", "http"),
        ("AIWEBHOOK_UPSTREAM_OPENAI", "http://api.example.com"),
        ("AIWEBHOOK_UPSTREAM_OPENAI", "https://user:secret-word@api.example.com"),
        ("AIWEBHOOK_UPSTREAM_GOOGLE", "nonsense"),
    ],
)
def test_wrong_settings_are_named_and_not_quoted(name: str, value: str) -> None:
    ended = subprocess.run(
        [*PROGRAM, "serve"], env={name: value}, capture_output=True, check=False, timeout=60
    )
    assert ended.returncode == 2
    assert name.encode() in ended.stderr
    assert value.encode() not in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_taken_port_is_said(gateway: Served) -> None:
    port = gateway.url.rpartition(":")[2]
    ended = subprocess.run(
        [*PROGRAM, "serve"],
        env={"AIWEBHOOK_GATEWAY_PORT": port},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr
