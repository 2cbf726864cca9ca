"""Who waits for what at the front, counted: no request of one kind keeps another kind waiting, and
whoever goes away gives a place back. In a process of its own: the emulator reads the environment
when it is imported."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.req("O5")

PROGRAM = """
import asyncio, json, os, sys
from aiwebhook_local import emulated_api, emulator, front
from aiwebhook_local.function_call import current_call

served, calls = [], {}

async def exchange(scope, body):
    "Every call that asks to be held is, for good."
    path = scope["path"].rpartition("_user_request_")[2]
    query = scope["query_string"].decode()
    served.append((path, query))
    calls.setdefault(path, []).append(current_call.get())
    if "held" in query or b"held" in body:
        await asyncio.Future()
    return emulator.EmulatorReply(status=200, headers=(), body=b"{}")

emulator.exchange = exchange
places = {"requests": 2, "long_polls": 3, "claims": 2}
settings = front.FrontSettings(port=1, session_token="t", **places)
app = front.build(settings, None, emulated_api.EmulatedApi())

class Caller:
    def __init__(self, method, path, query="", body=b""):
        self.gone, self.answer, self.asked = asyncio.Event(), [], False
        self.scope = {"type": "http", "method": method, "path": path,
                      "query_string": query.encode(), "client": ("127.0.0.1", 9),
                      "headers": [(b"host", b"127.0.0.1:1")]}
        self.body = body
        self.task = asyncio.ensure_future(app(self.scope, self.receive, self.send))
    async def receive(self):
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}
    async def send(self, message):
        self.answer.append(message)

async def settle():
    for _ in range(50):
        await asyncio.sleep(0)

def count(path):
    return sum(where == path for where, _ in served)
"""

CLAIMS = """
async def main():
    polls = [Caller("GET", "/v1/events", "wait=25&held=1") for _ in range(300)]
    await settle()
    claim = Caller("POST", "/v1/runs/claim", body=b'{"wait_s": 5}')
    plain = Caller("GET", "/v1/sessions")
    await settle()
    print(json.dumps({"polls": count("/v1/events"),
                      "answered": [len(c.answer) for c in (claim, plain)],
                      "polls_answered": sum(bool(p.answer) for p in polls)}))
    sys.stdout.flush(); os._exit(0)
asyncio.run(main())
"""

GONE = """
async def main():
    kind, path, query, body = json.loads(sys.argv[1])
    held = [Caller(kind, path, query, body.encode()) for _ in range(8)]
    await settle()
    before = count(path)
    for caller in held:
        caller.gone.set()
    await settle()
    after_leaving = count(path)
    new = [Caller(kind, path, query, body.encode()) for _ in range(before)]
    await settle()
    print(json.dumps({"before": before, "after_leaving": after_leaving,
                      "new": count(path) - after_leaving,
                      "ended": [call._abandoned for call in calls[path][:before]],
                      "done": all(caller.task.done() for caller in held)}))
    sys.stdout.flush(); os._exit(0)
asyncio.run(main())
"""


def run(program: str, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    environment = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "STATE_DIR": str(tmp_path),
        "S3_DATA_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM + program, *arguments],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout.splitlines()[-1])


def test_three_hundred_polls_keep_no_claim_and_no_request_waiting(tmp_path: Path) -> None:
    told = run(CLAIMS, tmp_path)

    assert told == {"polls": 3, "answered": [2, 2], "polls_answered": 0}


@pytest.mark.parametrize(
    ("request_parts", "places", "ended"),
    [
        (("GET", "/v1/events", "wait=25&held=1", ""), 3, True),
        (("POST", "/v1/runs/claim", "", '{"wait_s": 25, "held": 1}'), 2, True),
        # A command is carried out, heard or not, as on AWS.
        (("POST", "/v1/commands", "", '{"wait_s": 25, "held": 1}'), 3, False),
    ],
)
def test_callers_that_go_away_give_their_places_back(
    tmp_path: Path, request_parts: tuple[str, str, str, str], places: int, ended: bool
) -> None:
    told = run(GONE, tmp_path, json.dumps(request_parts))

    assert told == {
        "before": places,
        "after_leaving": places,
        "new": places,
        "ended": [ended] * places,
        "done": True,
    }
