"""`python -m aiwebhook_runner run` executes the run that the environment names; `… handed` the one
that a worker passes on stdin; `… worker AGENT` waits for tasks of one agent.
"""

# ruff: noqa: PLC0415 - reason: each mode imports only what it needs, with garbage collection off
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

from aiwebhook.sealed import unseal

USAGE = "usage: python -m aiwebhook_runner run | handed [CONFIG] | worker AGENT | probe | sweep"
MISUSED = 2


def main(arguments: list[str]) -> int:
    """Returns the process exit code (see RunExitCode)."""
    gc.disable()  # imports leave no garbage, and collecting would take a tenth of their time
    match arguments:
        case ["run"]:
            run = _launched()
        case ["handed", *rest] if len(rest) <= 1:
            run = _handed(Path(rest[0]) if rest else None)
        case ["worker", agent]:
            run = _warm(agent)
        case ["probe"]:
            run = _probe()
        case ["sweep"]:
            run = _sweep()
        case _:
            print(USAGE, file=sys.stderr)
            return MISUSED
    gc.freeze()
    gc.enable()
    return run()


def _launched() -> Callable[[], int]:
    from aiwebhook_runner.process.forked_child import ForkedChild
    from aiwebhook_runner.process.hardening import harden_supervisor

    harden_supervisor()
    forked = ForkedChild.fork()
    unseal()
    from aiwebhook_runner.run.launched import run_launched

    return lambda: run_launched(forked)


def _warm(agent: str) -> Callable[[], int]:
    unseal()
    from aiwebhook_runner.worker.warm import run_warm

    return lambda: run_warm(agent)


def _probe() -> Callable[[], int]:
    from aiwebhook_runner.run.probe import run_probe

    return run_probe


def _sweep() -> Callable[[], int]:
    """Kill what agents of dead supervisors left running on this machine."""
    from aiwebhook_runner.process.abandoned_users import end_abandoned
    from aiwebhook_runner.process.isolation import can_change_users

    def run() -> int:
        if can_change_users():
            end_abandoned()
        return 0

    return run


def _handed(config: Path | None) -> Callable[[], int]:
    unseal()
    from aiwebhook_runner.process.hardening import harden_supervisor
    from aiwebhook_runner.run.delegated_run import run_delegated

    def run() -> int:
        harden_supervisor()
        # Not sys.stdin: Python locks it at exit, while a thread may still be reading.
        messages = open(0, "rb", closefd=False)  # noqa: SIM115 - read to the end of the process
        return run_delegated(messages, config=config)

    return run


if __name__ == "__main__":
    # Exit at once: tearing modules down costs 20 ms, and all log lines are written.
    os._exit(main(sys.argv[1:]))
