"""`python -m aiwebhook_runner run`: executes the run of a container, which its environment names,
from exchanging the bootstrap code to the exit code.
"""

import secrets
import sys
from queue import SimpleQueue

from aiwebhook.client import Client, Run, TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.domain.run import LeasedTask, RunInputUnreadable
from aiwebhook.errors import LeaseLost
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.lease.drain import Drain
from aiwebhook_runner.lease.retry import Deadline, GaveUp, RequestRefused, call_until_answered
from aiwebhook_runner.process.forked_child import ForkedChild
from aiwebhook_runner.run.leased_run import LeasedRunSupervision
from aiwebhook_runner.settings import RunnerSettings, SettingsMissing, forget_own_secrets


def run_launched(forked: ForkedChild | None) -> RunExitCode:
    """Call in a hardened supervisor; `forked` becomes the agent."""
    try:
        settings = RunnerSettings.from_env()
    except SettingsMissing as exc:
        sys.stderr.write(f"{exc}\n")
        return RunExitCode.MISUSED
    forget_own_secrets()
    log = JsonLog(
        service="runner", correlation_id=settings.correlation_id, task_id=settings.task_id
    )
    options = TransportOptions(retry=NO_RETRY, correlation_id=settings.correlation_id)
    client = Client(settings.api_url, options=options)
    return Supervisor(settings=settings, client=client, log=log, forked=forked).run()


class Supervisor:
    """Supervises exactly one run in this process: orphans of the agent are adopted process-wide, so
    two runs in one process could not be told apart. A worker starts one process per run.
    """

    def __init__(
        self,
        *,
        settings: RunnerSettings,
        client: Client,
        log: JsonLog,
        forked: ForkedChild | None = None,
    ) -> None:
        self._settings = settings
        self._forked = forked
        self._client = client
        self._log = log
        self._drain = Drain(SimpleQueue(), drain_s=settings.drain_s)

    def run(self) -> RunExitCode:
        """The exit code; does not raise for anything the agent or the API did."""
        self._drain.install()
        try:
            lease = self._start()
            run = LeasedTask.from_json(lease.input)
        except (RequestRefused, LeaseLost, RunInputUnreadable) as exc:
            self._log.warning("start_refused", reason=str(exc))
            return RunExitCode.REFUSED
        except GaveUp as exc:
            self._log.warning("start_unanswered", reason=str(exc))
            return RunExitCode.API_SILENT
        self._log.bind(attempt_id=run.attempt_id, agent=run.agent.name, epoch=run.lease_epoch)
        self._log.info("run_started", timeout_s=run.timeout_s)
        code = LeasedRunSupervision(
            settings=self._settings,
            run=run,
            lease=lease,
            log=self._log,
            drain=self._drain,
            forked=self._forked,
        ).carry_out()
        self._log.info("run_ended", exit=code.name.lower())
        return code

    def _start(self) -> Run:
        # Random, but the same for every try: the server gives the input again to the same worker if
        # its first answer was lost, and refuses everybody else the single-use code.
        worker_id = f"runner-{secrets.token_hex(8)}"
        silence = Deadline(self._settings.api_silence_s)
        return call_until_answered(
            lambda: self._client.start_run(
                task_id=self._settings.task_id,
                bootstrap_code=self._settings.bootstrap_code,
                worker_id=worker_id,
            ),
            give_up=self._drain.requested,
            within_s=silence.left_s,
        )
