"""`python -m aiwebhook_runner run`: the run of a container, which its environment names."""

import sys

from aiwebhook_runner.exits import ExitCode
from aiwebhook_runner.lease.runs_client import RunsClient
from aiwebhook_runner.log import JsonLog
from aiwebhook_runner.process.hardening import harden_supervisor
from aiwebhook_runner.run.supervisor import Supervisor
from aiwebhook_runner.settings import RunnerSettings, SettingsMissing, forget_own_secrets


def run_launched() -> ExitCode:
    """Carry it out."""
    try:
        settings = RunnerSettings.from_env()
    except SettingsMissing as exc:
        sys.stderr.write(f"{exc}\n")
        return ExitCode.MISUSED
    forget_own_secrets()
    harden_supervisor()
    log = JsonLog(correlation_id=settings.correlation_id, task_id=settings.task_id)
    api = RunsClient(base_url=settings.api_url, correlation_id=settings.correlation_id)
    return Supervisor(settings=settings, api=api, log=log).run()
