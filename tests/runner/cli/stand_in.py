"""A stand-in for Claude Code: a few lines of Python, put first on the PATH as `claude`."""

import os
import stat
import textwrap
from pathlib import Path
from typing import Any

from tests.runner.cli.fake_gateway import FakeGateway
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi, any_run_input
from tests.support.agents_user import agents_python

PRELUDE = '''\
#!{python}
import json, os, pathlib, signal, subprocess, sys, threading, time, urllib.request

scratch = pathlib.Path({scratch!r})
prompt = sys.stdin.read()
def option(name):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None
resumed = option("--resume")
session = resumed or option("--session-id")
turn = len(list(scratch.glob("turn-*"))) + 1
(scratch / f"turn-{{turn}}").write_text(prompt)
def out(type, **fields):
    print(json.dumps({{"type": type, "session_id": session, **fields}}), flush=True)
def init():
    out("system", subtype="init", model="model-x", claude_code_version="9.9.9")
def say(text):
    out("assistant", message={{"content": [{{"type": "text", "text": text}}]}})
def call(name="Bash", id="c1", **input):
    block = {{"type": "tool_use", "id": id, "name": name, "input": input}}
    out("assistant", message={{"content": [block]}})
def came(text="ok", id="c1", is_error=False):
    block = {{"type": "tool_result", "tool_use_id": id, "content": text, "is_error": is_error}}
    out("user", message={{"content": [block]}})
def answer(text, **fields):
    fields = {{"subtype": "success", "is_error": False, "num_turns": 1}} | fields
    out("result", result=text, **fields)
def use(**usage):
    """Let the gateway have seen this."""
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"],
        data=json.dumps(usage).encode(),
        headers={{"x-api-key": os.environ["ANTHROPIC_API_KEY"]}},
    )
    urllib.request.urlopen(request).close()
def forever():
    while True: time.sleep(60)
'''


class CliRunner(RunnerProcess):
    """The runner with the stand-in installed, beside a fake gateway."""

    def __init__(self, api: FakeRunsApi, gateway: FakeGateway, folder: Path) -> None:
        super().__init__(api, folder)
        self.gateway = gateway
        self.bin = folder / "bin"
        self.bin.mkdir()

    def claude(self, source: str, *, agent: dict[str, Any] | None = None, **run_input: Any) -> None:
        """What it does each time it is started; it knows `turn`, `prompt` and `resumed`."""
        program = self.bin / "claude"
        prelude = PRELUDE.format(python=agents_python(), scratch=str(self.scratch))
        program.write_text(prelude + textwrap.dedent(source))
        program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        manifest = {"name": "any_cli", "kind": "claude_code", "description": "Any CLI."}
        self.api.run_input = any_run_input(agent=manifest | (agent or {}), **run_input)

    def start(self, **env: str) -> "CliRunner":
        super().start(
            **{
                "PATH": f"{self.bin}{os.pathsep}{os.defpath}",
                "AIWEBHOOK_GATEWAY_URL": self.gateway.url,
                **env,
            }
        )
        return self

    def told(self) -> dict[str, Any]:
        """The failure as it was reported; after exit_code()."""
        [failure] = self.api.bodies("fail")
        return failure

    def prompts(self) -> list[str]:
        """What the CLI was told, turn by turn."""
        count = len(list(self.scratch.glob("turn-*")))
        return [(self.scratch / f"turn-{n}").read_text() for n in range(1, count + 1)]
