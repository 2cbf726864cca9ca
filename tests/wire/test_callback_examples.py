"""The programs of examples/callbacks accept a callback that was really sent, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.wire_document import ROOT
from tests.wire.world import World

FOLDER = ROOT / "examples" / "callbacks"
PROGRAMS = {"python": (sys.executable, "verify.py"), "node": (shutil.which("node"), "verify.mjs")}


@pytest.mark.req("N1")
@pytest.mark.parametrize("language", PROGRAMS)
def test_a_real_callback_is_accepted_and_a_changed_one_is_not(world: World, language: str) -> None:
    runtime, name = PROGRAMS[language]
    if runtime is None:
        pytest.skip("this machine has no Node")
    url = f"https://hooks.example.com/{language}"
    endpoint = json.dumps({"url": url, "event_types": ["memory.stored"]})
    secret = world.send("POST", "/v1/endpoints", {}, endpoint).body["secret"]
    world.send("POST", "/v1/sessions", {}, '{"session_id": "signed"}')
    fact = '{"type": "fact", "content": "Größe: 2 mm"}'
    world.send("POST", "/v1/sessions/signed/memories", {}, fact)
    world.meanwhile("the notifier sends what is due")
    (sent,) = (callback for callback in world.sent if callback.url == url)
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    values = [sent.headers[each] for each in names]

    def says(body: bytes, *given: str) -> str:
        command = [runtime or "", str(Path(FOLDER, name)), *given]
        done = subprocess.run(command, input=body, capture_output=True, check=False)
        return done.stdout.decode().strip()

    assert says(sent.body, secret, *values) == "yes"
    assert says(sent.body, secret, *values[:2], f"v1,AAAA {values[2]}") == "yes"  # while rotating
    assert says(sent.body + b" ", secret, *values) == "no"
    assert says(sent.body, secret, "dlv_other", *values[1:]) == "no"
    assert says(sent.body, "whsec_AAAA", *values) == "no"
    assert says(sent.body, secret, values[0], str(int(values[1]) - 400), values[2]) == "no"
    assert says(sent.body, secret, values[0], values[1], "") == "no"
