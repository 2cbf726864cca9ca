"""`python -m aiwebhook_runner run` carries out the one run that the environment names; `… handed`
the one that a worker hands over on stdin."""

import sys
from pathlib import Path

from aiwebhook_runner.exits import ExitCode
from aiwebhook_runner.handed import run_handed
from aiwebhook_runner.hardening import harden_supervisor
from aiwebhook_runner.log import JsonLog
from aiwebhook_runner.runs_client import RunsClient
from aiwebhook_runner.settings import RunnerSettings, SettingsMissing, forget_own_secrets
from aiwebhook_runner.supervisor import Supervisor

USAGE = "usage: python -m aiwebhook_runner run | handed [CONFIG]"


def main(arguments: list[str]) -> int:
    """Returns the process exit code (see ExitCode)."""
    match arguments:
        case ["run"]:
            return run_launched()
        case ["handed", *rest] if len(rest) <= 1:
            harden_supervisor()
            # Not sys.stdin, which Python wants to lock when it exits: a thread still reads then.
            words = open(0, "rb", closefd=False)  # noqa: SIM115 - read to the end of the process
            return run_handed(words, config=Path(rest[0]) if rest else None)
        case _:
            print(USAGE, file=sys.stderr)
            return ExitCode.MISUSED


def run_launched() -> int:
    """The run of a container."""
    try:
        settings = RunnerSettings.from_env()
    except SettingsMissing as exc:
        print(exc, file=sys.stderr)
        return ExitCode.MISUSED
    forget_own_secrets()
    harden_supervisor()
    log = JsonLog(correlation_id=settings.correlation_id, task_id=settings.task_id)
    api = RunsClient(base_url=settings.api_url, correlation_id=settings.correlation_id)
    return Supervisor(settings=settings, api=api, log=log).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
