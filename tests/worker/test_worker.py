"""The worker: claims, room, drains, outages, and what becomes of its runs when it dies."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from aiwebhook_runner.lease.lease_keeper import HEARTBEATS_PER_LEASE
from tests.worker.conftest import Workshop, is_alive

pytestmark = pytest.mark.req("T8")

Until = Callable[[Callable[[], bool]], None]

QUICK = 'say("result", output={"of": task["task_id"]}, say="Done.")'
GATED = """
note("started-" + task["task_id"], os.getpid())
while not (scratch / "go").exists(): time.sleep(0.02)
say("result", output={"pid": os.getpid()})
"""


def test_ten_tasks_with_room_for_two_are_all_done_and_never_three_at_once(
    workshop: Workshop,
) -> None:
    agent = workshop.agent(
        """
        counted(+1)
        # The first waits for a second, however busy the machine is.
        while counted(0) < 2: time.sleep(0.02)
        time.sleep(0.1)
        counted(-1)
        say("result", output={})
        """
    )
    tasks = [workshop.fake.add(agent) for _ in range(10)]

    workshop.worker("--agents", "any_agent", "--concurrency", "any_agent=2")
    workshop.fake.wait_for(lambda: len(workshop.fake.of_status("completed")) == 10)

    now, most = (workshop.scratch / "count").read_text().split()
    assert (now, most) == ("0", "2")
    assert [len(task.results) for task in tasks] == [1] * 10


def test_a_worker_tells_what_it_is_and_what_it_does(workshop: Workshop) -> None:
    workshop.fake.add(workshop.agent(QUICK))

    worker = workshop.worker("--agents", "any_agent,gemini_cli", "--name", "mac", PATH="/nowhere")
    refused = worker.exit_code()
    worker = workshop.worker("--agents", "any_agent", "--name", "mac")
    ended = worker.wait_for("ended")

    claim = workshop.fake.claims[0]
    assert refused == 1
    assert (claim["worker_id"], claim["agents"]) == ("mac", ["any_agent"])
    assert {"version", "host", "platform", "concurrency", "programs", "running"} <= set(
        claim["details"]
    )
    assert worker.changes()[:4] == ["connected", "waiting", "started", "ended"]
    assert (ended["became"], ended["exit_code"]) == ("completed", 0)


def test_health_tells_what_runs_and_only_to_loopback_names(
    workshop: Workshop, until: Until
) -> None:
    task = workshop.fake.add(workshop.agent(GATED))
    worker = workshop.worker()
    url = worker.wait_for("waiting")["health"]
    until((workshop.scratch / f"started-{task.task_id}").exists)

    with urllib.request.urlopen(url, timeout=5) as answer:
        told: dict[str, Any] = json.load(answer)
    with pytest.raises(urllib.error.HTTPError) as stranger:
        urllib.request.urlopen(
            urllib.request.Request(url, headers={"Host": "evil.example"}), timeout=5
        )
    stranger.value.close()

    assert url.startswith("http://127.0.0.1:")
    assert told["status"] == "ok"
    assert [(run["task_id"], run["agent"]) for run in told["running"]] == [("task_1", "any_agent")]
    assert told["last_contact_s"] < 30
    assert stranger.value.code == 404


def test_all_leases_are_extended_in_one_call_and_a_cancel_arrives(
    workshop: Workshop, until: Until
) -> None:
    agent = workshop.agent(GATED)
    workshop.fake.change(answers_signals=False)
    tasks = [workshop.fake.add(agent, heartbeat_s=0.3) for _ in range(3)]
    workshop.worker("--agents", "any_agent", "--concurrency", "3")
    workshop.fake.wait_for(lambda: any(len(leases) == 3 for leases in workshop.fake.beats))

    tasks[1].cancel = True
    workshop.fake.wait_for(lambda: tasks[1].status == "failed")
    (workshop.scratch / "go").touch()
    workshop.fake.wait_for(lambda: len(workshop.fake.of_status("completed")) == 2)

    assert tasks[1].results[0]["error_class"] == "cancelled"


def test_one_look_for_all_leases_brings_a_cancel_between_two_heartbeats(
    workshop: Workshop,
) -> None:
    tasks = [workshop.fake.add(workshop.agent(GATED)) for _ in range(3)]
    workshop.worker("--agents", "any_agent", "--concurrency", "3")
    fake = workshop.fake
    fake.wait_for(lambda: any(map(any, fake.beats)) and any(len(all_) == 3 for all_ in fake.looks))
    beats = len(workshop.fake.beats)

    tasks[1].cancel = True
    workshop.fake.wait_for(lambda: tasks[1].status == "failed")

    assert tasks[1].results[0]["error_class"] == "cancelled"
    assert len(workshop.fake.beats) == beats
    (workshop.scratch / "go").touch()
    workshop.fake.wait_for(lambda: len(workshop.fake.of_status("completed")) == 2)


def test_the_agent_sees_neither_the_workers_key_nor_the_providers(workshop: Workshop) -> None:
    task = workshop.fake.add(workshop.agent('say("result", output={"env": dict(os.environ)})'))
    workshop.worker(ANTHROPIC_API_KEY="sk-any-provider", GITHUB_TOKEN="ghp-any")
    workshop.fake.wait_for(lambda: bool(task.results))
    env = task.results[0]["output"]["env"]
    assert set(env) - {"LC_CTYPE"} == {"PATH", "HOME", "TMPDIR", "LANG"}


@pytest.mark.req("T7")
def test_a_killed_worker_takes_its_runs_along_and_they_run_again_elsewhere(
    workshop: Workshop, until: Until
) -> None:
    agent = workshop.agent(GATED)
    tasks = [workshop.fake.add(agent, heartbeat_s=0.5) for _ in range(2)]
    first = workshop.worker("--agents", "any_agent", "--concurrency", "2", "--name", "first")
    until(lambda: all((workshop.scratch / f"started-{t.task_id}").exists() for t in tasks))
    agents = [int((workshop.scratch / f"started-{t.task_id}").read_text()) for t in tasks]
    supervisors = first.children()

    first.signal(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in (*agents, *supervisors)))
    (workshop.scratch / "go").touch()
    workshop.fake.change(expired={"first"})
    workshop.worker("--agents", "any_agent", "--concurrency", "2", "--name", "second")
    workshop.fake.wait_for(lambda: len(workshop.fake.of_status("completed")) == 2)

    assert len(supervisors) == 2
    assert [(task.epoch, task.owner, len(task.results)) for task in tasks] == [(2, "second", 1)] * 2
    until(lambda: not list((workshop.folder / "runs").iterdir()))


@pytest.mark.req("T7")
def test_a_killed_supervisor_is_reported_at_once_and_leaves_no_process(
    workshop: Workshop, until: Until
) -> None:
    task = workshop.fake.add(
        workshop.agent(
            """
            if not (scratch / "pids").exists():
                helper = subprocess.Popen(["setsid", "sleep", "60"])
                note("pids", f"{os.getpid()} {helper.pid}")
                time.sleep(60)
            say("result", output={})
            """
        )
    )
    worker = workshop.worker()
    until((workshop.scratch / "pids").exists)
    (supervisor,) = worker.children()

    os.kill(supervisor, signal.SIGKILL)
    workshop.fake.wait_for(lambda: task.status == "completed")

    killed, done = task.results
    assert (killed["error_class"], killed["exit_code"]) == ("killed", -9)
    assert done["action"] == "complete"
    assert not any(is_alive(int(pid)) for pid in (workshop.scratch / "pids").read_text().split())


def test_a_draining_worker_lets_its_runs_finish_and_takes_no_other(
    workshop: Workshop, until: Until
) -> None:
    agent = workshop.agent(GATED)
    task = workshop.fake.add(agent)
    worker = workshop.worker()
    until((workshop.scratch / f"started-{task.task_id}").exists)

    worker.signal(signal.SIGTERM)
    worker.wait_for("draining", running=1)
    other = workshop.fake.add(agent)
    (workshop.scratch / "go").touch()

    assert worker.exit_code() == 0, worker.errors
    assert (task.status, other.status, other.epoch) == ("completed", "pending", 0)


@pytest.mark.parametrize("signals", [1, 2])
def test_what_does_not_finish_in_time_is_handed_back(
    workshop: Workshop, until: Until, signals: int
) -> None:
    task = workshop.fake.add(workshop.agent(GATED))
    worker = workshop.worker("--agents", "any_agent", "--drain-s", "0.2" if signals == 1 else "600")
    until((workshop.scratch / f"started-{task.task_id}").exists)

    for _ in range(signals):
        worker.signal(signal.SIGTERM)
        worker.wait_for("draining")

    assert worker.exit_code() == 0
    assert (task.status, task.results) == ("pending", [])
    assert worker.wait_for("ended")["became"] == "handed back"


def test_a_task_that_arrives_with_the_last_answer_is_handed_back(workshop: Workshop) -> None:
    agent = workshop.agent(GATED)
    workshop.fake.change(poll_s=20)
    worker = workshop.worker()
    workshop.fake.wait_for(lambda: bool(workshop.fake.claims))

    worker.signal(signal.SIGTERM)
    worker.wait_for("draining")
    workshop.fake.add(agent)
    assert worker.exit_code() == 0

    assert [(task.status, task.results) for task in workshop.fake.tasks.values()] == [
        ("pending", [])
    ]


def test_an_outage_is_reported_once_and_work_continues_after_it(
    workshop: Workshop, until: Until
) -> None:
    task = workshop.fake.add(workshop.agent(GATED), heartbeat_s=0.4)
    worker = workshop.worker("--agents", "any_agent", "--concurrency", "2")
    until((workshop.scratch / f"started-{task.task_id}").exists)

    workshop.fake.change(down=True)
    worker.wait_for("disconnected")
    (workshop.scratch / "go").touch()
    until(lambda: not is_alive(int((workshop.scratch / f"started-{task.task_id}").read_text())))
    workshop.fake.change(down=False)
    workshop.fake.wait_for(lambda: task.status == "completed")
    later = workshop.fake.add(workshop.agent(QUICK))
    workshop.fake.wait_for(lambda: later.status == "completed")

    links = [change for change in worker.changes() if change.endswith("connected")]
    assert links == ["connected", "disconnected", "connected"]
    assert len(task.results) == 1


def test_a_deployment_that_is_away_at_the_start_is_waited_for(workshop: Workshop) -> None:
    workshop.fake.change(down=True)
    worker = workshop.worker()
    worker.wait_for("disconnected")
    task = workshop.fake.add(workshop.agent(QUICK))
    workshop.fake.change(down=False)
    workshop.fake.wait_for(lambda: task.status == "completed")


@pytest.mark.req("T7")
def test_a_worker_stopped_past_its_leases_writes_nothing_more(
    workshop: Workshop, until: Until
) -> None:
    task = workshop.fake.add(workshop.agent(GATED), heartbeat_s=0.25)
    first = workshop.worker("--agents", "any_agent", "--name", "first")
    until((workshop.scratch / f"started-{task.task_id}").exists)
    agent = int((workshop.scratch / f"started-{task.task_id}").read_text())
    frozen = [first.process.pid, *first.children()]

    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    lease_ends_at = time.monotonic() + HEARTBEATS_PER_LEASE * 0.25
    workshop.fake.change(expired={"first"})
    workshop.worker("--agents", "any_agent", "--name", "second")
    workshop.fake.wait_for(lambda: task.owner == "second")
    (workshop.scratch / "go").touch()
    workshop.fake.wait_for(lambda: task.status == "completed")
    until(lambda: time.monotonic() > lease_ends_at)  # its own clock tells the first one so
    for pid in reversed(frozen):
        os.kill(pid, signal.SIGCONT)

    assert first.wait_for("ended")["became"] == "no longer ours"
    until(lambda: not is_alive(agent))
    assert (len(task.results), task.owner, task.epoch) == (1, "second", 2)
    assert workshop.fake.refused_writes == 0


def test_one_task_then_exit(workshop: Workshop) -> None:
    tasks = [workshop.fake.add(workshop.agent(QUICK)) for _ in range(2)]
    worker = workshop.worker("--agents", "any_agent,local", "--concurrency", "5", "--once")
    assert worker.exit_code() == 0, worker.errors
    assert [task.status for task in tasks] == ["completed", "pending"]
