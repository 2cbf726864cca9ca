"""Two projects on one stack: neither sees, changes or hears anything of the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aiwebhook.client import Client
from aiwebhook.errors import AiWebhookError, NotFound
from aiwebhook_local.stack import StackInfo
from tests.support.agents import QUICK
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant, tenant

Ask = Callable[[Client, str, str, str], object]
STRANGE_IDS: dict[str, Ask] = {
    "session": lambda c, s, _t, _a: c.session(s),
    "events": lambda c, s, _t, _a: c.events(s),
    "conversation": lambda c, s, _t, _a: c.get(f"/v1/sessions/{s}/conversation"),
    "append": lambda c, s, _t, _a: c.append_conversation(s, "Eve: hello"),
    "delete": lambda c, s, _t, _a: c.delete_session(s),
    "delegate": lambda c, s, _t, _a: c.delegate_task(s, agent_name="researcher", description="x"),
    "task": lambda c, _s, t, _a: c.task(t),
    "cancel": lambda c, _s, t, _a: c.change_task(t, "cancel"),
    "retry": lambda c, _s, t, _a: c.change_task(t, "retry"),
    "artifact": lambda c, _s, _t, a: c.artifact(a),
}


@pytest.mark.req("O7", "S1")
def test_what_belongs_to_one_project_does_not_exist_for_another(
    stack: StackInfo, project: Tenant, receiver: Receiver
) -> None:
    project.play("researcher", QUICK)
    mine = project.client.post("/v1/endpoints", {"url": receiver.url("/mine")})
    session_id = project.session()
    task_id = project.delegate(session_id, "researcher")
    project.ended(task_id)
    [artifact] = project.client.artifacts(session_id)["artifacts"]
    with tenant(stack) as stranger:
        stranger.client.post("/v1/endpoints", {"url": receiver.url("/strange")})
        told: dict[str, str] = {}
        for name, ask in STRANGE_IDS.items():
            with pytest.raises(AiWebhookError) as refused:
                ask(stranger.client, session_id, task_id, artifact["artifact_id"])
            told[name] = type(refused.value).__name__
        assert set(told.values()) == {NotFound.__name__}, told
        with pytest.raises(NotFound):
            stranger.client.get(f"/v1/endpoints/{mine['endpoint_id']}")
        for path, items in (("/v1/sessions", "sessions"), ("/v1/tasks", "tasks")):
            assert stranger.client.get(path)["data"][items] == []
        for path in ("/v1/events", "/v1/deliveries"):
            assert stranger.client.get(path)["items"] == []
        # The same names are free for everybody.
        assert stranger.session(session_id) == session_id
        assert stranger.client.session(session_id)["stats"]["tasks"] == 0

    receiver.of_task(task_id, "task.completed", path="/mine")
    assert {callback.path for callback in receiver.callbacks} == {"/mine"}
