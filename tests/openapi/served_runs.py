"""The API, and beside it what leases.py asks for: runs, in a project of their own."""

from __future__ import annotations

import json

from aiwebhook.domain.lease import LEASE_S
from aiwebhook.ports.queue_rows import ClaimOrder
from tests.openapi.leases import MADE, Run
from tests.support.http_front import LambdaHandler
from tests.support.session_api import ApiDriver, Json

_AGENT = "claude_code"


class ServedRuns:
    """A Lambda handler. `accepted`: the last segments of the /v1/runs paths that answered 200."""

    def __init__(self, handler: LambdaHandler, driver: ApiDriver) -> None:
        self._handler = handler
        self._driver = driver
        self.accepted: set[str] = set()
        driver.sql("UPDATE agents SET max_concurrent = 10000")
        self._session_id = driver.session()
        session = f"/v1/sessions/{self._session_id}"
        driver.post(f"{session}/conversation", {"content": "We chose copper."})
        driver.post(f"{session}/memories", {"type": "fact", "content": "Copper is cheap."})

    def __call__(self, event: Json, context: object) -> Json:
        path: str = event["path"]
        action = path.rpartition("/")[-1]
        if path.startswith(MADE):
            return {"statusCode": 200, "headers": {}, "body": json.dumps(self._run_for(action))}
        reply = self._handler(event, context)
        if path.startswith("/v1/runs/") and reply["statusCode"] == 200:
            self.accepted.add(action)
        return reply

    def _run_for(self, action: str) -> Run:
        """The run that is next in the queue: one that was handed back, or the new one."""
        driver = self._driver
        task_id = driver.task(self._session_id, agent_name=_AGENT)
        if action == "claim":
            return Run(task_id=task_id, credential=driver.key, body={"agents": [_AGENT]})
        if action == "start":
            return self._launched()
        run = driver.claim(_AGENT).input
        task_id, token = run["task_id"], run["lease_token"]
        if action in ("heartbeats", "signals"):
            return Run(task_id=task_id, credential=driver.key, body={"leases": [token]})
        if action == "completions":
            report: Json = {"lease_token": token, "report": {}}
            return Run(task_id=task_id, credential=driver.key, body={"reports": [report]})
        if action == "messages":
            driver.post(f"/v1/tasks/{task_id}/reply", {"message": "Tin as well."})
        return Run(task_id=task_id, credential=token, body={})

    def _launched(self) -> Run:
        driver = self._driver
        order = ClaimOrder(
            project_id=driver.project_id, agent_name=_AGENT, limit=1, lease_s=LEASE_S
        )
        (launched,) = driver.api.runs.claim_tasks(order)
        code = driver.api.lease_keys().bootstrap_code(launched.attempt_id)
        body = {"bootstrap_code": code}
        return Run(task_id=launched.task_id, credential=driver.key, body=body)
