"""`python -m aiwebhook_runner run`: the run of a container, which its environment names."""

import sys

from aiwebhook.client import Client, TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.exits import ExitCode
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
    log = JsonLog(
        service="runner", correlation_id=settings.correlation_id, task_id=settings.task_id
    )
    options = TransportOptions(retry=NO_RETRY, correlation_id=settings.correlation_id)
    client = Client(settings.api_url, options=options)
    return Supervisor(settings=settings, client=client, log=log).run()
