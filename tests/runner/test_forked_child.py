"""The child that is forked before its command is known, and becomes the agent."""

import json
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi
from tests.support.agents_user import agents_python
from tests.support.source_tree import PYTHONPATH

pytestmark = [
    pytest.mark.req("T4"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal"),
]
NOBODY = 65_534
PRELUDE = """
import json, os, signal, sys
from pathlib import Path
from aiwebhook_runner.process.agent_process import AgentProcess, LaunchSpec
from aiwebhook_runner.process.forked_child import ForkedChild
from aiwebhook_runner.process.hardening import harden_supervisor
from queue import SimpleQueue
harden_supervisor()
forked = ForkedChild.fork()

def run(*argv):
    ended, said = SimpleQueue(), []
    environment = {"PATH": os.defpath, "ONLY": "ü"}
    spec = LaunchSpec(argv=argv, environment=environment, cwd=Path("/"), stdin=b"in")
    process = AgentProcess(spec, on_output=said.append, on_exit=ended.put, forked=forked)
    return process.pid, ended.get(timeout=30), b"".join(said).decode() + process.stderr_tail
"""
LOOK = """
import json, os, signal, sys
print(json.dumps({
    "stdin": sys.stdin.read(), "folder": os.getcwd(), "group": os.getpgid(0) == os.getpid(),
    "open": [n for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")],
    "only": {k: v for k, v in os.environ.items() if k != "LC_CTYPE"},
}))
"""


@contextmanager
def supervisor(source: str, **more: Any) -> Generator[subprocess.Popen[str]]:
    """A process of its own, because pytest has threads and must not fork. It is given a secret, and
    a descriptor that is not meant for its agent.
    """
    passed_on = os.open(os.devnull, os.O_RDONLY)
    process = subprocess.Popen(
        [agents_python(), "-c", textwrap.dedent(PRELUDE) + textwrap.dedent(source)],
        env={
            "PATH": os.defpath,
            "PYTHONPATH": PYTHONPATH,
            "AIWEBHOOK_BOOTSTRAP_CODE": "boot-secret",
        },
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=(passed_on,),
        **more,
    )
    os.close(passed_on)
    with process:
        yield process


def said_by(source: str) -> list[Any]:
    with supervisor(source) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


def test_it_becomes_the_agent_with_what_the_agent_gets_and_nothing_else() -> None:
    source = f"""
        pid, code, said = run({sys.executable!r}, "-I", "-S", "-c", {LOOK!r})
        print(json.dumps([pid == forked.pid, code, json.loads(said)]))
    """
    ((same, code, seen),) = said_by(source)

    assert (same, code) == (True, 0)
    assert seen == {
        "stdin": "in",
        "folder": "/",
        "group": True,
        "open": ["0", "1", "2"],
        "only": {"PATH": os.defpath, "ONLY": "ü"},
    }


def test_it_is_an_agent_once_and_the_next_one_gets_an_interpreter_of_its_own() -> None:
    source = """
        first, again = run("sh", "-c", "exit 3"), run("sh", "-c", "echo $ONLY; exit 4")
        print(json.dumps([first[0] == forked.pid, *first[1:], again[0] == forked.pid, *again[1:]]))
    """
    assert said_by(source) == [[True, 3, "", False, 4, "ü\n"]]


def test_what_python_ignores_is_not_ignored_in_the_agent_whoever_started_it() -> None:
    """SIGPIPE and SIGXFSZ. A shell cannot undo it: `yes | head` would report an error."""
    source = """
        look = "grep SigIgn /proc/self/status"
        first, again = run("sh", "-c", look), run("sh", "-c", look)
        print(json.dumps([first[0] == forked.pid, first[2], again[0] == forked.pid, again[2]]))
    """
    ((is_forked, first, again_forked, again),) = said_by(source)

    assert (is_forked, again_forked) == (True, False)
    python_ignores = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1
    assert [int(line.split()[1], 16) & python_ignores for line in (first, again)] == [0, 0]


def test_a_child_that_has_died_meanwhile_costs_nothing_but_time() -> None:
    source = """
        os.kill(forked.pid, signal.SIGKILL)
        os.waitid(os.P_PID, forked.pid, os.WEXITED | os.WNOWAIT)
        print(json.dumps(run("sh", "-c", "exit 5")[1:]))
    """
    assert said_by(source) == [[5, ""]]


def test_it_names_a_program_that_is_not_there() -> None:
    source = """print(json.dumps(run("/nonexistent")[1:]))"""
    assert said_by(source) == [[127, "cannot start /nonexistent: No such file or directory\n"]]


def test_it_dies_with_a_supervisor_that_never_gave_it_an_order() -> None:
    with supervisor("print(forked.pid, flush=True); signal.pause()") as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        ended = select.poll()
        ended.register(child, select.POLLIN)
        assert ended.poll(30_000), "it lives on"
        os.close(child)


def test_no_other_process_of_its_user_reads_its_memory_while_it_waits() -> None:
    """It is a copy of a supervisor, which may have got a secret by environment."""
    source = """
        print(os.stat(f"/proc/{forked.pid}/mem").st_uid, flush=True)
        signal.pause()
    """
    user = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    with supervisor(source, **user) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n", "root's, though it runs as another user"
        process.kill()


def test_the_agent_of_a_container_is_forked_before_its_run_is_asked_for(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent("""
        ticks = int(open("/proc/self/stat").read().rpartition(")")[2].split()[19])
        born = ticks / os.sysconf("SC_CLK_TCK") - time.clock_gettime(time.CLOCK_BOOTTIME)
        say("result", output={"born": time.time() + born}, say="Done.")
    """)
    assert runner.start().exit_code() == 0

    (done,) = api.bodies("complete")
    (answered,) = [line for line in runner.log() if line["message"] == "run_started"]
    assert done["output"]["born"] < datetime.fromisoformat(answered["timestamp"]).timestamp()
